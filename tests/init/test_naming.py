"""Names of targets: what may stand in them, each once, whatever people call their tenants and workspaces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.init.naming import slug, target_names
from shared.init.seen import Tenant
from tests.init.sights import CONTOSO, TENANT_ID, a_workspace

VALID = re.compile(r"[a-z0-9-]{1,40}")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Contoso", "contoso"),
        ("Contoso, Ltd. (EU)", "contoso-ltd-eu"),
        ("Bär & Söhne", "bar-sohne"),
        ("株式会社", ""),
        ('x"\n[cloud]\n', "x-cloud"),
        ("a" * 60, "a" * 40),
        ("a" * 39 + " b", "a" * 39),
        ("---", ""),
    ],
)
def test_a_name_is_put_into_a_targets_alphabet(name: str, made: str) -> None:
    assert slug(name) == made


@pytest.mark.parametrize(
    ("tenant", "wish", "name"),
    [
        (CONTOSO, None, "contoso"),
        (CONTOSO, "prod", "prod"),
        (Tenant(TENANT_ID, "株式会社", "kk.onmicrosoft.com"), None, "kk"),
        (Tenant(TENANT_ID), None, "law-contoso"),
    ],
)
def test_one_target_is_called_by_the_wish_or_after_the_tenant(tenant: Tenant, wish: str | None, name: str) -> None:
    assert target_names([a_workspace()], tenant, wish) == [name]


@pytest.mark.parametrize(
    ("places", "wish", "names"),
    [
        ([("law-a", "rg"), ("law-b", "rg")], None, ["law-a", "law-b"]),
        ([("law-a", "rg"), ("law-b", "rg")], "eu", ["eu-law-a", "eu-law-b"]),
        ([("law", "rg-a"), ("LAW", "rg-b"), ("other", "rg-a")], None, ["rg-a-law", "rg-b-law", "other"]),
        ([("law", "rg"), ("law", "rg"), ("law", "rg")], None, ["rg-law", "rg-law-2", "rg-law-3"]),
        ([("l" * 63, "rg"), ("l" * 62, "rg")], None, ["rg-" + "l" * 37, "rg-" + "l" * 35 + "-2"]),
    ],
)
def test_several_are_called_after_their_workspaces(
    places: list[tuple[str, str]], wish: str | None, names: list[str]
) -> None:
    assert target_names([a_workspace(name, group) for name, group in places], CONTOSO, wish) == names


@given(
    st.lists(st.tuples(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{2,62}", fullmatch=True), st.text()), min_size=1),
    st.text(),
    st.none() | st.from_regex(VALID, fullmatch=True),
)
def test_names_are_valid_and_unique(places: list[tuple[str, str]], tenant: str, wish: str | None) -> None:
    workspaces = [a_workspace(name, group.replace("/", "")) for name, group in places]
    names = target_names(workspaces, Tenant(TENANT_ID, tenant), wish)
    assert len(set(names)) == len(workspaces)
    assert all(VALID.fullmatch(name) for name in names)
