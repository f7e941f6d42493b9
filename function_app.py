"""What the Azure Functions host loads: every trigger, and nothing before it is needed."""

import azure.functions as func

from functions import app_registrations, delivery, passes, service_health, snapshot_currency, status, workspace_access

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
modules = (workspace_access, app_registrations, snapshot_currency, service_health, passes, delivery, status)
for bp in (module.bp for module in modules):
    app.register_functions(bp)
