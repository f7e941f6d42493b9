"""The progress line: on a terminal, and nowhere else."""

from io import StringIO

from shared.cli.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_sees_nothing() -> None:
    stream = StringIO()
    with Progress(stream) as progress:
        progress.advance(1, 999)
    assert stream.getvalue() == ""
    assert (progress.pages, progress.objects) == (1, 999)


def test_the_line_counts_pages_objects_and_their_rate() -> None:
    instants = iter([0.0, 0.0, 2.0])
    with Progress(StringIO(), clock=lambda: next(instants)) as progress:
        progress.advance(1, 999)
        progress.advance(1, 501)
        assert progress.line() == "Read 2 pages, 1,500 objects (750 a second)"


def test_a_terminal_sees_the_line_and_is_left_clean() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        progress.advance(1, 999)
    assert "Read 1 page, 999 objects" in stream.getvalue()
