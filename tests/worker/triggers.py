"""What each kind of trigger hands to its function, as the host writes it.

Source: Azure/azure-functions-host, src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageConversionExtensions.cs
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.worker.messages import Data, Http

HOST = "https://dawnwatch.azurewebsites.net"


@dataclass(frozen=True, slots=True)
class Trigger:
    """The value for the trigger's parameter, and what is told about it beside."""

    data: Data
    metadata: Mapping[str, Data] = field(default_factory=dict)


def timer(*, past_due: bool = False, last: datetime | None = None) -> Trigger:
    """A timer that fires: on time, or late because nobody was there when it was due."""
    now = datetime.now(UTC)
    status = {
        "Last": (last or now - timedelta(hours=1)).isoformat(),
        "Next": (now + timedelta(hours=1)).isoformat(),
        "LastUpdated": now.isoformat(),
    }
    info = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
    return Trigger(Data(json=json.dumps(info)))


def http(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Trigger:
    """A request. Header names come in lower case; `params` are the parts of the route; no body is not an empty one."""
    asked = f"?{urlencode(query)}" if query else ""
    request = Http(
        method=method,
        url=f"{HOST}{path}{asked}",
        headers={name.lower(): value for name, value in (headers or {}).items()},
        query={name: value for name, value in (query or {}).items() if value},
        params=params or {},
        body=Data(raw=body) if body else None,
    )
    return Trigger(Data(http=request))


def queue_message(
    body: str,
    *,
    message_id: str = "00000000-0000-4000-8000-000000000001",
    dequeue_count: int = 1,
    pop_receipt: str = "receipt",
    inserted_at: datetime | None = None,
    expires_at: datetime | None = None,
    visible_at: datetime | None = None,
) -> Trigger:
    """A message of a queue. Where it is a JSON object, its members stand among what is told about it, and before it."""
    now = datetime.now(UTC)
    metadata = {
        "QueueTrigger": Data(string=body),
        "Id": Data(string=message_id),
        "DequeueCount": Data(json=str(dequeue_count)),
        "PopReceipt": Data(string=pop_receipt),
        "InsertionTime": _instant(inserted_at or now),
        "ExpirationTime": _instant(expires_at or now + timedelta(days=7)),
        "NextVisibleTime": _instant(visible_at or now + timedelta(minutes=10)),
    }
    names = {name.lower(): name for name in metadata}
    for name, value in _members(body).items():
        metadata[names.get(name.lower(), name)] = value
    return Trigger(Data(string=body), metadata)


def _instant(at: datetime) -> Data:
    return Data(json=json.dumps(at.isoformat()))


def _members(body: str) -> dict[str, Data]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: _member(value) for name, value in found.items() if value is not None and not isinstance(value, list)}


def _member(value: object) -> Data:
    return Data(json=json.dumps(value)) if isinstance(value, dict) else Data(string=str(value))
