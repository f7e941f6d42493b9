"""What the package holds, as data: which of our own files run in Azure, and what of the libraries is left out, and why.

A pattern is a path in the work tree, or in site-packages; `**` stands for any number of folders. Left out is only what
nothing can reach: what a rare path might import (another kind of credential, a retry, an error) stays.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from glob import translate

PYTHON = (3, 13)
SITE_PACKAGES = ".python_packages/lib/site-packages"
HOME = "/home/site/wwwroot"
"""Where Azure puts the package."""

OWN = (
    "function_app.py",
    "host.json",
    "requirements.txt",
    "LICENSE",
    "dawnwatch.toml",
    "config/**/*.toml",
    "functions/**/*.py",
    "shared/**/*.py",
    "shared/**/*.toml",
)
"""Of the work tree; `dawnwatch.toml` and the folder `config` where they are there."""

FUNCIGNORE = """\
# Nothing: what is here was chosen. Without this file azd leaves out __pycache__, and each start compiles anew.
"""


@dataclass(frozen=True)
class LeftOut:
    """Files that are not deployed, and why nothing misses them."""

    patterns: tuple[str, ...]
    reason: str

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile("|".join(translate(p, recursive=True, include_hidden=True, seps="/") for p in self.patterns))

    def has(self, path: str) -> bool:
        """Whether a file is one of them."""
        return self._expression.match(path) is not None


OWN_LEFT_OUT = (
    LeftOut(("shared/cli/**", "shared/formats/*table.py"), "the `dawnwatch` command, and what it draws with rich"),
)

LIBRARIES_LEFT_OUT = (
    LeftOut(
        ("msgraph/generated/*/**",),
        "Microsoft Graph's request builders and models: the SDK imports one only where it is asked for by name, and we "
        "send requests of our own through its adapter and decode the bytes",
    ),
    LeftOut(("msgraph/generated/kiota-*",), "the generator's own notes"),
    LeftOut(
        (
            "azure/mgmt/authorization/v2015_06_01/**",
            "azure/mgmt/authorization/v2018_*/**",
            "azure/mgmt/authorization/v2020_04_01_preview/**",
            "azure/mgmt/authorization/v2020_10_01_preview/**",
            "azure/mgmt/authorization/v2021_0[37]_01_preview/**",
            "azure/mgmt/authorization/v2022_0[458]_01_preview/**",
        ),
        "API versions that no group of operations has as its default, and that we ask for nowhere",
    ),
    LeftOut(
        (
            *("rich/**", "rich-*.dist-info/**", "pygments/**", "pygments-*.dist-info/**"),
            *("markdown_it/**", "markdown_it_py-*.dist-info/**", "mdurl/**", "mdurl-*.dist-info/**"),
        ),
        "tables in a terminal, for the `dawnwatch` command (httpx has a command that would use it too)",
    ),
    LeftOut(("**/tests/**",), "the libraries' own tests"),
    LeftOut(("**/*.pyi", "**/py.typed", "wrapt-stubs/**"), "types, for checkers"),
    LeftOut(("**/*.c", "**/*.h", "**/*.pyx", "**/*.pxd", "**/*.pxi"), "sources of what is there compiled"),
    LeftOut(("*.dist-info/RECORD",), "what an installer would remove; METADATA, entry points and licences stay"),
)


def is_left_out(path: str, rules: Iterable[LeftOut]) -> bool:
    """Whether any rule leaves a file out."""
    return any(rule.has(path) for rule in rules)


def table() -> list[str]:
    """Print the rules as docs/package.md shows them."""
    rules = (*OWN_LEFT_OUT, *LIBRARIES_LEFT_OUT)
    rows = [f"| {', '.join(f'`{p}`' for p in rule.patterns)} | {rule.reason} |" for rule in rules]
    return ["| left out | why nothing misses it |", "| --- | --- |", *rows]
