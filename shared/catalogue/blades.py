"""The portal pages that remedies point to: a path in words, and a deep link whose values are quoted when filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from shared.expectations import Target

_ADMIN_CENTRES = {
    "https://portal.azure.us": "https://portal.office365.us",
    "https://portal.azure.cn": "https://portal.partner.microsoftonline.cn",
}


@dataclass(frozen=True, slots=True)
class Blade:
    """One page: `path` is how a person gets there, `link` the template of its address."""

    path: str
    link: str


def _workspace(item: str, menu: str) -> Blade:
    return Blade(
        f"Log Analytics workspaces > {{workspace}} > {item}",
        f"{{portal}}/#@{{tenant_id}}/resource{{workspace_id}}/{menu}",
    )


def _registration(item: str, menu: str) -> Blade:
    view = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade"
    link = f"{{portal}}/#@{{tenant_id}}/view/{view}/~/{menu}/appId/{{app_id}}"
    return Blade(f"Microsoft Entra ID > App registrations > {{app}} > {item}", link)


def _enterprise(item: str, menu: str) -> Blade:
    view = "Microsoft_AAD_IAM/ManagedAppMenuBlade"
    link = f"{{portal}}/#@{{tenant_id}}/view/{view}/~/{menu}/objectId/{{object_id}}/appId/{{app_id}}"
    return Blade(f"Microsoft Entra ID > Enterprise applications > {{app}} > {item}", link)


WORKSPACE_OVERVIEW = _workspace("Overview", "Overview")
WORKSPACE_ACCESS = _workspace("Access control (IAM)", "users")
WORKSPACE_LOGS = _workspace("Logs", "logs")
WORKSPACE_NETWORK = _workspace("Network isolation", "networkIsolation")
WORKSPACE_USAGE = _workspace("Usage and estimated costs", "usageEstimatedCosts")

REGISTRATION_OVERVIEW = _registration("Overview", "Overview")
REGISTRATION_AUTHENTICATION = _registration("Authentication", "Authentication")
REGISTRATION_CREDENTIALS = _registration("Certificates & secrets", "Credentials")
REGISTRATION_PERMISSIONS = _registration("API permissions", "CallAnAPI")
REGISTRATION_OWNERS = _registration("Owners", "Owners")

ENTERPRISE_OVERVIEW = _enterprise("Overview", "Overview")
ENTERPRISE_PROPERTIES = _enterprise("Properties", "Properties")
ENTERPRISE_PERMISSIONS = _enterprise("Permissions", "Permissions")
ENTERPRISE_SIGN_ON = _enterprise("Single sign-on", "SignOn")

ALL_REGISTRATIONS = Blade(
    "Microsoft Entra ID > App registrations",
    "{portal}/#@{tenant_id}/view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
)
ALL_ENTERPRISE = Blade(
    "Microsoft Entra ID > Enterprise applications",
    "{portal}/#@{tenant_id}/view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview",
)
SERVICE_HEALTH = Blade(
    "Microsoft 365 admin center > Health > Service health", "{admin_centre}/Adminportal/Home#/servicehealth"
)


def fill_link(blade: Blade, target: Target, values: Mapping[str, str]) -> str:
    """Fill in a blade's address; every value is quoted, so that a hostile name can't change where it leads.

    Raises:
        KeyError: The blade needs a value that is not there.
    """
    portal = target.portal.rstrip("/")
    quoted = {key: quote(value, safe="") for key, value in values.items()}
    return blade.link.format_map(
        quoted
        | {
            "portal": portal,
            "admin_centre": _ADMIN_CENTRES.get(portal, "https://admin.microsoft.com"),
            "tenant_id": quote(target.tenant_id, safe=""),
            "workspace_id": quote(target.workspace_id, safe="/"),
        }
    )
