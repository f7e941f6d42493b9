"""The address of a configuration in Azure Blob Storage: an account, a container, and a blob or a folder in it."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from shared.config.files import SUFFIX
from shared.config.values import WrongValueError
from shared.text import plain

_SHOWN = 200

_FORM = f"https://<account>.blob.core.windows.net/<container>/<path>{SUFFIX}, or a folder, which ends in /"
# Source: "Naming and Referencing Containers, Blobs, and Metadata" of the Azure Storage documentation.
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*|\$root|\$web")


@dataclass(frozen=True, slots=True)
class BlobAddress:
    """A blob, or where `path` is empty or ends in a slash, a folder of blobs. No part of it is a secret."""

    account: str
    container: str
    path: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return not self.path or self.path.endswith("/")

    def url(self, path: str) -> str:
        """The address of a blob beside this one, fit to show."""
        return plain(f"{self.account}/{self.container}/{quote(path)}", _SHOWN)


def is_address(where: str) -> bool:
    """Whether a configuration is named by an address, right or wrong, and not by a path."""
    return where.lower().startswith(("https://", "http://"))


def parse_address(url: str) -> BlobAddress:
    """Take an address apart. It is never quoted: what is wrong with it may be a signature.

    Raises:
        WrongValueError: it is no such address.
    """
    if set("?#@") & set(url):
        advice = "take the signature out, and grant the monitor's identity the role Storage Blob Data Reader instead"
        raise WrongValueError(("", f"must be an address without user, query or fragment: {advice}"))
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        is_right = False
    if not is_right or " " in url:
        raise WrongValueError(("", f"must be {_FORM}"))
    account, path = _account(f"https://{parts.netloc}", parts.hostname or "", parts.path.lstrip("/"))
    container, _, name = path.partition("/")
    _check(container, unquote(name))
    return BlobAddress(account, container, unquote(name))


def _account(server: str, host: str, path: str) -> tuple[str, str]:
    """The account's address, and the path in it: where a machine has no name, such as an emulator's, it leads that."""
    if not _is_machine(host):
        return server, path
    name, _, rest = path.partition("/")
    return f"{server}/{name}", rest


def _is_machine(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return host == "localhost"


def _check(container: str, name: str) -> None:
    if not _CONTAINER.fullmatch(container):
        raise WrongValueError(("", f"must name a container of 3 to 63 of a-z, 0-9 and single -: {_FORM}"))
    if name and not name.endswith((SUFFIX, "/")):
        raise WrongValueError(("", f"must end in {SUFFIX}, or in / for a folder: {_FORM}"))
