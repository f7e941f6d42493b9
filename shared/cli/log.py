"""Beside the way of a datum: what a long-lived command says of its own work, on stderr, a line each."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from shared.formats.log_lines import json_line, text_line
from shared.telemetry import logger

FORMATS: Mapping[str, Callable[[logging.LogRecord], str]] = {"text": text_line, "json": json_line}


class _Formatter(logging.Formatter):
    def __init__(self, spell: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self._spell = spell

    def format(self, record: logging.LogRecord) -> str:
        return self._spell(record)


@contextmanager
def log_to(stream: TextIO, form: str) -> Iterator[None]:
    """Write our own lines to a stream meanwhile: `form` is one of `FORMATS`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(FORMATS[form]))
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
