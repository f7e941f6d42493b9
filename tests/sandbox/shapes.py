"""Compares answers with official samples: which keys and types differ."""

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    """An official payload; the body of the answer where it is a specification's example."""
    content = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return content["responses"]["200"]["body"] if "responses" in content and "parameters" in content else content


def differences(official: Any, ours: Any, *, ignoring: frozenset[str] = frozenset(), at: str = "$") -> list[str]:
    """Keys of the official payload that ours lacks, and values of another type; null goes with everything."""
    if official is None or ours is None or (not (official or ours) and type(official) is type(ours)):
        return []
    if isinstance(official, dict) and isinstance(ours, dict):
        found = [f"{at}.{key} is missing" for key in official if key not in ours and key not in ignoring]
        for key in official.keys() & ours.keys() - ignoring:
            found += differences(official[key], ours[key], ignoring=ignoring, at=f"{at}.{key}")
        return found
    if isinstance(official, list) and isinstance(ours, list):
        return differences(official[0], ours[0], ignoring=ignoring, at=f"{at}[0]") if official and ours else []
    same = type(official) is type(ours)
    return [] if same else [f"{at} is {type(ours).__name__}, officially {type(official).__name__}"]
