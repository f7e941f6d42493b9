"""From a configuration's text to TOML; what is none is told with its line."""

import re
import tomllib

from shared.config.reading import Text
from shared.errors import ConfigError, Mistake
from shared.text import plain


def parse_toml(text: Text) -> dict[str, object]:
    """The text as TOML.

    Raises:
        ConfigError: it is none; the mistake's key is the line.
    """
    try:
        return tomllib.loads(text.text)
    except RecursionError:
        problem, place = "is nested too deeply", ""
    except ValueError as error:
        problem, place = _syntax(str(error), text.text)
    raise ConfigError([Mistake(text.file, place, problem)])


def _syntax(message: str, text: str) -> tuple[str, str]:
    """What tomllib says, and where: "(at line 3, column 4)" or "(at end of document)"."""
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found is None:
        return f"is not TOML: {plain(message, 120)}", ""
    place = f"line {found[1]}, column {found[2]}" if found[1] else f"line {text.count('\n') + 1}, its end"
    return f"is not TOML: {plain(message[: found.start()], 120)}", place
