"""What all tests share."""

from tests.azurite import azurite, own_azurite
from tests.azurite_tls import tls_azurite
from tests.drawing import studio
from tests.ingestion import ingestion
from tests.watching import watching

__all__ = ["azurite", "ingestion", "own_azurite", "studio", "tls_azurite", "watching"]
