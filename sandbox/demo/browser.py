"""Beside the demo: where this machine keeps a Chromium, Chrome or Edge. None is ever downloaded."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
)
_IN_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_IN_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> Path | None:
    """Return the first browser found: $CHROME, the path, then the places where installers put them."""
    return next((path for path in _candidates() if path.is_file()), None)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("CHROME"):
        yield Path(shutil.which(named) or named)
    for command in _COMMANDS:
        if found := shutil.which(command):
            yield Path(found)
    if sys.platform == "win32":
        roots = (os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
        yield from (Path(root, below) for root in roots if root for below in _IN_WINDOWS)
    if sys.platform == "darwin":
        yield from map(Path, _IN_MACOS)
