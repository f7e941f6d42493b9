"""Which apps nobody wants to hear of."""

import pytest

from shared.facts import Credential, ServicePrincipal
from shared.ignored import Holder, make_ignored
from shared.profiles.rotated import load_rotated
from tests.builders import NOON, a_registration, a_secret, a_service_principal

APP = a_registration(a_secret(NOON), display_name="Payroll")


def _named(*names: str | None) -> Holder:
    return a_registration(*(Credential(name=name) for name in names))


@pytest.mark.parametrize(
    ("globs", "ignored"),
    [
        ([], False),
        (["Payroll"], True),
        (["PAY*"], True),
        (["*roll"], True),
        (["pay"], False),
        (["P[ae]yroll"], True),
        (["55555555-5555-4555-8555-555555555555"], True),
        (["55555555-*"], True),
        (["66666666-*", "Payroll 2"], False),
        ([""], False),
    ],
)
def test_globs_match_names_and_app_ids_without_case(globs: list[str], ignored: bool) -> None:
    assert make_ignored(globs, ())(APP) is ignored


def test_an_app_without_a_name_is_not_ignored_by_name() -> None:
    assert not make_ignored(["Payroll"], ())(a_registration(display_name=None))


def test_what_microsoft_rotates_is_ignored_by_its_type() -> None:
    is_ignored = make_ignored((), load_rotated())
    kinds = {kind for app in load_rotated() for kind in app.service_principal_types}
    assert kinds
    assert all(is_ignored(a_service_principal(service_principal_type=kind)) for kind in kinds)
    assert not is_ignored(a_service_principal(service_principal_type="Application"))
    assert not is_ignored(ServicePrincipal(id="1", app_id="2"))


def test_an_app_is_ignored_only_where_each_of_its_credentials_is_rotated() -> None:
    is_ignored = make_ignored((), load_rotated())
    globs = [glob for app in load_rotated() for glob in app.credential_names]
    assert globs
    rotated = globs[0].replace("*", "x")
    assert is_ignored(_named(rotated, rotated.upper()))
    assert not is_ignored(_named(rotated, "by hand"))
    assert not is_ignored(_named(rotated, None))
    assert not is_ignored(_named())
