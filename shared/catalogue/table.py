"""Every finding id, in one table: its family, severity, words, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.catalogue import access, apps, credentials, monitoring, snapshots
from shared.catalogue.entry import Entry

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {entry.id: entry for part in (access, apps, credentials, snapshots, monitoring) for entry in part.ENTRIES}
)
