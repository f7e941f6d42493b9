"""HTTP: whether the app is alive, how things stand, a look now, and whether the app can do what it must."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Say that the app is alive, and its version; nothing else."""
    from shared.app.http import health as alive

    answer = alive()
    return func.HttpResponse(answer.body, mimetype="application/json", headers=dict(answer.headers))


@bp.route(route="status", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def status(req: func.HttpRequest) -> func.HttpResponse:
    """Say what is open, when each check last read everything, and what is pending."""
    from functions.triggers import response
    from shared.app.opened import the_app
    from shared.app.standing import status as standing

    return response(await standing(the_app(), req.params))


@bp.route(route="check", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
async def check(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Plan a look now."""
    from functions.triggers import response, run
    from shared.app.opened import the_app
    from shared.app.standing import request_check

    return response(await request_check(the_app(), req.get_body(), run(context)))


@bp.route(route="doctor", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def doctor(req: func.HttpRequest) -> func.HttpResponse:
    """Examine the app and its targets, and post nothing."""
    from functions.triggers import response
    from shared.app.examining import doctor as examined
    from shared.app.opened import the_app

    return response(await examined(the_app(), req.params))
