"""What both checks that read the workspace say of it, when it is not there to be judged."""

from shared.catalogue import make_finding
from shared.expectations import Target
from shared.facts import WorkspaceFacts
from shared.model import Finding, Subject, SubjectKind


def workspace_subject(target: Target) -> Subject:
    """Return the workspace as the subject of a finding."""
    return Subject(SubjectKind.WORKSPACE, target.workspace_id, target.workspace_name)


def find_unreachable(target: Target, workspace: WorkspaceFacts) -> tuple[Finding, ...]:
    """Return `workspace.unreachable` where the workspace is gone, going or failed."""
    if workspace.is_there:
        return ()
    seen = (
        "Azure Resource Manager does not find it"
        if workspace.state == "NotFound"
        else f"Its state is {workspace.state}"
    )
    return (_unreachable(target, f"{seen}: {target.workspace_id}.", workspace.state),)


def find_refused(target: Target, workspace: WorkspaceFacts) -> tuple[Finding, ...]:
    """Return `workspace.unreachable` where public networks may not query it, and no query was answered."""
    detail = (
        f"It takes queries only from private networks (publicNetworkAccessForQuery is Disabled): {target.workspace_id}."
    )
    return (_unreachable(target, detail, workspace.state, case="refused"),)


def _unreachable(target: Target, detail: str, state: str, case: str | None = None) -> Finding:
    detail += " Its roles and tables are not judged." if case is None else " Its tables are not judged."
    evidence = {"state": state}
    return make_finding(
        "workspace.unreachable", target, workspace_subject(target), detail=detail, evidence=evidence, case=case
    )
