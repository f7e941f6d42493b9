"""Timers: deliver what is still pending, and plan the morning reports when they are due."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.timer_trigger(arg_name="timer", schedule="%DELIVERY_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def delivery(timer: func.TimerRequest, context: func.Context) -> None:
    """Deliver what is still pending."""
    from functions.triggers import run
    from shared.app.opened import the_app
    from shared.app.pending import deliver_pending

    await deliver_pending(the_app(), run=run(context), past_due=timer.past_due)


@bp.timer_trigger(arg_name="timer", schedule="%MORNING_REPORT_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def morning_report(timer: func.TimerRequest, context: func.Context) -> None:
    """Plan the morning reports when they are due."""
    from functions.triggers import run
    from shared.app.opened import the_app
    from shared.app.planning import plan_morning

    await plan_morning(the_app(), run=run(context), past_due=timer.past_due)
