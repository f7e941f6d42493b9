"""The configuration's whole way: text, TOML, environment, types. Nothing is settings until no mistake is left."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from shared.config.environment import WEBHOOK_VARIABLE, overlay, secret_mistakes
from shared.config.profiles import load_profiles
from shared.config.reading import Text
from shared.config.section import MistakeLog, Section
from shared.config.sections import read_channels, read_cloud, read_limits, read_report, read_silences
from shared.config.settings import Settings
from shared.config.source import find_source
from shared.config.targets import read_targets
from shared.config.toml import parse_toml
from shared.errors import ConfigError
from shared.expectations import Silence, Target
from shared.ledger.open import Credentials, default_credentials

_KNOWN = ("cloud", "limits", "report", "target", "silence", "notify")
_NAMES_SHOWN = 5


def load_settings(
    path: Path | str | None,
    environ: Mapping[str, str],
    *,
    notifying: bool = False,
    credentials: Credentials = default_credentials,
) -> Settings:
    """Read the configuration, profiles laid in.

    It is what `path` names: a file, a folder of them, or the address of a blob or of a folder of blobs. Without one it
    is the text of `DAWNWATCH_CONFIG_TOML`, what `DAWNWATCH_CONFIG` names, or `dawnwatch.toml` in the working directory.
    Single keys of `[cloud]`, `[limits]`, `[report]` and `[notify.*]` can come from the environment, which wins over the
    files: `DAWNWATCH_<SECTION>_<KEY>`, for example `DAWNWATCH_LIMITS_PATIENCE_S`, `DAWNWATCH_CLOUD_SCOPES_GRAPH` or
    `DAWNWATCH_NOTIFY_TEAMS_MIN_SEVERITY`. An empty variable counts as unset. With `notifying`, a channel that cannot be
    reached for want of a secret is a mistake too. `credentials` makes what signs in to the blob's storage.

    Raises:
        ConfigError: with every mistake, each with file and key; those of variables have "environment" as their file.
        ConfigUnavailableError: it is in a storage account that does not answer now.
    """
    source = find_source(path, environ, credentials)
    reading = source.read()
    log = MistakeLog(source.name, list(reading.mistakes))
    files = _parse(reading.texts, log)
    if not files:
        log.raise_if_any()
    is_whole = not log.mistakes
    overlay([raw for _, raw in files], environ, log)
    roots = [Section(raw, "", log.under(file), _KNOWN) for file, raw in files]
    settings = _read(roots, environ)
    if is_whole and not any(root.raw.get("target") for root in roots):
        log.note("target", "is missing: list at least one [[target]] with name, tenant_id and workspace_id")
    if notifying and settings.teams is not None:
        log.mistakes.extend(secret_mistakes(environ))
    if notifying and is_whole and settings.teams is None and settings.event_grid is None:
        log.note("notify", f"is missing: there is no channel; add [notify.event_grid], or set {WEBHOOK_VARIABLE}")
    log.raise_if_any()
    return settings


def _parse(texts: Iterable[Text], log: MistakeLog) -> list[tuple[str, dict[str, object]]]:
    """Each file that is TOML; one that is none keeps no other from being read."""
    files: list[tuple[str, dict[str, object]]] = []
    for text in texts:
        try:
            files.append((text.file, parse_toml(text)))
        except ConfigError as error:
            log.mistakes.extend(error.mistakes)
    return files


def _read(roots: Sequence[Section], environ: Mapping[str, str]) -> Settings:
    cloud = read_cloud(roots)
    teams, event_grid = read_channels(roots, has_webhook=bool(environ.get(WEBHOOK_VARIABLE, "").strip()))
    targets, silences = read_targets(roots, cloud.portal), read_silences(roots)
    return Settings(
        targets=targets,
        cloud=cloud,
        limits=read_limits(roots),
        report=read_report(roots),
        silences=silences,
        teams=teams,
        event_grid=event_grid,
        notices=(*_retired(targets), *_empty(targets), *_aimless(silences, targets)),
    )


def _retired(targets: Sequence[Target]) -> Iterable[str]:
    """A notice for each retired profile in use."""
    for profile in load_profiles().values():
        if profile.retired is not None:
            users = [target.name for target in targets if profile.name in target.profiles]
            if users:
                yield f"Profile {profile.name}, used by {_names(users)}: {profile.notice}"


def _empty(targets: Sequence[Target]) -> Iterable[str]:
    """A notice where a target expects nothing, so that nothing can be wrong with it."""
    empty = [target.name for target in targets if target.expects_nothing]
    if empty:
        yield f"Nothing is expected of {_names(empty)}: give it a profile, or roles, apps or snapshots of its own."


def _aimless(silences: Sequence[Silence], targets: Sequence[Target]) -> Iterable[str]:
    """A notice for each silence whose target glob matches no target."""
    names = {target.name for target in targets}
    for silence in silences:
        glob = (silence.target or "*").lower()
        if glob not in names and not any(fnmatchcase(name, glob) for name in names):
            yield f"The silence of {silence.id} names the target {silence.target}; there is none: it silences nothing."


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else shown
