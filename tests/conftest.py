"""What all tests share."""

from tests.drawing import studio

__all__ = ["studio"]
