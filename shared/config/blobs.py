"""A configuration in Azure Blob Storage, signed in to by identity: one blob, or a folder of them.

The SDK is imported when something is read. Versions are told apart by ETags: of one blob by one request, of a folder by
one for every 5,000 blobs in it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.config.blob_account import Opened, open_container
from shared.config.blob_address import BlobAddress
from shared.config.files import SUFFIX, is_configuration
from shared.config.reading import Reading, Text, digest, to_text
from shared.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

_PATIENCE_S = 20.0
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class BlobSource:
    """One blob, or each `*.toml` blob of a folder in the order of their names; not hidden ones, nor deeper ones.

    `credential` makes what signs in, closed after each use. A blob, a list of blobs and each blob of it have
    `patience_s` to come. `web` are azure-core's options.
    """

    address: BlobAddress
    credential: "Callable[[], AsyncTokenCredential]" = field(repr=False)
    patience_s: float = _PATIENCE_S
    web: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The address, fit to show."""
        return self.address.url(self.address.path)

    def read(self) -> Reading:
        """Read each blob, the blobs of a folder side by side."""
        return _finish(self._read())

    def version(self) -> str:
        """Tell versions apart by their ETags."""
        return _finish(self._version())

    async def _read(self) -> Reading:
        async with open_container(self.address, self.credential, self.patience_s, self.web) as opened:
            if self.address.is_folder:
                found = await self._list(opened)
                contents = await _download_all(opened, [path for path, _ in found])
                version = digest(part for blob in found for part in blob)
            else:
                content, version = await _download(opened, self.address.path)
                contents = {self.address.path: content}
        texts, mistakes = list[Text](), list[Mistake]()
        for path, content in contents.items():
            try:
                texts.append(to_text(self.address.url(path), content))
            except ConfigError as error:
                mistakes += error.mistakes
        return Reading(tuple(texts), version, tuple(mistakes))

    async def _version(self) -> str:
        async with open_container(self.address, self.credential, self.patience_s, self.web) as opened:
            if self.address.is_folder:
                return digest(part for blob in await self._list(opened) for part in blob)
            return _bare((await opened.client.get_blob_client(self.address.path).get_blob_properties()).etag)

    async def _list(self, opened: Opened) -> list[tuple[str, str]]:
        """Name and ETag of each blob in the folder, by name."""
        from azure.storage.blob import BlobProperties

        found: list[tuple[str, str]] = []
        async for blob in opened.client.walk_blobs(self.address.path or None):
            if isinstance(blob, BlobProperties) and is_configuration(blob.name.rpartition("/")[2]):
                found += [(blob.name, _bare(blob.etag))]
            opened.go_on()
        if not found:
            raise ConfigError([Mistake(self.name, "", f"is a folder without a {SUFFIX} blob: check the address")])
        return sorted(found)


async def _download(opened: Opened, path: str) -> tuple[bytes, str]:
    stream = await opened.client.download_blob(path)
    content = await stream.readall()
    opened.go_on()
    return content, _bare(stream.properties.etag)


async def _download_all(opened: Opened, paths: Sequence[str]) -> dict[str, bytes]:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(path: str) -> bytes:
        async with at_once:
            return (await _download(opened, path))[0]

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {path: group.create_task(one(path)) for path in paths}
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return {path: task.result() for path, task in tasks.items()}


def _bare(etag: str) -> str:
    """An ETag as a listing gives it: the header has it in quotes."""
    return etag.strip('"')


def _finish[T](work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work`, in a thread of its own where this one runs a loop already: a loop cannot wait for itself."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()
