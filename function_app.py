"""What the Azure Functions host loads: every trigger, and nothing before it is needed."""

import azure.functions as func

from functions.status import bp as status

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(status)
