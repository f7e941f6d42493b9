"""Who signs in to a target's tenant: the monitor's own identity, or an app of that tenant.

A secret, a certificate or the monitor's managed identity proves the app. Each identity has one credential in each
tenant, which is kept, so that its tokens are too.
"""

import base64
import binascii
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from shared.config import CloudSettings
from shared.config.environment import UNRESOLVED
from shared.errors import GatherError
from shared.expectations import Identity
from shared.gather.sign_in import TenantCredential

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

KEPT = 2_000
"""How many credentials are kept at once; the one that was not used for longest goes. Each holds a few tokens."""

# What a managed identity's token must be for, to prove an app.
# Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
_EXCHANGE = {
    "public": "api://AzureADTokenExchange",
    "usgov": "api://AzureADTokenExchangeUSGov",
    "china": "api://AzureADTokenExchangeChina",
    "custom": "api://AzureADTokenExchange",
}


class Identities:
    """The credentials of one process. `own` is the monitor's; `web` are azure-core's transport options."""

    def __init__(
        self,
        cloud: CloudSettings,
        authority: str,
        own: "AsyncTokenCredential",
        environ: Mapping[str, str],
        web: Mapping[str, Any],
    ) -> None:
        self._own = own
        self._environ = environ
        self._options: dict[str, Any] = {
            "authority": authority,
            "disable_instance_discovery": cloud.name == "custom",
            **web,
        }
        self._web = web
        self._exchange = _EXCHANGE[cloud.name]
        self._managed: dict[str, AsyncTokenCredential] = {}
        self._kept: OrderedDict[tuple[Identity | None, str], TenantCredential] = OrderedDict()

    def credential(self, identity: Identity | None, tenant_id: str) -> TenantCredential:
        """Look up or make the credential of an identity in a tenant.

        Raises:
            GatherError: what proves the identity is not there, or is of no use.
        """
        key = (identity, tenant_id)
        if key not in self._kept:
            inner = self._own if identity is None else self._make(identity, tenant_id)
            self._kept[key] = TenantCredential(inner, tenant_id)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)  # its connections are not its own: there is nothing to close
        self._kept.move_to_end(key)
        return self._kept[key]

    def _make(self, identity: Identity, tenant_id: str) -> "AsyncTokenCredential":
        from azure.identity.aio import CertificateCredential, ClientSecretCredential

        if identity.federated_by is not None:
            managed = self._managed_identity(identity.federated_by)
            return FederatedCredential(identity, tenant_id, managed, self._exchange, self._options)
        if identity.secret_variable is not None:
            secret = self._value(identity.secret_variable, "client secret")
            return ClientSecretCredential(tenant_id, identity.client_id, secret, **self._options)
        variable = identity.certificate_variable or ""
        data = _certificate(self._value(variable, "certificate"))
        try:
            return CertificateCredential(tenant_id, identity.client_id, certificate_data=data, **self._options)
        except (ValueError, TypeError):
            steps = (f"Put the certificate with its private key into {variable}: PEM, or PKCS #12 in base64.",)
            msg = f"the variable {variable} holds no certificate with a private key"
            raise GatherError(msg, steps=steps) from None

    def _managed_identity(self, federated_by: str) -> "AsyncTokenCredential":
        """Look up or make the credential of a managed identity: one for all the apps that it proves."""
        from azure.identity.aio import ManagedIdentityCredential

        if federated_by not in self._managed:
            client_id = None if federated_by == "system" else federated_by
            self._managed[federated_by] = ManagedIdentityCredential(client_id=client_id, **self._web)
        return self._managed[federated_by]

    def _value(self, variable: str, what: str) -> str:
        value = self._environ.get(variable, "").strip()
        if not value:
            why = f"the variable {variable}, which holds the target's {what}, is not set"
            raise GatherError(why, steps=(f"Set {variable}, in Azure as a reference to Key Vault.",))
        if value.lower().startswith(UNRESOLVED):
            steps = (
                "Give the app's identity the role Key Vault Secrets User on the vault.",
                f"Check the secret's name in {variable}, and the app's keyVaultReferenceIdentity.",
            )
            raise GatherError(f"the Key Vault reference in {variable} was not resolved", steps=steps)
        return value


def _certificate(text: str) -> bytes:
    """Read PEM as it is, and PKCS #12 from base64; what is neither is left for the SDK to refuse."""
    if "-----BEGIN" in text:
        return text.replace("\\n", "\n").encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


class FederatedCredential:
    """An app registration that the token of a managed identity proves, which is another's: no secret anywhere."""

    def __init__(
        self,
        identity: Identity,
        tenant_id: str,
        managed: "AsyncTokenCredential",
        exchange: str,
        options: Mapping[str, Any],
    ) -> None:
        from azure.identity.aio import ClientAssertionCredential

        self._managed = managed
        self._app = ClientAssertionCredential(tenant_id, identity.client_id, lambda: self._assertion, **options)
        self._exchange = exchange
        self._assertion = ""

    async def get_token(self, *scopes: str, **kwargs: Any) -> "AccessToken":
        """Get a token for the app; the managed identity's, which is kept until it ends, proves it."""
        self._assertion = (await self._managed.get_token(self._exchange)).token
        return await self._app.get_token(*scopes, **kwargs)

    async def close(self) -> None:
        """Close what it signs in with."""
        await self._app.close()

    async def __aenter__(self) -> Self:
        """Open nothing: the first token does."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what it signs in with."""
        await self.close()
