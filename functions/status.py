"""HTTP: whether the app is alive."""

import json

import azure.functions as func

from shared.version import VERSION

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions leaves this one untyped


@bp.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Say that the app is alive, and its version; nothing else."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body = json.dumps({"status": "alive", "version": VERSION})
    return func.HttpResponse(body, mimetype="application/json", headers=headers)
