"""Transitions become CloudEvents 1.0 for Event Grid (pure), in batches that it takes."""

import json
import re
from collections.abc import Iterator, Sequence

from shared.model import Transition
from shared.notify.channel import Message
from shared.report import Json, finding_json, rfc3339
from shared.text import plain, shorten

BATCH_AT_MOST = (
    1_000_000  # bytes as the SDK writes them; Event Grid takes 1 MB, and the SDK adds a few bytes to each event
)
_EVENT_AT_MOST = BATCH_AT_MOST - 2  # and the batch's brackets
_SUBJECT_LIMIT = 512
_CUTS = ((16_384, 1_000), (2_048, 100), (256, 20), (64, 5))  # characters of a text and items of a list: try in turn


_SURROGATE = re.compile("[\ud800-\udfff]")


def source_of(target: str, workspace_id: str | None = None) -> str:
    """Return an event's source: the workspace's resource id, or a path that names the target."""
    return workspace_id or f"/dawnwatch/targets/{target}"


def render_events(message: Message, source: str) -> list[Json]:
    """Return one CloudEvent for each transition, each small enough for a batch."""
    return [_within_limit(_event(message.target, transition, source)) for transition in message.transitions]


def batches(events: Sequence[Json]) -> Iterator[list[Json]]:
    """Split events, in order, into lists whose JSON stays within BATCH_AT_MOST."""
    batch: list[Json] = []
    size = 2
    for event in events:
        event_size = wire_size(event) + 2  # and ", "
        if batch and size + event_size > BATCH_AT_MOST:
            yield batch
            batch, size = [], 2
        batch.append(event)
        size += event_size
    if batch:
        yield batch


def wire_size(event: object) -> int:
    """Return the bytes of its JSON as azure-eventgrid writes it: ASCII, a space after each separator."""
    return len(json.dumps(event))


def _event(target: str, transition: Transition, source: str) -> Json:
    finding = transition.finding
    subject = f"{finding.id}/{finding.subject.kind}/{finding.subject.id}"
    return {
        "specversion": "1.0",
        "type": f"dawnwatch.finding.{transition.kind}",
        "source": source,
        "id": transition.id,
        "time": rfc3339(transition.at),
        "subject": plain(subject, _SUBJECT_LIMIT),
        "datacontenttype": "application/json",
        "data": _well_formed({"target": target, "transition": transition.kind.value, **finding_json(finding)}),
    }


def _within_limit(event: Json) -> Json:
    """Shorten what is in the event, its texts and lists, until it fits; `data.shortened` says so."""
    if wire_size(event) + 2 <= _EVENT_AT_MOST:
        return event
    for text_limit, item_limit in _CUTS:
        cut = {**event, "data": {**_cut_members(event["data"], text_limit, item_limit), "shortened": True}}
        if wire_size(cut) + 2 <= _EVENT_AT_MOST:
            break
    return cut


def _cut_members(value: object, text_limit: int, item_limit: int) -> Json:
    members = list(value.items())[: max(item_limit, 20)] if isinstance(value, dict) else []
    return {shorten(str(key), 64): _cut(item, text_limit, item_limit) for key, item in members}


def _cut(value: object, text_limit: int, item_limit: int) -> object:
    if isinstance(value, str):
        return shorten(value, text_limit)
    if isinstance(value, list):
        return [_cut(item, text_limit, item_limit) for item in value[:item_limit]]
    return _cut_members(value, text_limit, item_limit) if isinstance(value, dict) else value


def _well_formed(value: object) -> object:
    """Replace halves of surrogate pairs: escapes in somebody's JSON can bring them, and no reader has to take them."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_well_formed(item) for item in value]
    if isinstance(value, dict):
        return {str(_well_formed(key)): _well_formed(item) for key, item in value.items()}
    return value
