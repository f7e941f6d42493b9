"""The catalogue's lines on secrets and certificates."""

from shared.catalogue import blades
from shared.catalogue.entry import Entry, Way
from shared.model import Severity

_RENEW = (
    "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Certificates & secrets.",
    "Add a new client secret or certificate, and copy a secret's value at once: it is shown only now.",
    (
        "Give it to whatever signs in as {app}. For a Configuration Manager connection: console >"
        " Administration > Cloud Services > Azure Active Directory Tenants > {app} > Renew Secret"
        " Key, or import the app again with the new expiry."
    ),
    "When that works, remove the old credential.",
)
_RENEW_SAML = (
    "In the Azure portal, open Microsoft Entra ID > Enterprise applications > {app} > Single sign-on.",
    "Under SAML Certificates, select Edit, then New Certificate, and save.",
    (
        "Give the new certificate or the federation metadata to the application's owner, agree on"
        " a time, and make it active."
    ),
)
_RENEW_ENTERPRISE = (
    (
        "In the Azure portal, open Microsoft Entra ID > Enterprise applications > {app}. Its "
        "credentials are kept on the service principal: whoever runs the app added them with "
        "PowerShell, the Azure CLI or Microsoft Graph."
    ),
    "Add a new one with `az ad sp credential reset --id {app_id} --append`, and give it to whatever signs in as {app}.",
    "When that works, remove the old credential.",
)
_RENEWALS = {
    "saml": Way(_RENEW_SAML, blades.ENTERPRISE_SIGN_ON),
    "enterprise": Way(_RENEW_ENTERPRISE, blades.ENTERPRISE_OVERVIEW),
}
_REMOVE_SAML = (
    "In the Azure portal, open Microsoft Entra ID > Enterprise applications > {app} > Single sign-on.",
    "Under SAML Certificates, select Edit. Make sure that the newer certificate is active, then delete the old one.",
)
_REMOVE_ENTERPRISE = (
    (
        "Make sure that whatever signs in as {app} uses the newer credential: Microsoft Entra ID "
        "> Enterprise applications > {app} > Sign-in logs."
    ),
    (
        "Remove the old one with `az ad sp credential delete --id {app_id} --key-id {key_id}` "
        "(add --cert for a certificate)."
    ),
)
_SHORTEN = "Next time it is renewed, choose an expiry of 24 months at most; 6 to 12 months is better."

ENTRIES = (
    Entry(
        id="credential.expired",
        severity=Severity.CRITICAL,
        title="No valid {what} is left on {app}",
        when="No valid secret or certificate is left on an app that had one.",
        meaning=(
            "Nothing can sign in as this app any more. Services that depend on it have stopped, or "
            "will at the next token."
        ),
        way=Way(_RENEW, blades.REGISTRATION_CREDENTIALS),
        others=_RENEWALS,
    ),
    Entry(
        id="credential.expiring",
        severity=Severity.WARNING,
        rule="warning with more than 14 days left, error at 14 days or less, critical at 3 days or less",
        title="The last {what} of {app} ends in {left}",
        when="The last valid credential to end will do so within the first of `expiry_days`.",
        meaning="There is no newer one to take over. When it ends, nothing can sign in as this app.",
        way=Way(_RENEW, blades.REGISTRATION_CREDENTIALS),
        others=_RENEWALS,
    ),
    Entry(
        id="credential.superseded",
        severity=Severity.INFORMATIONAL,
        title="An old {what} is still on {app}",
        when="An old credential expires or has expired, and a newer valid one, or a federated credential, covers it.",
        meaning="Nothing is about to break if the newer one is in use. The old one is clutter until it is removed.",
        way=Way(
            (
                (
                    "Make sure that whatever signs in as {app} uses the newer credential: Microsoft Entra ID "
                    "> Enterprise applications > {app} > Sign-in logs."
                ),
                (
                    "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Certificates "
                    "& secrets, and delete the old one ({key_id})."
                ),
            ),
            blades.REGISTRATION_CREDENTIALS,
        ),
        others={
            "saml": Way(_REMOVE_SAML, blades.ENTERPRISE_SIGN_ON),
            "enterprise": Way(_REMOVE_ENTERPRISE, blades.ENTERPRISE_OVERVIEW),
        },
    ),
    Entry(
        id="credential.missing",
        severity=Severity.ERROR,
        title="{app} has no credential",
        when="An app that must authenticate has no secret, no certificate and no federated credential.",
        meaning="Nothing can sign in as this app.",
        way=Way(_RENEW[:3], blades.REGISTRATION_CREDENTIALS),
    ),
    Entry(
        id="credential.long_lived",
        severity=Severity.INFORMATIONAL,
        title="A {what} of {app} is valid {span}",
        when="A credential is valid for over 24 months from its start, or for ever.",
        meaning=(
            "The longer a credential lives, the longer a leaked one is of use. Old secrets set to "
            "Never live for 99 years."
        ),
        way=Way(
            (
                "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Certificates & secrets.",
                _SHORTEN,
            ),
            blades.REGISTRATION_CREDENTIALS,
        ),
        others={
            "saml": Way((_RENEW_SAML[0], _SHORTEN), blades.ENTERPRISE_SIGN_ON),
            "enterprise": Way((_RENEW_ENTERPRISE[0], _SHORTEN), blades.ENTERPRISE_OVERVIEW),
        },
    ),
    Entry(
        id="credential.expiry_mismatch",
        severity=Severity.WARNING,
        title="The expiry recorded for {app} is not when its credential ends",
        when="`recorded_expiry` is not the UTC day on which any valid credential ends.",
        meaning=(
            "Configuration Manager believes a date that is wrong: its own notice would come too late, or not at all."
        ),
        way=Way(
            (
                (
                    "In the Azure portal, open Microsoft Entra ID > App registrations > {app} > Certificates "
                    "& secrets, and note when the secret in use expires."
                ),
                (
                    "In the Configuration Manager console, open Administration > Cloud Services > Azure "
                    "Active Directory Tenants > {app}, and renew or import it with that expiry."
                ),
                "Put the same day into recorded_expiry in the configuration of {target}.",
            ),
            blades.REGISTRATION_CREDENTIALS,
        ),
    ),
)
