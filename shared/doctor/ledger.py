"""The ledger: is it there, and can it be read? It is neither made nor written to."""

from collections.abc import Mapping
from pathlib import Path

from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.surroundings import is_app
from shared.errors import LedgerError
from shared.ledger.open import FILE

VARIABLE = "DAWNWATCH_LEDGER"
_USUAL = "AzureWebJobsStorage"
_PATIENCE_S = 15.0


def where_is_ledger(environ: Mapping[str, str]) -> str:
    """Say where the ledger is, where nobody names another: in the app's own storage, or in a file."""
    return environ.get(VARIABLE) or (_USUAL if is_app(environ) else FILE)


async def examine_ledger(where: str, environ: Mapping[str, str], beside: Path) -> Point:
    """Look at the ledger."""
    from shared.ledger.inspect import inspect_ledger

    what = "the ledger"
    try:
        sight = await inspect_ledger(where, environ, beside, _PATIENCE_S)
    except LedgerError as error:
        return Point(Area.LEDGER, what, Verdict.FAILED, str(error))
    if not sight.is_there:
        return Point(Area.LEDGER, what, Verdict.OK, f"{sight.place} is not there yet: the first round makes it.")
    return Point(Area.LEDGER, what, Verdict.OK, f"{sight.place} can be read.")
