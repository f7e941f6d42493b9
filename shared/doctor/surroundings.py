"""Where the monitor runs (pure): as a Functions app, or as a command on somebody's machine."""

from collections.abc import Mapping

_SIGNS = ("FUNCTIONS_WORKER_RUNTIME", "WEBSITE_SITE_NAME")


def is_app(environ: Mapping[str, str]) -> bool:
    """Whether this is a Functions app, in Azure or in its local host."""
    return any(environ.get(name) for name in _SIGNS)
