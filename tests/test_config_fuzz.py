"""Whatever stands in the file, reading it gives settings or a ConfigError, and nothing else."""

import contextlib
import unicodedata
from datetime import date, datetime, time
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.config.identity import IDENTITY_KEYS
from shared.config.load import load_settings
from shared.config.rows import APP_KEYS, PERMISSION_KEYS, ROLE_KEYS, SNAPSHOT_KEYS
from shared.config.section import MistakeLog, Section
from shared.config.targets import TARGET_KEYS, read_targets
from shared.errors import ConfigError
from tests.config_texts import TENANT, WORKSPACE

KEYS = st.sampled_from(
    (*TARGET_KEYS, *ROLE_KEYS, *APP_KEYS, *PERMISSION_KEYS, *SNAPSHOT_KEYS, *IDENTITY_KEYS, "https://x?sig=1")
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(4000, 5000).map(lambda digits: 10**digits),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["contoso", TENANT, WORKSPACE, "desktop-analytics", "connection", "all", "08:00", "Reader"]),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.dates(),
    st.times(),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_target_is_read_or_has_its_mistakes_noted(raw: dict[str, object]) -> None:
    log = MistakeLog("file")
    targets = read_targets([Section({"target": [raw]}, "", log, ("target",))], "https://portal.azure.com")
    assert len(targets) == 1
    for mistake in log.mistakes:
        assert not [char for char in str(mistake) if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}]
        assert len(mistake.problem) < 600
        assert "sig=1" not in str(mistake)


SECTIONS = st.sampled_from(
    ["cloud", "limits", "report", "target", "silence", "notify", "notify.teams", "notify.event_grid"]
)


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(toml(item) for item in cast('list[object]', value))}]"
    if isinstance(value, int):
        return hex(value) if value >= 0 else "-1"
    return str(value) if isinstance(value, float) else '"x"'


LINES = st.builds(
    "{} = {}".format, st.sampled_from(["name", "graph", "patience_s", "until", "topic", "report_at"]), VALUES.map(toml)
)
TEXTS = st.lists(
    LINES | st.builds("[{}]".format, SECTIONS) | st.builds("[[{}]]".format, SECTIONS) | st.text(max_size=9)
)


@given(
    TEXTS.map("\n".join), st.dictionaries(st.sampled_from(["LIMITS_PATIENCE_S", "REPORT_CARDS"]), st.text(max_size=5))
)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_settings_or_a_config_error(text: str, given_by_environment: dict[str, str]) -> None:
    environ = {f"DAWNWATCH_{key}": value for key, value in given_by_environment.items()}
    with contextlib.suppress(ConfigError):
        load_settings(None, {"DAWNWATCH_CONFIG_TOML": text or "#", **environ})
