"""Says back what it is told: each function returns or logs what the worker made of its trigger."""

import asyncio
import json
import logging
import os
import socket

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
logger = logging.getLogger(__name__)
meeting = asyncio.Event()


@app.timer_trigger(schedule="%TICK_SCHEDULE%", arg_name="timer", run_on_startup=False, use_monitor=True)
def tick(timer: func.TimerRequest, context: func.Context) -> None:
    """Log what the timer says."""
    retries = context.retry_context.retry_count
    logger.info("ticked", extra={"past_due": timer.past_due, "retries": retries})


@app.queue_trigger(arg_name="message", queue_name="echoes", connection="AzureWebJobsStorage")
def echo(message: func.QueueMessage) -> None:
    """Log what the message says, unless it says that it fails."""
    body = message.get_body().decode()
    if "fail" in body:
        raise ValueError(body)
    logger.info(
        "heard",
        extra={
            "body": body,
            "id": message.id,
            "count": message.dequeue_count,
            "receipt": message.pop_receipt,
            "inserted_at": message.insertion_time,
            "expires_at": message.expiration_time,
        },
    )


@app.queue_trigger(arg_name="message", queue_name="echoes-poison", connection="AzureWebJobsStorage")
def echo_poison(message: func.QueueMessage) -> None:
    """Log what the message says, unless even here it fails."""
    body = message.get_body().decode()
    if "always" in body:
        raise ValueError(body)
    logger.warning("poisoned", extra={"body": body})


@app.route(route="mirror/{name}", methods=["GET", "POST"])
def mirror(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer with the request."""
    told = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "name": req.route_params["name"],
        "body": req.get_body().decode(),
        "trace": context.trace_context.trace_parent,
        "setting": os.environ.get("ECHO_SETTING"),
        "environment": sorted(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109
    }
    return func.HttpResponse(json.dumps(told), mimetype="application/json", headers={"Cache-Control": "no-store"})


@app.route(route="wait")
async def wait(req: func.HttpRequest) -> func.HttpResponse:
    """Answer when the other has come."""
    logger.info("waiting")
    await asyncio.wait_for(meeting.wait(), 30)
    return func.HttpResponse("met")


@app.route(route="meet")
async def meet(req: func.HttpRequest) -> func.HttpResponse:
    """Let those that wait answer."""
    logger.info("meeting")
    meeting.set()
    return func.HttpResponse("met")


@app.route(route="call")
def call(req: func.HttpRequest) -> func.HttpResponse:
    """Try to reach an address, as an app does that was not told of the box."""
    with socket.socket() as out:
        out.connect((req.params["host"], 443))
    return func.HttpResponse("reached")


@app.route(route="leave")
def leave(req: func.HttpRequest) -> func.HttpResponse:
    """End the process, as a crash does."""
    os._exit(7)
