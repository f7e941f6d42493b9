"""What all tests share."""

from tests.drawing import studio
from tests.watching import watching

__all__ = ["studio", "watching"]
