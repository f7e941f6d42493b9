"""What every ledger store takes, so that a ledger moves from one to another: names, sizes, ranges of keys.

The numbers are Table Storage's, with room for what it adds: 1 MiB for an entity, 64 KiB for a property, 100 entities
and 4 MiB, base64 and headers included, for a transaction, 512 characters for a key.
Source: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from shared.errors import LedgerError
from shared.ledger.store import PENDING, Change, Put

PART_BYTES = 64 * 1024
MAX_BODY_BYTES = 15 * PART_BYTES
MAX_GROUP_CHANGES = 100
MAX_GROUP_BYTES = 2_800_000
MAX_NAME = 500

_KEY = re.compile(r"[ -~]*")
_FORBIDDEN = re.compile(r"[/\\#?%]")


def key_range(prefix: str, until: str | None = None, since: str | None = None) -> tuple[str, str | None]:
    """Say where the keys with a prefix start, and before which key they end (None: nowhere)."""
    for key in (prefix, until, since):
        if key is not None:
            _check_key(key)
    after = f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}" if prefix else None
    ends = [end for end in (after, until) if end is not None]
    return max(prefix, since or prefix), min(ends, default=None)


PENDING_RANGE = (PENDING, PENDING[:-1] + chr(ord(PENDING[-1]) + 1))


def partition(target: str) -> str:
    """Spell a target in letters, digits and `-._=`, which are allowed everywhere and leave `~` to the ledger's own."""
    return quote(target, safe="").replace("~", "%7E").replace("%", "=")


def target_of(name: str) -> str:
    """Read a target from its partition's name."""
    return unquote(name.replace("=", "%"))


def check_target(target: str) -> None:
    """Refuse a target's name that not every store can keep."""
    try:
        spelled = partition(target)
    except UnicodeEncodeError:
        spelled = ""
    if not 0 < len(spelled) <= MAX_NAME:
        msg = f"A ledger cannot keep the target name {target[:80]!r}: it is empty, too long or no text."
        raise LedgerError(msg)


def check_groups(groups: Sequence[Sequence[Change]]) -> None:
    """Refuse what not every store can write at once, before anything is written."""
    for group in groups:
        keys = [change.key for change in group]
        for key in keys:
            _check_key(key)
        sizes = [len(change.body) for change in group if isinstance(change, Put)]
        if max(sizes, default=0) > MAX_BODY_BYTES:
            key = max((c for c in group if isinstance(c, Put)), key=lambda put: len(put.body)).key
            msg = f"The ledger row {key!r} has {max(sizes):,} bytes; a row holds at most {MAX_BODY_BYTES:,}."
            raise LedgerError(msg)
        if len(keys) > MAX_GROUP_CHANGES or sum(sizes) > MAX_GROUP_BYTES or len(set(keys)) < len(keys):
            msg = (
                f"A group of {len(keys)} changes to the ledger with {sum(sizes):,} bytes, from {keys[0]!r} on, cannot "
                f"be written at once: at most {MAX_GROUP_CHANGES} changes, each of another row, and "
                f"{MAX_GROUP_BYTES:,} bytes."
            )
            raise LedgerError(msg)


def _check_key(key: str) -> None:
    if len(key) > MAX_NAME or not _KEY.fullmatch(key) or _FORBIDDEN.search(key):
        msg = (
            f"A ledger cannot keep the key {key[:80]!r}: keys are at most {MAX_NAME} printable ASCII characters, "
            "without / \\ # ? and %."
        )
        raise LedgerError(msg)
