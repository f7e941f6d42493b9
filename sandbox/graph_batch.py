"""Batches of calls to Microsoft Graph: each part answered by itself, and all of them in no particular order."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.entities import Entity
from sandbox.faults import Faults
from sandbox.graph_call import throttled
from sandbox.web import Answer, Call, RefusedError, answer

_LIMIT = 20


class Batches:
    """Takes batches apart; `serve` answers one part, `refuse` gives a refusal its shape."""

    def __init__(
        self, faults: Faults, serve: Callable[[Call], Answer], refuse: Callable[[RefusedError], Answer]
    ) -> None:
        self.faults = faults
        self.serve = serve
        self.refuse = refuse
        self._shuffle = Random(20)  # noqa: S311  # the order of a batch's answers, no secret

    def answer(self, call: Call) -> Answer:
        """Answer each part."""
        asked = call.json()
        requests = asked.get("requests") if isinstance(asked, dict) else None
        if not isinstance(requests, list) or not all(isinstance(part, dict) for part in requests):
            raise RefusedError(400, "BadRequest", "Invalid batch payload format.")
        if len(requests) > _LIMIT:
            message = f"Number of batch request steps exceeds the maximum value of {_LIMIT}."
            raise RefusedError(400, "BadRequest", message)
        responses = [self._part(call, part) for part in requests]
        self._shuffle.shuffle(responses)
        return answer({"responses": responses})

    def _part(self, call: Call, part: Mapping[str, Any]) -> Entity:
        url = urlsplit(str(part.get("url", "")))
        headers = {str(key).lower(): str(value) for key, value in (part.get("headers") or {}).items()}
        inner = Call(
            method=str(part.get("method", "GET")).upper(),
            path="/v1.0/" + unquote(url.path).lstrip("/"),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={"authorization": call.headers.get("authorization", "")} | headers,
            body=json.dumps(part["body"]).encode() if "body" in part else b"",
            origin=call.origin,
        )
        given = self._part_answer(inner)
        return {
            "id": str(part.get("id", "")),
            "status": given.status,
            "headers": {"Content-Type": given.content_type, **given.headers},
            "body": json.loads(given.body) if given.body else None,
        }

    def _part_answer(self, inner: Call) -> Answer:
        fault = self.faults.strike("graph", inner.path, inside_batch=True)
        try:
            if fault is not None:
                raise throttled(fault.retry_after)
            return self.serve(inner)
        except RefusedError as refusal:
            return self.refuse(refusal)
