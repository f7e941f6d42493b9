"""The least that is a Functions app: one timer."""

import azure.functions as func

app = func.FunctionApp()


@app.timer_trigger(schedule="0 0 * * * *", arg_name="timer")
def tick(timer: func.TimerRequest) -> None:
    """Do nothing."""
