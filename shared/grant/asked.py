"""What the command line and the environment ask for, read in one go: every mistake is named at once."""

import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.config import values
from shared.config.values import WrongValueError
from shared.errors import ConfigError, Mistake
from shared.text import plain

COMMAND_LINE = "command line"
ENVIRONMENT = "environment"
IDENTITY_VARIABLE = "DAWNWATCH_IDENTITY_PRINCIPAL_ID"
WORKSPACES_VARIABLE = "DAWNWATCH_WORKSPACES"
TOPIC_VARIABLE = "DAWNWATCH_TOPIC_ID"

_NAME_AT_MOST = 80
_READS = re.compile(r"(?:[A-Za-z]+(?:-[A-Za-z]+)?\.)+Read(?:Basic)?(?:\.[A-Za-z]+)*")
_TOPIC = re.compile(
    r"/subscriptions/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/resourceGroups/[\w.()-]{1,90}"
    r"/providers/Microsoft\.EventGrid/topics/[A-Za-z0-9-]{3,50}",
    re.IGNORECASE,
)
_topic_text = values.matching(
    _TOPIC,
    "the topic's resource id, /subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.EventGrid/topics/<name>",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was said: what its mistakes are filed under."""

    file: str
    key: str

    def mistake(self, problem: str) -> Mistake:
        """One mistake in it."""
        return Mistake(self.file, self.key, problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for; ids are well formed, though nobody knows yet whether they are of anything.

    `workspaces` maps resource ids to where they were said. Those of the command line stand alone (`alone`); to those of
    the environment come those of the configuration.
    """

    identity: str | None
    identity_origin: Origin
    workspaces: Mapping[str, Origin]
    alone: bool
    graph_roles: tuple[str, ...] = ()
    topic: str | None = None
    topic_origin: Origin = Origin(COMMAND_LINE, "--topic")

    @property
    def is_fresh(self) -> bool:
        """Whether the identity comes from a deployment, which may have made it a moment ago."""
        return self.identity_origin.file == ENVIRONMENT


def read_asked(args: Namespace, environ: Mapping[str, str]) -> Asked:
    """Read the options, and the environment where an option is not there. An empty variable says nothing.

    Raises:
        ConfigError: with every mistake.
    """
    mistakes: list[Mistake] = []
    identity, identity_origin = _one(args.identity, "--identity", environ, IDENTITY_VARIABLE)
    topic, topic_origin = _one(args.topic, "--topic", environ, TOPIC_VARIABLE)
    named = {plain(text, 512): Origin(COMMAND_LINE, "--workspace") for text in args.workspace or ()}
    spoken = environ.get(WORKSPACES_VARIABLE, "").split(",")
    others = {text.strip(): Origin(ENVIRONMENT, WORKSPACES_VARIABLE) for text in spoken if text.strip()}
    roles = {text: Origin(COMMAND_LINE, "--graph-role") for text in args.graph_role or ()}
    asked = Asked(
        identity=_read(identity, identity_origin, _identity, mistakes),
        identity_origin=identity_origin,
        workspaces=_read_all(named or others, values.workspace_id, mistakes),
        alone=bool(named),
        graph_roles=tuple(_read_all(roles, _reading_role, mistakes)),
        topic=_read(topic, topic_origin, lambda text: _topic_text(str(text).rstrip("/")), mistakes),
        topic_origin=topic_origin,
    )
    if mistakes:
        raise ConfigError(mistakes)
    return asked


def _one(given: str | None, option: str, environ: Mapping[str, str], variable: str) -> tuple[str | None, Origin]:
    if given is None and environ.get(variable, "").strip():
        return environ[variable].strip(), Origin(ENVIRONMENT, variable)
    return given, Origin(COMMAND_LINE, option)


def _read(text: str | None, origin: Origin, read: values.Reader[str], mistakes: list[Mistake]) -> str | None:
    if text is None:
        return None
    try:
        return read(text)
    except WrongValueError as wrong:
        mistakes.extend(origin.mistake(problem) for _, problem in wrong.problems)
        return None


def _read_all(texts: Mapping[str, Origin], read: values.Reader[str], mistakes: list[Mistake]) -> dict[str, Origin]:
    """Read each; what differs in case alone is the same, and is read once."""

    def each() -> Iterator[tuple[str, Origin]]:
        for text, origin in texts.items():
            value = _read(text, origin, read, mistakes)
            if value is not None:
                yield value, origin

    found = {value.lower(): (value, origin) for value, origin in each()}
    return dict(found.values())


def _identity(text: object) -> str:
    try:
        return values.text(text)
    except WrongValueError:
        raise WrongValueError(("", "must be an object id, a client id or a display name, on one line")) from None


def _reading_role(text: object) -> str:
    """An application permission that only reads: Dawnwatch has no use for any other."""
    if isinstance(text, str) and len(text) <= _NAME_AT_MOST and _READS.fullmatch(text):
        return text
    problem = f"{values.quote(text)} is no permission to read: name one such as ServiceHealth.Read.All"
    raise WrongValueError(("", problem))
