"""Beside the commands: questions to a person, asked on stderr with numbered answers and read from the terminal."""

import sys
from collections.abc import Callable, Sequence

from shared.cli.command import UsageError
from shared.cli.streams import say
from shared.text import plain

_OPTION_LIMIT = 160


class Questions:
    """Asks until an answer makes sense. What is offered can be anybody's text: it is shown inert."""

    def one(self, question: str, options: Sequence[str], default: int) -> int:
        """Let one of `options` be chosen; the result is its index."""
        _offer(question, options)

        def read(text: str) -> int:
            return default if not text else _number(text, len(options))

        return _ask(f"Number [{default + 1}]: ", read, f"Answer with a number from 1 to {len(options)}.")

    def some(self, question: str, options: Sequence[str], default: Sequence[int]) -> list[int]:
        """Let some of `options` be chosen, one at least; the result is their indices in order."""
        _offer(question, options)
        usual = ", ".join(str(index + 1) for index in default)

        def read(text: str) -> list[int]:
            if not text:
                return list(default)
            if text.lower() == "all":
                return list(range(len(options)))
            return sorted({_number(part, len(options)) for part in text.replace(",", " ").split()})

        hint = f"Answer with numbers from 1 to {len(options)}, such as 1, 3, or with all."
        return _ask(f"Numbers, or all [{usual}]: ", read, hint)

    def yes(self, question: str) -> bool:
        """Let somebody agree, which is the default, or not."""
        answers = {"": True, "y": True, "yes": True, "n": False, "no": False}
        return _ask(f"{question} [Y/n]: ", lambda text: answers[text.lower()], "Answer with y or n.")


def questions_at_terminal() -> Questions | None:
    """The questions, where there is a person to ask: both ends are a terminal."""
    return Questions() if sys.stdin.isatty() and sys.stderr.isatty() else None


def _offer(question: str, options: Sequence[str]) -> None:
    say(question)
    for number, option in enumerate(options, start=1):
        say(f"{number}. {plain(option, _OPTION_LIMIT)}")


def _number(text: str, count: int) -> int:
    number = int(text)
    if not 1 <= number <= count:
        raise ValueError(text)
    return number - 1


def _ask[T](prompt: str, read: Callable[[str], T], hint: str) -> T:
    """Ask until `read` takes the answer: a KeyError or ValueError of its means that it does not.

    Raises:
        UsageError: no answer will come.
    """
    while True:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        try:
            return read(input().strip())
        except EOFError:
            raise UsageError("\nThe input ended without an answer. Answer by options: see --help.") from None
        except (KeyError, ValueError):
            say(hint)
