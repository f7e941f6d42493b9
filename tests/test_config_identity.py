"""Who signs in to a target's tenant, as the configuration says it; what was pasted there is never quoted."""

import re

import pytest

from shared.expectations import Identity
from tests.config_texts import a_target, mistakes_of, settings_of

CLIENT = "99999999-AAAA-bbbb-cccc-dddddddddddd"
MANAGED = "11111111-AAAA-2222-bbbb-333333333333"
PEM = "-----BEGIN PRIVATE KEY-----\\nHUSHHUSH\\n-----END PRIVATE KEY-----"
KEY = "target[contoso].identity"


def identity(*lines: str) -> str:
    return "\n".join(["[target.identity]", f'client_id = "{CLIENT}"', *lines])


@pytest.mark.parametrize(
    ("proof", "read"),
    [
        ('federated_by = "system"', {"federated_by": "system"}),
        (f'federated_by = "{MANAGED}"', {"federated_by": MANAGED.lower()}),
        ('certificate_variable = "FABRIKAM_CERTIFICATE"', {"certificate_variable": "FABRIKAM_CERTIFICATE"}),
        ('secret_variable = "_fabrikam2"', {"secret_variable": "_fabrikam2"}),
    ],
)
def test_an_identity_is_an_app_and_the_one_thing_that_proves_it(proof: str, read: dict[str, str]) -> None:
    for text in (identity(proof), f'identity = {{ client_id = "{CLIENT}", {proof} }}'):
        (target,) = settings_of(a_target(text)).targets
        assert target.identity == Identity(client_id=CLIENT.lower(), **read)


def test_each_target_has_its_own_identity_or_none() -> None:
    text = a_target(identity('secret_variable = "A"'), name="a") + a_target(name="b")
    first, second = settings_of(text).targets
    assert first.identity == Identity(client_id=CLIENT.lower(), secret_variable="A")
    assert second.identity is None


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("identity = {}", {KEY: "has nothing to prove it: add federated_by, .*", f"{KEY}.client_id": "is missing"}),
        (identity(), {KEY: "has nothing to prove it: add federated_by, certificate_variable or secret_variable"}),
        (
            identity('federated_by = "system"', 'secret_variable = "A"', 'certificate_variable = "B"'),
            {
                f"{KEY}.certificate_variable": "stands beside federated_by: keep one of them",
                f"{KEY}.secret_variable": "stands beside federated_by: keep one of them",
            },
        ),
        (
            '[target.identity]\nclient_id = "HUSH"\nfederated_by = "system"',
            {f"{KEY}.client_id": "must be the app registration's client id, a GUID"},
        ),
        (
            identity('federated_by = "System"'),
            {f"{KEY}.federated_by": 'must be "system", or the client id of a user-assigned managed identity, a GUID'},
        ),
        (identity("federated_by = true"), {f"{KEY}.federated_by": 'must be "system", or .*'}),
        (identity('secret_variable = "1ST"'), {f"{KEY}.secret_variable": "must be the name of the environment .*"}),
        (identity('secret_variable = ""'), {f"{KEY}.secret_variable": ".* that holds the secret: A-Z, a-z, .*"}),
        (identity('secret_variable = "A\\n"'), {f"{KEY}.secret_variable": ".*; the secret itself never stands here"}),
        (identity("certificate_variable = 7"), {f"{KEY}.certificate_variable": ".* that holds the certificate: .*"}),
        ("identity = 7", {KEY: r"must be a table, written \[target.identity\]"}),
        ("[[target.identity]]", {KEY: r"must be a table, written \[target.identity\]"}),
        (
            identity('federated_by = "system"', "federated = 1"),
            {f"{KEY}.federated": "unknown key; did you mean federated_by[?]"},
        ),
    ],
)
def test_a_mistake_in_an_identity_names_its_key_and_what_would_be_right(more: str, found: dict[str, str]) -> None:
    mistakes = {key: problem for _, key, problem in mistakes_of(a_target(more))}
    assert mistakes.keys() == found.keys()
    for key, problem in found.items():
        assert re.fullmatch(problem, mistakes[key]), mistakes[key]


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ('secret_variable = "HUSH8~HUSH.HUSH_hushhush-HUSH"', "the secret itself never stands here"),
        (f'secret_variable = "{"HUSH" * 40}"', "the secret itself never stands here"),
        (f'certificate_variable = "{PEM}"', "the certificate itself never stands here"),
        ('certificate_variable = ["HUSH"]', "the certificate itself never stands here"),
        ('federated_by = "HUSH~"', "a GUID"),
        ('secret = "HUSH~"\nfederated_by = "system"', "name that in secret_variable"),
        ('client_secret = "HUSH~"\nfederated_by = "system"', "name that in secret_variable"),
        ('password = "HUSH~"\nfederated_by = "system"', "name that in secret_variable"),
        (f'certificate = "{PEM}"\nfederated_by = "system"', "did you mean certificate_variable?"),
    ],
)
def test_what_was_pasted_into_an_identity_is_refused_and_not_quoted(line: str, advice: str) -> None:
    ((_, _, said),) = mistakes_of(a_target(identity(line)))
    assert advice in said
    assert "hush" not in said.lower()


@pytest.mark.parametrize("pasted", ['"HUSH~"', '["HUSH~"]', '{ client_id = "HUSH~", secret_variable = "HUSH~" }'])
def test_what_was_pasted_in_its_place_is_not_quoted_either(pasted: str) -> None:
    found = mistakes_of(a_target(f"identity = {pasted}"))
    assert found
    assert "HUSH" not in repr(found)


def test_a_variable_that_is_not_set_is_no_mistake_in_the_configuration() -> None:
    assert mistakes_of(a_target(identity('secret_variable = "NOT_SET_ANYWHERE"'))) == []
