"""What the blueprints share: a trigger's words, read. Imported when the first one fires, for it loads all the rest."""

import azure.functions as func

from shared.app.http import Answer
from shared.app.opened import the_app
from shared.app.planning import plan as plan_check
from shared.model import Check
from shared.telemetry import run_of


async def plan(check: str, timer: func.TimerRequest, context: func.Context) -> None:
    """Plan a check as a timer asks for it."""
    await plan_check(the_app(), Check(check), run=run(context), past_due=timer.past_due)


def run(context: func.Context) -> str:
    """Name the run that an invocation begins."""
    return run_of(context.trace_context.trace_parent)


def response(answer: Answer) -> func.HttpResponse:
    """Spell an answer as the host takes it."""
    return func.HttpResponse(
        answer.body, status_code=answer.status, mimetype="application/json", headers=dict(answer.headers)
    )
