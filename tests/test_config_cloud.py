"""The cloud and the limits alone: of a file without targets, or of the environment."""

from pathlib import Path

import pytest

from shared.config import CloudName, CloudSettings, Limits, load_cloud
from shared.errors import ConfigError
from tests.config_texts import write


def test_the_rest_of_a_file_is_not_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path, "[cloud]\nname = 'usgov'\n[limits]\npatience_s = 5\n[[target]]\nname = 'NO'\n[moon]\n")
    assert load_cloud(path, {}) == (CloudSettings(name=CloudName.USGOV), Limits(patience_s=5))


def test_without_a_file_the_environment_says(tmp_path: Path) -> None:
    environ = {"DAWNWATCH_CONFIG": str(tmp_path / "none.toml")}
    assert load_cloud(None, environ) == (CloudSettings(), Limits())
    assert load_cloud(None, {"DAWNWATCH_CLOUD_NAME": "china"})[0].name is CloudName.CHINA


@pytest.mark.parametrize(
    ("text", "environ", "mistakes"),
    [
        ("[cloud]\nname = 'moon'\n[limits]\npatience = 5\n", {}, ["cloud.name", "limits.patience"]),
        (
            "[cloud]\nname = 'custom'\n",
            {},
            [f"cloud.{key}" for key in ("authority", "resource_manager", "graph", "log_analytics")],
        ),
        ("", {"DAWNWATCH_CLOUD_NAME": "moon"}, ["DAWNWATCH_CLOUD_NAME"]),
        ("[cloud", {}, ["line 1, its end"]),
    ],
)
def test_mistakes_in_them_are_named(tmp_path: Path, text: str, environ: dict[str, str], mistakes: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        load_cloud(write(tmp_path, text), environ)
    assert [mistake.key for mistake in raised.value.mistakes] == mistakes
