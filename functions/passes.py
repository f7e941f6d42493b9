"""Queue: runs one planned pass. Its poison queue: says that a pass was given up."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.queue_trigger(arg_name="message", queue_name="dawnwatch-passes", connection="AzureWebJobsStorage")
async def passes(message: func.QueueMessage) -> None:
    """Run the pass that a message asks for; where that fails, the host gives the message again."""
    from shared.app.opened import the_app
    from shared.app.performing import perform

    await perform(the_app(), message.get_body(), attempt=message.dequeue_count or 1)


@bp.queue_trigger(arg_name="message", queue_name="dawnwatch-passes-poison", connection="AzureWebJobsStorage")
async def passes_poison(message: func.QueueMessage) -> None:
    """Make a finding of a pass that was given up."""
    from shared.app.opened import the_app
    from shared.app.performing import give_up

    await give_up(the_app(), message.get_body())
