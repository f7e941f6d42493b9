"""Between gather and facts: names that others wrote are bounded; from here on they are short and visible."""

import msgspec

from shared.facts import Application, Credential, ServicePrincipal
from shared.text import plain

NAME_AT_MOST = 120


def bounded(name: str) -> str:
    """Return a name as it is shown everywhere."""
    return plain(name, NAME_AT_MOST)


def with_bounded_names[Holder: Application | ServicePrincipal](holder: Holder) -> Holder:
    """Return an app whose own name and whose credentials' names are bounded."""
    return msgspec.structs.replace(
        holder,
        display_name=None if holder.display_name is None else bounded(holder.display_name),
        password_credentials=tuple(_credential(item) for item in holder.password_credentials),
        key_credentials=tuple(_credential(item) for item in holder.key_credentials),
    )


def _credential(credential: Credential) -> Credential:
    if credential.name is None:
        return credential
    return msgspec.structs.replace(credential, name=bounded(credential.name))
