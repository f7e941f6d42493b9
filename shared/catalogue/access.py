"""The catalogue's lines on the workspace and on who may read it."""

from shared.catalogue import blades
from shared.catalogue.entry import Entry, Way
from shared.model import Severity

_GRANT = (
    "In the Azure portal, open All resources > {workspace} > Access control (IAM).",
    "Select Add > Add role assignment, and choose the role {wanted}.",
    "Under Members, assign access to a user, group or service principal, select {subject}, then Review + assign.",
    "Allow up to an hour for the role to take effect, then look again.",
)

ENTRIES = (
    Entry(
        id="workspace.unreachable",
        severity=Severity.ERROR,
        title="{workspace} cannot be read",
        when="The workspace is not found, is being deleted, failed, or refuses queries.",
        meaning=(
            "Nothing that depends on the workspace can work, and its roles and tables are not judged until it answers."
        ),
        way=Way(
            (
                "In the Azure portal, open Log Analytics workspaces and look for {workspace}.",
                "If it was deleted within the last 14 days, select Open recycle bin and recover it.",
                "If it was moved or renamed, put its new resource id into the configuration of {target}.",
            ),
            blades.WORKSPACE_OVERVIEW,
        ),
        others={
            "refused": Way(
                (
                    "In the Azure portal, open Log Analytics workspaces > {workspace} > Network isolation.",
                    "Accept queries from public networks, or run Dawnwatch inside the network that may query it.",
                ),
                blades.WORKSPACE_NETWORK,
            )
        },
    ),
    Entry(
        id="workspace.capped",
        severity=Severity.ERROR,
        title="{workspace} has stopped taking in billable data",
        when=(
            "Ingestion is stopped by the daily cap or a suspended subscription, and a billable "
            "snapshot set is expected."
        ),
        meaning=(
            "Billable tables get no rows until the cap resets or the subscription is active again. "
            "Tables that cost nothing, such as MA* and UC*, are not affected by the cap."
        ),
        way=Way(
            (
                (
                    "In the Azure portal, open Log Analytics workspaces > {workspace} > Usage and estimated "
                    "costs > Daily cap."
                ),
                "See when the cap resets, and raise it if today's data is needed before then.",
                "Look at Usage and estimated costs for the table that grew.",
            ),
            blades.WORKSPACE_USAGE,
        ),
        others={
            "suspended": Way(
                (
                    "In the Azure portal, open Subscriptions and select the subscription that holds {workspace}.",
                    "Follow the notice on its Overview to make it active again.",
                ),
                blades.WORKSPACE_OVERVIEW,
            )
        },
    ),
    Entry(
        id="access.principal_missing",
        severity=Severity.ERROR,
        title="{subject} does not exist in the tenant",
        when="An expected principal does not exist in the tenant.",
        meaning=(
            "No role can be held by a principal that is not there. Somebody deleted it, or it was never provisioned."
        ),
        way=Way(
            (
                (
                    "In the Azure portal, open Microsoft Entra ID > Enterprise applications, and search for "
                    "{subject} with the filter for the application type off."
                ),
                (
                    "If it is one of Desktop Analytics' own apps: Connected services > Configure users and "
                    "apps access, and provision the apps again."
                ),
                "If it goes by another name, put its appId into the configuration of {target}.",
            ),
            blades.ALL_ENTERPRISE,
        ),
    ),
    Entry(
        id="access.role_missing",
        severity=Severity.ERROR,
        title="{subject} has {lack} on {workspace}",
        when="None of the expected roles is effective at the workspace: not direct, inherited, or through a group.",
        meaning="The principal cannot read the workspace as it should.",
        way=Way(_GRANT, blades.WORKSPACE_ACCESS),
    ),
    Entry(
        id="access.role_not_active",
        severity=Severity.ERROR,
        title="{subject}'s role on {workspace} is not active",
        when="The role is only eligible in Privileged Identity Management, or a deny assignment takes it away.",
        meaning="The role is listed, but it has no effect: an app cannot activate an eligible role by itself.",
        way=Way(_GRANT, blades.WORKSPACE_ACCESS),
        others={
            "denied": Way(
                (
                    "In the Azure portal, open All resources > {workspace} > Access control (IAM) > Deny assignments.",
                    (
                        "Open the deny assignment named in the detail, and see what created it: a deployment "
                        "stack, a managed application or Azure Blueprints."
                    ),
                    "Exclude {subject} there, or have its owner remove the deny. It cannot be removed from this page.",
                ),
                blades.WORKSPACE_ACCESS,
            )
        },
    ),
    Entry(
        id="access.role_conditional",
        severity=Severity.WARNING,
        title="{subject}'s role on {workspace} carries a condition",
        when="Every effective assignment of the expected roles carries a condition.",
        meaning="Whether the role counts depends on the condition, which Dawnwatch does not evaluate.",
        way=Way(
            (
                "In the Azure portal, open All resources > {workspace} > Access control (IAM) > Role assignments.",
                "Find {subject} and select View/Edit in the Condition column.",
                "If the condition can refuse reads, assign the role again without one.",
            ),
            blades.WORKSPACE_ACCESS,
        ),
    ),
    Entry(
        id="access.role_excessive",
        severity=Severity.WARNING,
        title="{subject} holds {held} on {workspace}",
        when="It holds Owner, Contributor or User Access Administrator where a reader role was expected.",
        meaning="It works, but it may do far more than read. A leaked credential would cost more than it has to.",
        way=Way(
            (
                "In the Azure portal, open All resources > {workspace} > Access control (IAM) > Role assignments.",
                "Make sure that {subject} holds {wanted}; add it first if it does not.",
                "Then remove {held} at the scope named in the detail.",
            ),
            blades.WORKSPACE_ACCESS,
        ),
    ),
    Entry(
        id="access.orphaned",
        severity=Severity.INFORMATIONAL,
        title="A role on {workspace} belongs to nobody",
        when=(
            "An assignment made at the workspace itself has a service principal that no longer exists. Users and "
            "groups are not looked up: that would take more rights than a monitor should have."
        ),
        meaning=(
            "It grants nothing today. It counts toward the limit of role assignments, and hides that "
            "an app was deleted."
        ),
        way=Way(
            (
                "In the Azure portal, open All resources > {workspace} > Access control (IAM) > Role assignments.",
                "Select the entry shown as Identity not found, and remove it.",
            ),
            blades.WORKSPACE_ACCESS,
        ),
    ),
)
