"""Between facts and checks: which apps nobody wants to hear of (pure): the user's list, and what Microsoft rotates."""

import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import translate

from shared.facts import Application, ServicePrincipal
from shared.profiles.rotated import RotatedApp

type Holder = Application | ServicePrincipal


def make_ignored(ignore_apps: Sequence[str], rotated: Sequence[RotatedApp]) -> Callable[[Holder], bool]:
    """Make the judgement of one object, quick enough for a hundred thousand.

    An app is ignored by its name, its appId or its type; or because each credential on it is one that is rotated.
    """
    names = _any_of((*ignore_apps, *(glob for app in rotated for glob in app.display_names)))
    app_ids = _any_of((*ignore_apps, *(app_id for app in rotated for app_id in app.app_ids)))
    credential_names = _any_of(glob for app in rotated for glob in app.credential_names)
    types = frozenset(kind for app in rotated for kind in app.service_principal_types)

    def is_ignored(holder: Holder) -> bool:
        if names(holder.display_name or "") or app_ids(holder.app_id):
            return True
        if isinstance(holder, ServicePrincipal) and holder.service_principal_type in types:
            return True
        held = holder.password_credentials + holder.key_credentials
        for credential in held:  # a loop: all() over a generator takes three times as long
            if not credential_names(credential.name or ""):
                return False
        return bool(held)

    return is_ignored


def _any_of(globs: Iterable[str]) -> Callable[[str], object]:
    """Make one pattern of many globs, which ignores case."""
    pattern = "|".join(translate(glob) for glob in globs)
    return re.compile(pattern or r"(?!)", re.IGNORECASE).match
