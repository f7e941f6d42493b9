"""Beside the demo: cards drawn by Microsoft's renderer in a browser, for pictures, and for tests that look at them."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sandbox.demo.browser import QUIET, find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright, Request

_HERE = Path(__file__).parent
_STAGE = '<!doctype html><html lang="en"><body style="margin:0"><div id="stage" class="card"></div></body></html>'
_DRAW = """([card, dark]) => {
  const place = document.getElementById("stage");
  const seen = Stage.draw(card, place, dark);
  return { ...seen, text: place.innerText, html: place.innerHTML, overflow: place.scrollWidth > place.clientWidth };
}"""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the renderer made of a card: its text and markup, its complaints, and what it asked the network for."""

    text: str
    html: str
    parse_events: tuple[str, ...]
    validation_events: tuple[str, ...]
    requests: tuple[str, ...]
    overflows: bool


class Studio:
    """A browser that draws cards and takes pictures; it lives in a thread of its own, beside any event loop.

    Raises:
        FileNotFoundError: this machine has no browser.
    """

    def __init__(self) -> None:
        found = find_browser()
        if found is None:
            raise FileNotFoundError("no Chromium, Chrome or Edge was found: install one, or name it in CHROME")
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._playwright, self._browser = self._do(lambda: _launch(found))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self._do(self._browser.close)
        self._do(self._playwright.stop)
        self._thread.shutdown()

    def draw(
        self, card: Mapping[str, object], *, png: Path | None = None, dark: bool = False, width: int = 600
    ) -> Drawing:
        """Draw the card `width` pixels wide, and save its picture where `png` says so."""
        return self._do(lambda: _draw(self._browser, card, png, dark, width))

    def picture(
        self, page: Path, png: Path, *, dark: bool = False, width: int = 1280, only: str | None = None
    ) -> tuple[str, ...]:
        """Save a picture of an HTML page, or of the element `only`; return what the page asked the network for."""
        return self._do(lambda: _picture(self._browser, page, png, dark, width, only))

    def _do[T](self, work: Callable[[], T]) -> T:
        return self._thread.submit(work).result()


@cache
def part(name: str) -> str:
    """Return the text of a file beside this one: the renderer, the stage's script and style."""
    return (_HERE / name).read_text(encoding="utf-8")


def _launch(browser: Path) -> "tuple[Playwright, Browser]":
    from playwright.sync_api import sync_playwright

    with ExitStack() as started:
        playwright = sync_playwright().start()
        started.callback(playwright.stop)
        opened = playwright.chromium.launch(executable_path=browser, args=list(QUIET))
        started.pop_all()
    return playwright, opened


def _draw(browser: "Browser", card: Mapping[str, object], png: Path | None, dark: bool, width: int) -> Drawing:
    page, requests = _page(browser, width, dark=dark)
    try:
        page.set_content(_STAGE)
        page.add_style_tag(content=part("stage.css"))
        page.add_script_tag(content=part("adaptivecards.min.js"))
        page.add_script_tag(content=part("stage.js").replace("const Stage", "var Stage"))
        seen = page.evaluate(_DRAW, [card, dark])
        if png is not None:
            page.locator("#stage").screenshot(path=png)
    finally:
        page.close()
    return Drawing(
        seen["text"], seen["html"], tuple(seen["parseEvents"]), tuple(seen["faults"]), tuple(requests), seen["overflow"]
    )


def _picture(browser: "Browser", path: Path, png: Path, dark: bool, width: int, only: str | None) -> tuple[str, ...]:
    page, requests = _page(browser, width, dark=dark)
    try:
        page.goto(path.resolve().as_uri())
        if only is None:
            page.screenshot(path=png, full_page=True)
        else:
            page.locator(only).screenshot(path=png)
    finally:
        page.close()
    return tuple(requests)


def _page(browser: "Browser", width: int, *, dark: bool) -> "tuple[Page, list[str]]":
    """Return a page, and the list in which it notes each address that it asks the network for."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
    requests: list[str] = []

    def note(request: "Request") -> None:
        if not request.url.startswith(("data:", "about:", "file:", "blob:")):
            requests.append(request.url)

    page.on("request", note)
    return page, requests
