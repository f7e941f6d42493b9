"""The boxes to grant in."""

from tests.grant.granting import grants

__all__ = ["grants"]
