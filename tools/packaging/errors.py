"""Why there is no package.

PackageError               something is wrong, and said
└── RegistryError          the package registry gave no answer: nothing is wrong here
"""


class PackageError(Exception):
    """What was wrong, where, and what would be right."""


class RegistryError(PackageError):
    """The package registry could not be reached."""
