"""Directory objects as Microsoft Graph shows them. Source: the official answers in tests/sandbox/samples."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.records import Application, Certificate, Group, Permission, Secret, ServicePrincipal, User
from sandbox.tenant import Tenant
from sandbox.world import instant

type Entity = dict[str, Any]

APPLICATION_FILTERS = frozenset(
    {"id", "appId", "displayName", "signInAudience", "disabledByMicrosoftStatus", "publisherDomain", "createdDateTime"}
)
PRINCIPAL_FILTERS = frozenset(
    {
        "id",
        "appId",
        "displayName",
        "accountEnabled",
        "servicePrincipalType",
        "appOwnerOrganizationId",
        "disabledByMicrosoftStatus",
        "signInAudience",
    }
)

_INFO: Entity = {
    "logoUrl": None,
    "marketingUrl": None,
    "privacyStatementUrl": None,
    "supportUrl": None,
    "termsOfServiceUrl": None,
}
_API: Entity = {
    "acceptMappedClaims": None,
    "knownClientApplications": [],
    "requestedAccessTokenVersion": 2,
    "oauth2PermissionScopes": [],
    "preAuthorizedApplications": [],
}
_WEB: Entity = {
    "homePageUrl": None,
    "logoutUrl": None,
    "redirectUris": [],
    "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
    "redirectUriSettings": [],
}


def application(app: Application, tenant: Tenant) -> Entity:
    """An application, every property in its place; the values of secrets and keys are in none."""
    return {
        "id": app.id,
        "deletedDateTime": None,
        "appId": app.app_id,
        "applicationTemplateId": None,
        "disabledByMicrosoftStatus": app.disabled_by_microsoft,
        "createdDateTime": instant(app.created_at),
        "displayName": app.name,
        "description": None,
        "groupMembershipClaims": None,
        "identifierUris": [],
        "isDeviceOnlyAuthSupported": None,
        "isFallbackPublicClient": None,
        "notes": None,
        "publisherDomain": f"{tenant.name}.example.com",
        "serviceManagementReference": None,
        "signInAudience": app.audience,
        "tags": [],
        "tokenEncryptionKeyId": None,
        "uniqueName": None,
        "defaultRedirectUri": None,
        "certification": None,
        "optionalClaims": None,
        "servicePrincipalLockConfiguration": None,
        "addIns": [],
        "api": _API,
        "appRoles": [],
        "info": _INFO,
        "keyCredentials": [key_credential(certificate) for certificate in app.certificates],
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [password_credential(secret) for secret in app.secrets],
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [_requested(request) for request in app.requests],
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "web": _WEB,
        "spa": {"redirectUris": []},
    }


def service_principal(sp: ServicePrincipal) -> Entity:
    """A service principal."""
    return {
        "id": sp.id,
        "deletedDateTime": None,
        "accountEnabled": sp.enabled,
        "addIns": [],
        "alternativeNames": [],
        "appDescription": None,
        "appDisplayName": sp.name,
        "appId": sp.app_id,
        "applicationTemplateId": None,
        "appOwnerOrganizationId": sp.owner_tenant,
        "appRoleAssignmentRequired": False,
        "appRoles": [_app_role(*role) for role in sp.app_roles],
        "createdDateTime": "2024-05-01T08:00:00Z",
        "description": None,
        "disabledByMicrosoftStatus": sp.disabled_by_microsoft,
        "displayName": sp.name,
        "endpoints": [],
        "homepage": None,
        "info": _INFO,
        "keyCredentials": [key_credential(certificate) for certificate in sp.certificates],
        "loginUrl": None,
        "logoutUrl": None,
        "notes": None,
        "notificationEmailAddresses": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [password_credential(secret) for secret in sp.secrets],
        "preferredSingleSignOnMode": "saml" if sp.signing_thumbprint else None,
        "preferredTokenSigningKeyEndDateTime": instant(sp.signing_ends_at),
        "preferredTokenSigningKeyThumbprint": sp.signing_thumbprint,
        "publisherName": None,
        "replyUrls": [],
        "samlSingleSignOnSettings": None,
        "servicePrincipalNames": [sp.app_id],
        "servicePrincipalType": sp.type,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": None,
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
    }


def password_credential(secret: Secret) -> Entity:
    """A secret: its hint is there, its value never."""
    return {
        "customKeyIdentifier": None,
        "displayName": secret.name,
        "endDateTime": instant(secret.ends_at),
        "hint": secret.hint,
        "keyId": secret.key_id,
        "secretText": None,
        "startDateTime": instant(secret.starts_at),
    }


def key_credential(certificate: Certificate) -> Entity:
    """A certificate; `key` is null, as it is in lists."""
    return {
        "customKeyIdentifier": certificate.thumbprint,
        "displayName": certificate.name,
        "endDateTime": instant(certificate.ends_at),
        "key": None,
        "keyId": certificate.key_id,
        "startDateTime": instant(certificate.starts_at),
        "type": "AsymmetricX509Cert",
        "usage": certificate.usage,
    }


def _requested(request: Permission) -> Entity:
    access = [{"id": role_id, "type": "Role"} for role_id, _ in request.roles]
    return {"resourceAppId": request.api, "resourceAccess": access}


def _app_role(role_id: str, value: str) -> Entity:
    return {
        "allowedMemberTypes": ["Application"],
        "description": value,
        "displayName": value,
        "id": role_id,
        "isEnabled": True,
        "origin": "Application",
        "value": value,
    }


def user(person: User) -> Entity:
    """A user."""
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": person.id,
        "businessPhones": [],
        "displayName": person.name,
        "givenName": None,
        "jobTitle": None,
        "mail": person.upn,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userPrincipalName": person.upn,
    }


def group(found: Group) -> Entity:
    """A group."""
    return {
        "@odata.type": "#microsoft.graph.group",
        "id": found.id,
        "deletedDateTime": None,
        "description": None,
        "displayName": found.name,
        "groupTypes": [],
        "mailEnabled": False,
        "mailNickname": found.name.replace(" ", ""),
        "securityEnabled": True,
    }


def directory_object(tenant: Tenant, object_id: str) -> Entity | None:
    """Any object of the directory by its id."""
    wanted = object_id.lower()
    for person in tenant.users:
        if person.id.lower() == wanted:
            return user(person)
    for found in tenant.groups:
        if found.id.lower() == wanted:
            return group(found)
    for sp in tenant.service_principals:
        if sp.id.lower() == wanted:
            return {"@odata.type": "#microsoft.graph.servicePrincipal"} | service_principal(sp)
    for app in tenant.applications:
        if app.id.lower() == wanted:
            return {"@odata.type": "#microsoft.graph.application"} | application(app, tenant)
    return None


def app_role_assignments(tenant: Tenant, holders: Sequence[ServicePrincipal]) -> list[Entity]:
    """What has been granted to these service principals."""
    apis = {sp.app_id.lower(): sp for sp in tenant.service_principals}
    return [
        _app_role_assignment(sp, apis[grant.api.lower()], role_id)
        for sp in holders
        for grant in sp.granted
        if grant.api.lower() in apis
        for role_id, _ in grant.roles
    ]


def _app_role_assignment(sp: ServicePrincipal, api: ServicePrincipal, role_id: str) -> Entity:
    return {
        "id": opaque_id(sp.id, api.id, role_id),
        "deletedDateTime": None,
        "appRoleId": role_id,
        "createdDateTime": "2025-02-02T04:22:45.4980259Z",
        "principalDisplayName": sp.name,
        "principalId": sp.id,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": api.name,
        "resourceId": api.id,
    }


def permission_grants(tenant: Tenant, sp: ServicePrincipal) -> list[Entity]:
    """Its delegated permissions."""
    apis = {other.app_id.lower(): other.id for other in tenant.service_principals}
    return [
        {
            "id": opaque_id(sp.id, grant.api),
            "clientId": sp.id,
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": apis.get(grant.api.lower()),
            "scope": " ".join(value for _, value in grant.roles),
        }
        for grant in sp.delegated
    ]


def federated_credentials(app: Application) -> list[Entity]:
    """Its federated identity credentials."""
    return [
        {
            "id": federated.id,
            "name": federated.name,
            "issuer": federated.issuer,
            "subject": federated.subject,
            "description": None,
            "audiences": federated.audiences,
        }
        for federated in app.federated
    ]


def opaque_id(*parts: str) -> str:
    """An id as long as the directory's, that says nothing."""
    return base64.urlsafe_b64encode(hashlib.sha256("/".join(parts).encode()).digest()).decode()[:43]


def selected(entity: Mapping[str, Any], names: Sequence[str] | None) -> Entity:
    """Only the named properties, in the entity's order; its type stays."""
    if names is None:
        return dict(entity)
    wanted = {name.lower() for name in names}
    return {key: value for key, value in entity.items() if key.lower() in wanted or key.startswith("@")}
