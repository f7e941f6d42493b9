"""What an administrator can run by hand instead: the Azure CLI's and Microsoft Graph PowerShell's commands. Pure.

They run as they stand: an id that could not be read here is looked up by the command itself.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from shared.config.settings import CloudName
from shared.grant.plan import GraphFound, Principal, Step
from shared.permissions import GraphNeed, RoleNeed
from shared.roles import GRAPH_APP_ID, GRAPH_APP_ROLES

GRAPH_ADMINISTRATORS = "a Privileged Role Administrator or Global Administrator of the tenant"
AZURE_ADMINISTRATORS = "an Owner, User Access Administrator or Role Based Access Control Administrator of the resource"

_ENVIRONMENTS = {CloudName.USGOV: " -Environment USGov", CloudName.CHINA: " -Environment China"}
_GET_GRAPH = f"(Get-MgServicePrincipal -Filter \"appId eq '{GRAPH_APP_ID}'\")"


def administrators(steps: Sequence[Step]) -> tuple[str, ...]:
    """Who may take these steps."""
    kinds = {type(step.need) for step in steps}
    who = ((GraphNeed, GRAPH_ADMINISTRATORS), (RoleNeed, AZURE_ADMINISTRATORS))
    return tuple(words for kind, words in who if kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """One identity in one tenant. `graph` is None where Microsoft Graph could not be read; `address` is its own."""

    principal: Principal
    graph: GraphFound | None
    tenant_id: str
    cloud: CloudName
    address: str
    revoke: bool

    def commands(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """The Azure CLI's for each step; and PowerShell's, where Microsoft Graph is concerned."""
        graph = [step.need for step in steps if isinstance(step.need, GraphNeed)]
        roles = [self._az_role(step, step.need) for step in steps if isinstance(step.need, RoleNeed)]
        return (*roles, *(self._az_graph(need) for need in graph), *self._powershell(graph))

    def _az_role(self, step: Step, need: RoleNeed) -> str:
        words = ["az", "role", "assignment", "delete" if self.revoke else "create"]
        if self.revoke and step.assignment_id:
            return shlex.join([*words, "--ids", step.assignment_id])
        whom = ["--assignee-object-id", self.principal.object_id, "--assignee-principal-type", "ServicePrincipal"]
        whom = ["--assignee", self.principal.object_id] if self.revoke else whom
        return shlex.join([*words, *whom, "--role", need.name, "--scope", need.scope])

    def _az_graph(self, need: GraphNeed) -> str:
        held = f"{self.address}/v1.0/servicePrincipals/{self.principal.object_id}/appRoleAssignments"
        role = self._role_id(need) or _of_graph(f"appRoles[?value=='{need.name}'].id | [0]")
        if self.revoke:
            own = f"$(az rest --url {held} --query \"value[?appRoleId=='{role}'].id | [0]\" --output tsv)"
            return f'az rest --method DELETE --url "{held}/{own}"'
        api = self.graph.service_principal_id if self.graph else _of_graph("id")
        pairs = {"principalId": self.principal.object_id, "resourceId": api, "appRoleId": role}
        # In double quotes: a shell looks up what is in $(…), and sees the quotes within it by themselves.
        body = ", ".join(f'\\"{key}\\": \\"{value}\\"' for key, value in pairs.items())
        return f'az rest --method POST --url {held} --headers Content-Type=application/json --body "{{{body}}}"'

    def _powershell(self, needs: Sequence[GraphNeed]) -> tuple[str, ...]:
        if not needs:
            return ()
        scopes = "AppRoleAssignment.ReadWrite.All, Application.Read.All"
        where = _ENVIRONMENTS.get(self.cloud, "")
        first = f"Connect-MgGraph -TenantId {self.tenant_id} -Scopes {scopes}{where}"
        return first, *(self._take(need) if self.revoke else self._give(need) for need in needs)

    def _give(self, need: GraphNeed) -> str:
        api = self.graph.service_principal_id if self.graph else f"{_GET_GRAPH}.Id"
        who = f"-ServicePrincipalId {self.principal.object_id} -PrincipalId {self.principal.object_id}"
        role = self._powershell_role(need)
        return f"New-MgServicePrincipalAppRoleAssignment {who} -ResourceId {api} -AppRoleId {role}"

    def _take(self, need: GraphNeed) -> str:
        who = f"-ServicePrincipalId {self.principal.object_id}"
        return (
            f"Get-MgServicePrincipalAppRoleAssignment {who} -All"
            f" | Where-Object AppRoleId -eq {self._powershell_role(need)}"
            f" | ForEach-Object {{ Remove-MgServicePrincipalAppRoleAssignment {who} -AppRoleAssignmentId $_.Id }}"
        )

    def _powershell_role(self, need: GraphNeed) -> str:
        return self._role_id(need) or f"({_GET_GRAPH}.AppRoles | Where-Object Value -eq '{need.name}').Id"

    def _role_id(self, need: GraphNeed) -> str | None:
        """A permission's GUID: as the tenant says, or else as everybody knows it."""
        return (self.graph.offered if self.graph else GRAPH_APP_ROLES).get(need.name)


def _of_graph(query: str) -> str:
    """A property of Microsoft Graph's service principal, as a command within a command."""
    return f'$(az ad sp show --id {GRAPH_APP_ID} --query "{query}" --output tsv)'
