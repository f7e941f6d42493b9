"""Timers: plan snapshot-currency for every target, often in the morning and hourly for the rest of the day."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.timer_trigger(arg_name="timer", schedule="%SNAPSHOT_CURRENCY_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def snapshot_currency(timer: func.TimerRequest, context: func.Context) -> None:
    """Plan the check in the morning."""
    from functions.triggers import plan

    await plan("snapshot-currency", timer, context)


@bp.timer_trigger(
    arg_name="timer", schedule="%SNAPSHOT_CURRENCY_HOURLY_SCHEDULE%", run_on_startup=False, use_monitor=True
)
async def snapshot_currency_hourly(timer: func.TimerRequest, context: func.Context) -> None:
    """Plan the check for the rest of the day."""
    from functions.triggers import plan

    await plan("snapshot-currency", timer, context)
