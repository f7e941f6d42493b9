"""The README's pictures, drawn from the demo itself: `python -m sandbox.demo.pictures FOLDER`."""

import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

from sandbox.demo.draw import Studio
from sandbox.demo.play import play, write_page


def main(folder: Path) -> None:
    """Play the morning, and draw its timeline and two of its cards into `folder`."""
    moments = play(Console(file=StringIO()))
    cards = {f"{moment.at:%H%M}": card for moment in moments for card in moment.cards}
    folder.mkdir(parents=True, exist_ok=True)
    with Studio() as studio, tempfile.TemporaryDirectory() as scratch:
        page = write_page(moments, Path(scratch))
        studio.picture(page, folder / "morning.png", width=1000, only="header")
        for time in ("0510", "0800"):
            studio.draw(cards[time], png=folder / f"card-{time}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
