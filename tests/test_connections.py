"""After a pass nothing is left open, and no page outlives its reading."""

import gc
import warnings
from pathlib import Path

import httpx
import pytest

from sandbox import Sandbox
from shared.config import load_settings
from shared.gather.connections import open_azure


async def test_the_connections_to_graph_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox("contoso") as box:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        config = tmp_path / "dawnwatch.toml"
        config.write_text(box.cloud_toml() + box.targets_toml() + 'credentials = "all"\n', encoding="utf-8")
        settings = load_settings(config, box.environment)
        target = settings.targets[0]
        gc.collect()
        gc.disable()  # what only a collection frees would still be there
        try:
            async with open_azure(settings.cloud, settings.limits, target, box.now, lambda pages, read: None) as azure:
                await azure.ask_graph("/applications", lambda answer: answer.body)
            assert not [one for one in gc.get_objects() if isinstance(one, httpx.Response)]
        finally:
            gc.enable()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ResourceWarning)
            gc.collect()
    assert not [str(one.message) for one in told if issubclass(one.category, ResourceWarning)]
