"""What the Azure Functions host loads: every trigger, and nothing before it is needed."""

import azure.functions as func

from functions import app_registrations, delivery, passes, service_health, snapshot_currency, status, workspace_access

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (workspace_access, app_registrations, snapshot_currency, service_health, passes, delivery, status):
    app.register_functions(blueprint.bp)
