"""The copy of a ledger: any bytes come back as they were."""

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.copy import read_export, row_line
from shared.ledger.store import Put, Row

HEADER = b'{"schema":"dawnwatch.ledger/1","version":1}\n'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
JSON = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    VALUES,
    st.sampled_from([None, 1]),
    st.booleans(),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.binary() | JSON, st.from_regex(r"[ -\"$&-.0->@-\[\]-~]{1,40}", fullmatch=True), st.sampled_from(["t", "Ü~"]))
def test_any_row_comes_back_byte_for_byte(body: bytes, key: str, target: str) -> None:
    line = row_line(target, Row(key, body, "7"))
    assert json.loads(line)["target"] == target
    assert b"\n" not in line
    assert read_export([HEADER, line + b"\n"]) == {target: [Put(key, body)]}


def test_what_we_write_ourselves_is_json_in_the_line() -> None:
    assert row_line("t", Row("k", b'{"v":1,"body":{"a":1e2}}', "1")) == (
        b'{"target":"t","key":"k","body":{"v":1,"body":{"a":1e2}}}'
    )
