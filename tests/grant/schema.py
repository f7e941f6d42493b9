"""The JSON of a grant, as its readers rely on it."""

_TEXT = {"type": "string", "minLength": 1}
_MAYBE = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}


def _record(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


_STATES = ["there", "add", "added", "absent", "kept", "remove", "removed", "refused", "failed"]
GRANT = _record(
    schema={"const": "dawnwatch.grant/1"},
    action={"enum": ["grant", "revoke"]},
    outcome={"enum": ["nothing", "planned", "done", "refused", "elsewhere"]},
    acted={"type": "boolean"},
    tenant_id=_TEXT,
    caller=_TEXT,
    identities={
        "type": "array",
        "items": _record(
            object_id=_TEXT,
            client_id=_MAYBE,
            name=_MAYBE,
            targets=_TEXTS,
            permissions={
                "type": "array",
                "items": _record(
                    kind={"enum": ["graph_app_role", "azure_role"]},
                    name=_TEXT,
                    scope=_MAYBE,
                    why=_TEXT,
                    state={"enum": _STATES},
                    note=_MAYBE,
                    assignment_id=_MAYBE,
                    advice=_TEXTS,
                ),
            },
            administrator={"anyOf": [{"type": "null"}, _record(who=_TEXTS, command=_TEXT, by_hand=_TEXTS)]},
        ),
    },
    elsewhere={"type": "array", "items": _record(tenant_id=_TEXT, targets=_TEXTS, commands=_TEXTS)},
    notices=_TEXTS,
)
