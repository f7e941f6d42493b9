"""A browser for tests that look at what people will see."""

from collections.abc import Iterator

import pytest

from sandbox.demo.browser import find_browser
from sandbox.demo.draw import Studio


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    if find_browser() is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine: cards are not drawn (name one in CHROME)")
    with Studio() as opened:
        yield opened
