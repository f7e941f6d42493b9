"""Who may do what, and where: exactly these assignments, on exactly these scopes, and the same names every time."""

from tests.infra.foreseen import EVERYTHING, HOME, MAIN, Deployment, Resource, both

ROLES = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "EventGrid Data Sender": "d5a91429-5739-47e2-a06b-3470a27159e7",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Log Analytics Data Reader": "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
}
NAMES = {guid: name for name, guid in ROLES.items()}
MONITOR, OPERATOR = "the monitor", "33333333-3333-3333-3333-333333333333"
CONTOSO = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-contoso/providers/"
    "Microsoft.OperationalInsights/workspaces/law-contoso"
)
FABRIKAM = (
    "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-fabrikam/providers/"
    "Microsoft.OperationalInsights/workspaces/law-fabrikam"
)


def own(deployment: Deployment) -> list[tuple[str, str, str]]:
    """What the monitor may do on what is its own, whatever the parameters."""
    storage, vault = deployment.one("Microsoft.Storage/storageAccounts").id, deployment.one("Microsoft.KeyVault/vaults")
    return [
        ("Storage Blob Data Owner", MONITOR, storage),
        ("Storage Queue Data Contributor", MONITOR, storage),
        ("Storage Table Data Contributor", MONITOR, storage),
        ("Monitoring Metrics Publisher", MONITOR, deployment.one("Microsoft.Insights/components").id),
        ("Key Vault Secrets User", MONITOR, vault.id),
        ("EventGrid Data Sender", MONITOR, deployment.one("Microsoft.EventGrid/topics").id),
    ]


def assigned(deployment: Deployment) -> list[tuple[str, str, str]]:
    return sorted(
        (_role(one), _principal(one), one.scope) for one in deployment.of("Microsoft.Authorization/roleAssignments")
    )


def _role(assignment: Resource) -> str:
    return NAMES[str(assignment.at("properties.roleDefinitionId")).rpartition("/")[2]]


def _principal(assignment: Resource) -> str:
    principal = str(assignment.at("properties.principalId"))
    kind = assignment.at("properties.principalType")
    if principal == OPERATOR:
        assert kind == "Group"
        return principal
    assert "format('identityModule-{0}'" in principal
    assert principal.endswith(".outputs.principalId.value]")
    assert kind == "ServicePrincipal"
    return MONITOR


def test_the_usual_deployment_gives_the_monitor_these_roles_and_nobody_else_any() -> None:
    assert assigned(MAIN) == sorted(own(MAIN))


def test_with_everything_it_may_read_two_workspaces_elsewhere_and_an_operator_keeps_what_it_needs() -> None:
    container = next(
        one.id
        for one in EVERYTHING.of("Microsoft.Storage/storageAccounts/blobServices/containers")
        if one.name.endswith("/dawnwatch")
    )
    more = [
        (role, MONITOR, workspace)
        for workspace in (CONTOSO, FABRIKAM)
        for role in ("Reader", "Log Analytics Data Reader")
    ]
    operator = [
        ("Storage Blob Data Contributor", OPERATOR, container),
        ("Key Vault Secrets Officer", OPERATOR, EVERYTHING.one("Microsoft.KeyVault/vaults").id),
    ]
    assert assigned(EVERYTHING) == sorted([*own(EVERYTHING), *more, *operator])


def test_the_roles_have_the_ids_that_the_monitor_looks_for() -> None:
    from shared.roles import BUILT_IN_ROLES

    known = {name: BUILT_IN_ROLES[name] for name in ROLES if name in BUILT_IN_ROLES}
    assert known.keys() >= {"Reader"}
    assert known == {name: ROLES[name] for name in known}


@both
def test_every_assignment_says_what_it_is_for(deployment: Deployment) -> None:
    said = [str(one.at("properties.description")) for one in deployment.of("Microsoft.Authorization/roleAssignments")]
    assert all(text.startswith("Dawnwatch: ") and len(text) > len("Dawnwatch: ") for text in said)


@both
def test_a_second_deployment_makes_the_same_assignments(deployment: Deployment) -> None:
    """At home a name is made of what is known before; elsewhere also of who it is for: old ones are no hindrance."""
    for one in deployment.of("Microsoft.Authorization/roleAssignments"):
        if one.scope.startswith(HOME):
            assert len(one.name) == 36
        else:
            assert one.name.startswith(f"[guid('{one.scope.lower()}', reference(")
    names = [one.name for one in deployment.of("Microsoft.Authorization/roleAssignments")]
    assert len(set(names)) == len(names)
