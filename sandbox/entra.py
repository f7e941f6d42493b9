"""Entra ID's part: discovery, and tokens for an app that proves itself by a secret or an assertion."""

import time
import uuid
from typing import Any
from urllib.parse import parse_qs

import jwt

from sandbox.records import Identity
from sandbox.tenant import Tenant
from sandbox.web import Answer, Call, RefusedError, answer
from sandbox.world import EXCHANGE, TOKEN_LIFE_S, World, instant, public_keys

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Entra:
    """Answers the calls of azure-identity."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, call: Call) -> Answer:
        """Route by the end of the path."""
        path = call.path.rstrip("/")
        if path.startswith("/msi/token"):
            return self._managed_identity(call)
        if path == "/common/discovery/instance":
            return self._instances(call)
        if path.endswith("/discovery/v2.0/keys"):
            return answer(public_keys())
        tenant_id = path.split("/")[1]
        if path.endswith("/.well-known/openid-configuration"):
            return self._discovery(call, self._tenant(tenant_id))
        if path.endswith("/oauth2/v2.0/token"):
            return self._token({key: values[-1] for key, values in parse_qs(call.body.decode()).items()}, tenant_id)
        raise RefusedError(404, "not_found", "There is nothing here.")

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as the token endpoint writes it."""
        code = int(refusal.inner["code"]) if refusal.inner else 900023
        trace = str(uuid.uuid4())
        now = (instant(self.world.now) or "").replace("T", " ")
        text = f"AADSTS{code}: {refusal.message} Trace ID: {trace} Correlation ID: {trace} Timestamp: {now}"
        body = {
            "error": refusal.code,
            "error_description": text,
            "error_codes": [code],
            "timestamp": now,
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        }
        return answer(body, refusal.status, refusal.headers)

    def _tenant(self, tenant_id: str) -> Tenant:
        tenant = self.world.tenants.get(tenant_id.lower())
        if tenant is None:
            message = (
                f"Tenant '{tenant_id}' not found. Check to make sure you have the correct tenant ID and are signing "
                "into the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant."
            )
            raise _refusal(400, "invalid_request", 90002, message)
        return tenant

    def _discovery(self, call: Call, tenant: Tenant) -> Answer:
        base = f"{call.origin}/{tenant.tenant_id}"
        return answer(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token"],
                "scopes_supported": ["openid", "profile"],
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    def _instances(self, call: Call) -> Answer:
        host = call.origin.partition("://")[2]
        tenant_id = next(iter(self.world.tenants))
        endpoint = f"{call.origin}/{tenant_id}/v2.0/.well-known/openid-configuration"
        metadata = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
        return answer({"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata})

    def _token(self, form: dict[str, str], tenant_id: str) -> Answer:
        tenant = self._tenant(tenant_id)
        if form.get("grant_type") != "client_credentials":
            raise _refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        audience = form.get("scope", "").removesuffix("/.default")
        if not form.get("scope", "").endswith("/.default"):
            message = f"The provided value for scope {form.get('scope')} is not valid."
            raise _refusal(400, "invalid_scope", 1002012, message)
        identity = self._proven(tenant, form)
        if not self.world.known_audience(audience):
            message = (
                f"The resource principal named {audience} was not found in the tenant named {tenant.display_name}."
            )
            raise _refusal(400, "invalid_resource", 500011, message)
        token = self.world.issue(tenant, identity, audience)
        return answer(
            {
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFE_S,
                "ext_expires_in": TOKEN_LIFE_S,
                "access_token": token,
            }
        )

    def _proven(self, tenant: Tenant, form: dict[str, str]) -> Identity:
        client_id = form.get("client_id", "")
        known = (one for one in tenant.identities if one.client_id.lower() == client_id.lower())
        identity = next(known, None)
        if identity is None:
            message = (
                f"Application with identifier '{client_id}' was not found in the directory '{tenant.display_name}'. "
                "This can happen if the application has not been installed by the administrator of the tenant."
            )
            raise _refusal(400, "unauthorized_client", 700016, message)
        if form.get("client_assertion_type") == _ASSERTION:
            self._check_assertion(identity, form.get("client_assertion", ""))
        elif form.get("client_secret") != identity.client_secret:
            message = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{client_id}'."
            )
            raise _refusal(401, "invalid_client", 7000215, message)
        return identity

    def _check_assertion(self, identity: Identity, assertion: str) -> None:
        """Take a trusted managed identity, or any assertion that speaks for this client: it knows no certificate."""
        claims: dict[str, Any] = {}
        try:
            claims = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError as exc:
            raise _refusal(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from exc
        own = self.world.tokens.get(assertion, {})
        is_trusted = own.get("aud") == EXCHANGE and own.get("oid") in identity.trusts
        if claims.get("sub") != identity.client_id and not is_trusted:
            raise _refusal(401, "invalid_client", 700213, "No matching federated identity record found.")

    def _managed_identity(self, call: Call) -> Answer:
        tenant = next(iter(self.world.tenants.values()))
        resource = call.query.get("resource", "")
        if "x-identity-header" not in call.headers:
            raise _refusal(401, "invalid_request", 90023, "The identity header is missing.")
        expires_on = str(int(time.time()) + TOKEN_LIFE_S)  # SDKs keep their tokens by the real time
        token = self.world.issue(tenant, tenant.monitor, resource)
        body = {"access_token": token, "expires_on": expires_on, "resource": resource, "token_type": "Bearer"}
        return answer(body | {"client_id": tenant.monitor.client_id})


def _refusal(status: int, error: str, code: int, message: str) -> RefusedError:
    return RefusedError(status, error, message, inner={"code": code})
