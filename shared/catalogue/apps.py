"""The catalogue's lines on app registrations and enterprise applications."""

from shared.catalogue import blades
from shared.catalogue.entry import Entry, Way
from shared.model import Severity

_CONSENT = (
    "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > API permissions.",
    "Select Grant admin consent, and then Yes. This needs a Global Administrator or Privileged Role Administrator.",
    "Consent can take some minutes to show everywhere.",
)

ENTRIES = (
    Entry(
        id="app.missing",
        severity=Severity.ERROR,
        title="{what} {subject} does not exist",
        when="An expected registration or enterprise app does not exist in the tenant.",
        meaning="Whatever signs in as this app cannot: it was deleted, renamed, or never set up.",
        way=Way(
            (
                (
                    "In the Azure portal, open Microsoft Entra ID > App registrations > All applications, and"
                    " search for {subject}."
                ),
                "If it is under Deleted applications (kept for 30 days), restore it.",
                "If it goes by another name, put its app_id into the configuration of {target}.",
                "Otherwise select New registration and create it again, single tenant.",
            ),
            blades.ALL_REGISTRATIONS,
        ),
        others={
            "connection": Way(
                (
                    (
                        "In the Azure portal, open Microsoft Entra ID > App registrations > Deleted applications;"
                        " restore {subject} if it is there (kept for 30 days)."
                    ),
                    "Otherwise select New registration: a unique name, single tenant, redirect URI of type Web.",
                    (
                        "Add a client secret under Certificates & secrets, and the application permissions "
                        "CmCollectionData.Read and CmCollectionData.Write of Configuration Manager Microservice "
                        "under API permissions; grant admin consent."
                    ),
                    (
                        "In the Configuration Manager console, open Administration > Cloud Services > Azure "
                        "Services > Configure Azure Services, and Import the app with its secret and the secret's"
                        " expiry."
                    ),
                ),
                blades.ALL_REGISTRATIONS,
            ),
            "enterprise": Way(
                (
                    (
                        "In the Azure portal, open Microsoft Entra ID > Enterprise applications, and search for "
                        "{subject} with the filter for the application type off."
                    ),
                    (
                        "If it is one of Desktop Analytics' own apps: Connected services > Configure users and "
                        "apps access, and provision the apps again."
                    ),
                    "If it goes by another name, put its app_id into the configuration of {target}.",
                ),
                blades.ALL_ENTERPRISE,
            ),
        },
    ),
    Entry(
        id="app.disabled",
        severity=Severity.ERROR,
        title="{subject} is disabled",
        when="Its service principal is disabled, by the tenant or by Microsoft.",
        meaning="Nobody and nothing can sign in as this app, however valid its credentials are.",
        way=Way(
            (
                "In the Azure portal, open Microsoft Entra ID > Enterprise applications > {app} > Properties.",
                "Set Enabled for users to sign-in to Yes, and save. Ask first why it was switched off.",
            ),
            blades.ENTERPRISE_PROPERTIES,
        ),
        others={
            "microsoft": Way(
                (
                    (
                        "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Overview and "
                        "read the notice."
                    ),
                    "Microsoft disabled this app: open a support request to learn why and to have it enabled again.",
                ),
                blades.REGISTRATION_OVERVIEW,
            )
        },
    ),
    Entry(
        id="app.permission_missing",
        severity=Severity.ERROR,
        title="{subject} does not request every permission that it needs",
        when="An expected application permission is not requested by the registration.",
        meaning="Calls that need the permission are refused, and granting admin consent will not include it.",
        way=Way(
            (
                (
                    "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > API "
                    "permissions > Add a permission."
                ),
                "Under APIs my organization uses, select {api}, then Application permissions.",
                "Select {permissions}, then Add permissions.",
                "Select Grant admin consent, and then Yes.",
            ),
            blades.REGISTRATION_PERMISSIONS,
        ),
    ),
    Entry(
        id="app.consent_missing",
        severity=Severity.ERROR,
        title="{subject} lacks admin consent",
        when=(
            "A permission is requested, but admin consent was not granted; or the app, or the API, "
            "has no service principal."
        ),
        meaning="The permission is on the list, but it has no effect until an administrator consents.",
        way=Way(_CONSENT, blades.REGISTRATION_PERMISSIONS),
        others={
            "api": Way(
                (
                    (
                        "The API {api} has no service principal in this tenant. It comes with the service that "
                        "owns it: finish that service's set-up, or have an administrator add it with `az ad sp "
                        "create --id {api_id}`."
                    ),
                    *_CONSENT,
                ),
                blades.REGISTRATION_PERMISSIONS,
            ),
            "enterprise": Way(
                (
                    "In the Azure portal, open Microsoft Entra ID > Enterprise applications > {app} > Permissions.",
                    "Select Grant admin consent, and then accept.",
                ),
                blades.ENTERPRISE_PERMISSIONS,
            ),
        },
    ),
    Entry(
        id="app.wrong_audience",
        severity=Severity.WARNING,
        title="{subject} is open to other tenants",
        when="A connection app does not have the audience AzureADMyOrg (this organization only).",
        meaning="The connection needs this tenant alone. A wider audience is attack surface without use.",
        way=Way(
            (
                "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Authentication.",
                "Under Supported account types, select accounts in this organizational directory only, and save.",
            ),
            blades.REGISTRATION_AUTHENTICATION,
        ),
    ),
    Entry(
        id="app.unowned",
        severity=Severity.INFORMATIONAL,
        title="Nobody owns {subject}",
        when="The registration has no owner.",
        meaning="When it breaks, nobody is asked and nobody gets Microsoft's mail about it.",
        way=Way(
            (
                "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Owners.",
                "Select Add owners, and add two people who would know what it is for.",
            ),
            blades.REGISTRATION_OWNERS,
        ),
    ),
    Entry(
        id="app.shared",
        severity=Severity.WARNING,
        title="{subject} is used by more than one target",
        when="Two targets (hierarchies) list one connection app.",
        meaning=(
            "Each Configuration Manager hierarchy needs an app of its own: one secret that expires, "
            "or is renewed, stops both."
        ),
        way=Way(
            (
                (
                    "In the Azure portal, open Microsoft Entra ID > App registrations > New registration, and"
                    " create an app for one of the hierarchies."
                ),
                (
                    "In that hierarchy's Configuration Manager console, open Administration > Cloud Services "
                    "> Azure Services and import the new app."
                ),
                "List each app under its own target in the configuration.",
            ),
            blades.ALL_REGISTRATIONS,
        ),
    ),
)
