"""What the tests of the app share."""

from tests.app.operated import operated

__all__ = ["operated"]
