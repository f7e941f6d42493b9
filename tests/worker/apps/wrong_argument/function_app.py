"""An app that no worker can index: a function's parameter has another name than its binding."""

import azure.functions as func

app = func.FunctionApp()


@app.timer_trigger(schedule="%TICK_SCHEDULE%", arg_name="timer")
def tick(timr: func.TimerRequest) -> None:
    """Never run."""
