"""Lines of telemetry on their way to Application Insights: with their fields as properties, none sampled away.

Only lines are sent. The distribution of Azure Monitor would also patch the HTTP clients and send a record for each call
that a pass makes: dozens of times the volume, and with the signed URL of the Teams webhook in it.
"""

import logging
from collections.abc import Mapping

from shared.telemetry import logger, spell_fields, warn, without_text

CONNECTION_VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"
WORKER_VARIABLE = "PYTHON_ENABLE_OPENTELEMETRY"
"""With it the worker ties lines to the invocation's trace, and the host sends none of the worker's lines itself."""


def send_lines(environ: Mapping[str, str]) -> None:
    """Send lines to Application Insights where the environment says so; else put their fields into their text.

    A connection string that is none is told: the monitor watches on without.
    """
    logger.setLevel(logging.INFO)
    is_wanted = environ.get(CONNECTION_VARIABLE) and environ.get(WORKER_VARIABLE, "").lower() in {"true", "1"}
    try:
        if is_wanted:
            _export(environ)
            return
    except ValueError:
        warn("telemetry not sent", reason=f"{CONNECTION_VARIABLE} is no connection string of Application Insights")
    logger.addFilter(spell_fields)  # the host takes a line's text, and drops its fields


def _export(environ: Mapping[str, str]) -> None:
    from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter
    from opentelemetry.instrumentation.logging.handler import LoggingHandler
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    resource = Resource.create({SERVICE_NAME: environ.get("WEBSITE_SITE_NAME") or "dawnwatch"})
    provider = LoggerProvider(resource=resource)
    exporter = AzureMonitorLogExporter(connection_string=environ[CONNECTION_VARIABLE])
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    handler = LoggingHandler(logger_provider=provider)
    handler.addFilter(without_text)
    logger.addHandler(handler)
