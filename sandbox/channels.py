"""Where messages end: a Teams workflow's webhook and an Event Grid topic."""

import hmac
from typing import Any

from sandbox import rights
from sandbox.web import Answer, Call, RefusedError, answer
from sandbox.world import Event, TeamsMessage, World

WORKFLOW = "/workflows/5f0e0a6b2c7d4e3f9a8b7c6d5e4f3a2b/triggers/manual/paths/invoke"
TEAMS_LIMIT = 28 * 1024
EVENT_GRID_LIMIT = 1024 * 1024


class Teams:
    """The trigger "When a Teams webhook request is received"."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, call: Call) -> Answer:
        """Take a message: 202 whatever is in it, as the workflow only runs afterwards."""
        signed = hmac.compare_digest(call.query.get("sig", ""), self.world.workflow_signature)
        if not signed or "authorization" in call.headers:
            message = "The request must be authenticated only by Shared Access scheme."
            raise RefusedError(401, "DirectApiAuthorizationRequired", message)
        if call.path != WORKFLOW or call.method != "POST":
            raise RefusedError(404, "WorkflowNotFound", "The workflow could not be found.")
        content = call.json()
        self.world.teams.append(TeamsMessage(content, len(call.body), _would_fail(content, len(call.body))))
        return Answer(202, headers={"x-ms-workflow-run-id": f"run-{len(self.world.teams)}"})

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as Logic Apps writes it."""
        return answer({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status, refusal.headers)


def _would_fail(content: Any, size: int) -> str | None:
    """Why the workflow's run would fail, which only its history tells."""
    if size > TEAMS_LIMIT:
        return f"{size} bytes are more than {TEAMS_LIMIT}"
    if not isinstance(content, dict):
        return "the body is no JSON object"
    kinds = [part.get("contentType") for part in content.get("attachments", []) if isinstance(part, dict)]
    if "text" not in content and kinds != ["application/vnd.microsoft.card.adaptive"]:
        return "it holds neither a text nor one adaptive card"
    return None


class EventGrid:
    """A custom topic that takes CloudEvents 1.0."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, call: Call) -> Answer:
        """Take a batch, all of it or nothing."""
        self._authorise(call)
        if len(call.body) > EVENT_GRID_LIMIT:
            raise RefusedError(413, "RequestEntityTooLarge", "The maximum size (1048576) has been exceeded.")
        if call.method != "POST" or "api-version" not in call.query:
            raise RefusedError(400, "BadRequest", "The api-version query parameter is missing.")
        content = call.json()
        events = content if isinstance(content, list) else [content]
        for position, event in enumerate(events):
            _check_event(position, event)
        self.world.events.extend(Event(event["id"], event["type"], event["source"], event) for event in events)
        return Answer(200)

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as a topic writes it."""
        detail = {"code": refusal.code, "message": refusal.message}
        return answer({"error": detail | {"details": [detail]}}, refusal.status, refusal.headers)

    def _authorise(self, call: Call) -> None:
        key = call.headers.get("aeg-sas-key")
        if key is not None:
            if not hmac.compare_digest(key, self.world.topic_key):
                raise RefusedError(
                    401, "Unauthorized", "The request authorization key is not authorized for this topic."
                )
            return
        unauthorised = RefusedError(401, "Unauthorized", "The request's token is missing, expired or for someone else.")
        caller = self.world.caller(
            call, "event_grid", dict.fromkeys(("missing", "invalid", "expired", "audience"), unauthorised)
        )
        if not rights.may_send(caller.tenant, caller.identity):
            raise RefusedError(
                403, "Forbidden", "The principal associated with the access token is not authorized to send."
            )


def _check_event(position: int, event: Any) -> None:
    """Source: CloudEvents 1.0, required attributes."""
    if not isinstance(event, dict):
        raise RefusedError(400, "BadRequest", f"This resource is configured for CloudEvents; event {position} is none.")
    for attribute in ("id", "source", "type", "specversion"):
        if not isinstance(event.get(attribute), str) or not event[attribute]:
            raise RefusedError(400, "BadRequest", f"Event {position}: the required attribute '{attribute}' is missing.")
    if event["specversion"] != "1.0":
        raise RefusedError(400, "BadRequest", f"Event {position}: specversion has to be '1.0'.")
    if "data" in event and "data_base64" in event:
        raise RefusedError(400, "BadRequest", f"Event {position}: data and data_base64 exclude each other.")
