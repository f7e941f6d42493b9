"""What all tests share."""

from tests.azurite import azurite, own_azurite
from tests.drawing import studio

__all__ = ["azurite", "own_azurite", "studio"]
