"""Timer: plans service-health for every target."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.timer_trigger(arg_name="timer", schedule="%SERVICE_HEALTH_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def service_health(timer: func.TimerRequest, context: func.Context) -> None:
    """Plan the check."""
    from functions.triggers import plan

    await plan("service-health", timer, context)
