"""Random histories: every store does what a dict does."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import StateConflictError
from shared.ledger.limits import key_range
from shared.ledger.store import Change, Put, Remove, Store

_runs = count()
_keys = st.sampled_from(["o|1", "o|2", "o|1~", "s|state", "i|a", "i|b", "O|1", "p"])
_bodies = st.one_of(st.binary(max_size=20), st.just(bytes(70_000)))
# How a change knows its row: as it is, as it was once, or not at all.
_changes = st.tuples(_keys, _bodies | st.none(), st.sampled_from(["now", "now", "once", "new"]))
_groups = st.lists(_changes, max_size=4, unique_by=lambda change: change[0])
_writes = st.lists(_groups, max_size=3)
_ranges = st.tuples(st.sampled_from(["", "o|", "o", "i|", "x"]), st.none() | _keys, st.none() | _keys)


class Model:
    """What a store should hold: key to body and the version that the store gave it."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[bytes, str]] = {}
        self.once: dict[str, str] = {}
        self.version = count()

    def change(self, key: str, body: bytes | None, known: str) -> Change | None:
        now = self.rows[key][1] if key in self.rows else None
        version = {"now": now, "once": self.once.get(key), "new": None}[known]
        if body is None:
            return None if version is None else Remove(key, version)
        return Put(key, body, version)

    def applied(self, group: list[Change]) -> bool:
        fits = all((self.rows[c.key][1] if c.key in self.rows else None) == c.version for c in group)
        for change in group if fits else []:
            if change.version is not None:
                self.once[change.key] = change.version
            if isinstance(change, Put):
                self.rows[change.key] = (change.body, f"not read {next(self.version)}")
            else:
                del self.rows[change.key]
        return fits


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(_writes, max_size=6), ranges=st.lists(_ranges, min_size=1, max_size=3))
async def test_a_store_does_what_a_dict_does(
    store: Store,
    writes: list[list[list[tuple[str, bytes | None, str]]]],
    ranges: list[tuple[str, str | None, str | None]],
) -> None:
    target, model = f"t{next(_runs)}", Model()
    for groups in writes:
        for changes in groups:
            group = [c for c in (model.change(*change) for change in changes) if c is not None]
            try:
                await store.write(target, [group])
                written = True
            except StateConflictError:
                written = False
            assert written == model.applied(group)
            found = await store.read(target, "")
            assert {row.key: row.body for row in found} == {key: body for key, (body, _) in model.rows.items()}
            model.rows = {row.key: (row.body, row.version) for row in found}
    for prefix, until, since in ranges:
        start, end = key_range(prefix, until, since)
        expected = sorted(key for key in model.rows if start <= key and (end is None or key < end))
        assert [row.key for row in await store.read(target, prefix, until, since=since)] == expected
    assert (target in await store.targets()) == bool(model.rows)
    if any(key.startswith("o|") for key in model.rows):
        assert target in await store.with_pending()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 40), max_size=6), data=st.data())
async def test_many_groups_at_once_are_all_applied_in_order(
    store: Store, sizes: list[int], data: st.DataObject
) -> None:
    """The groups of one write may name rows of earlier ones: put, then removed and put again, needs a read between."""
    target = f"m{next(_runs)}"
    groups = [[Put(f"{number:02}|{part:02}", bytes(part)) for part in range(size)] for number, size in enumerate(sizes)]
    await store.write(target, groups)
    found = await store.read(target, "")
    assert [row.key for row in found] == [change.key for group in groups for change in group]
    gone = [Remove(row.key, row.version) for row in found]
    back = [Put(row.key, b"back") for row in found]
    cut = data.draw(st.integers(10, 100))
    again = [changes[at : at + cut] for changes in (gone, back) for at in range(0, len(found), cut)]
    await store.write(target, again)
    assert {row.body for row in await store.read(target, "")} <= {b"back"}
