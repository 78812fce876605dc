"""A bucket, or whatever else fsspec writes to, that versions are published to."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from catalog.remotes.target import (
    changed_meanwhile,
    content_of,
    sha256_of,
    size_of,
    there_already,
)
from eventstore.errors import AlreadyExists, SpikelakeError, Unreachable
from eventstore.opening import files_below
from eventstore.retry import Failure, classify

T = TypeVar("T")

PRECONDITION_FAILED = 412
"""HTTP: the file was there already, or was changed meanwhile."""


class BucketTarget:
    """Files below a URL that fsspec writes to, such as an S3 bucket.

    Args:
        url: such as ``s3://bucket/nmnist``.
        storage_options: what fsspec's file system takes.

    Raises:
        InvalidInput: no such protocol, or options that its file system does not take.
        MissingExtra: the package for this protocol is not installed.

    Examples:
        >>> target = BucketTarget("memory://pier")
        >>> target.put("a/b", b"12")
        >>> target.read("a/b"), target.read("c"), target.holds("a/b", b"12")
        (b'12', None, True)
    """

    at_once = 8

    def __init__(self, url: str, storage_options: Mapping[str, Any] | None = None) -> None:
        self._url = url.rstrip("/")
        self._protocol = url.partition("://")[0]
        self._options = dict(storage_options or {})
        files_below(self._url, storage_options=self._options, cache=None).close()  # errors, once
        from fsspec.core import url_to_fs

        options = {"use_listings_cache": False} if self._is_s3 else {}
        self._system: Any
        self._system, self._root = url_to_fs(
            self._url, **{**options, **self._options}, skip_instance_cache=True
        )
        self._root = self._root.rstrip("/")

    @property
    def url(self) -> str:
        """The URL."""
        return self._url

    @property
    def _is_s3(self) -> bool:
        return self._protocol in {"s3", "s3a"}

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None where there is none."""
        found = self._ask(path, partial(self._system.cat_file, self._at(path)))
        return bytes(found) if found is not None else None

    def sizes(self) -> dict[str, int]:
        """Return the size of every file, by path; from one listing."""
        find = partial(self._system.find, self._root, detail=True)
        found: dict[str, Any] = self._ask("", find) or {}
        start = len(self._root) + 1
        return {name[start:]: int(info["size"]) for name, info in found.items()}

    def holds(self, path: str, source: Path | bytes) -> bool:
        """Say whether a file is there with this very content, by its ETag, else by its bytes.

        Of a file that was uploaded in one part, as all of ours, S3's ETag is the md5.
        """
        info = self._info(path)
        if info is None or info.get("size") != size_of(source):
            return False
        tag = str(info.get("ETag", "")).strip('"')
        if tag:
            return tag == _md5(source)
        found = self.read(path)
        return found is not None and hashlib.sha256(found).hexdigest() == sha256_of(source)

    def same(self, path: str, other: str) -> bool:
        """Say whether two files have the same content, by their ETags, else by their bytes."""
        one, two = (self._info(p) for p in (path, other))
        if one is None or two is None or one.get("size") != two.get("size"):
            return False
        if one.get("ETag") and two.get("ETag"):
            return bool(one["ETag"] == two["ETag"])
        return self.read(path) == self.read(other)

    def put(self, path: str, source: Path | bytes) -> None:
        """Write a file, replacing what is there; the server checks the sum of what arrives."""
        data = content_of(source)
        self._pipe(path, data)
        if not self.holds(path, data):
            message = f"{self._url}/{path} is not what was written there"
            raise Unreachable(message, hint="publish again: what is whole is not sent twice")

    def put_once(self, path: str, data: bytes) -> None:
        """Write a file that is not there yet; on S3 the server sees to that."""
        if self._is_s3:
            self._pipe(path, data, IfNoneMatch="*")
        elif self.read(path) is not None:
            raise there_already(self._url, path)
        else:
            self._pipe(path, data)

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replace a file, if it still is what is expected; on S3 the server sees to that."""
        if self.read(path) != expected:
            raise changed_meanwhile(self._url, path)
        if not self._is_s3:
            self._pipe(path, data)
            return
        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": _tag(expected)}
        try:
            self._pipe(path, data, **condition)
        except AlreadyExists as error:
            raise changed_meanwhile(self._url, path) from error

    def copy(self, source: str, path: str) -> None:
        """Copy a file over there, without it coming here."""
        self._do(source, partial(self._system.cp_file, self._at(source), self._at(path)))

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        self._ask(path, partial(self._system.rm_file, self._at(path)))

    def _pipe(self, path: str, data: bytes, **condition: str) -> None:
        # One part, so that the ETag is the sum; a shard has 9 to 32 MiB, and 5 GB would do.
        sums = {"ChecksumAlgorithm": "CRC32", **condition} if self._is_s3 else {}
        size = {"chunksize": max(len(data), 1)} if self._is_s3 else {}
        self._do(path, partial(self._system.pipe_file, self._at(path), data, **size, **sums))

    def _info(self, path: str) -> dict[str, Any] | None:
        return self._ask(path, partial(self._system.info, self._at(path)))

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _ask(self, path: str, act: Callable[[], T]) -> T | None:
        """Ask something of a file; return None where there is no such file."""
        try:
            return act()
        except Exception as error:  # each file system has errors of its own
            if classify(error) is Failure.ABSENT:
                return None
            raise self._error(path, error) from error

    def _do(self, path: str, act: Callable[[], object]) -> None:
        """Do something over there.

        Raises:
            AlreadyExists: a condition on the file does not hold.
            Unreachable: the server does not answer, or refuses.
        """
        try:
            act()
        except Exception as error:
            raise self._error(path, error) from error

    def _error(self, path: str, error: Exception) -> SpikelakeError:
        if _is_condition(error):
            return there_already(self._url, path)
        said = f"{type(error).__name__}: {error}"
        if classify(error) is Failure.REFUSED:
            message = f"{self._url}/{path} was refused ({said})"
            hint = (
                "give credentials that may write there: AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or storage_options"
            )
            return Unreachable(message, hint=hint)
        message = f"{self._url}/{path} failed ({said})"
        hint = "check URL, bucket and network, and publish again: what is there is not sent twice"
        return Unreachable(message, hint=hint)


def _md5(source: Path | bytes) -> str:
    return hashlib.md5(content_of(source), usedforsecurity=False).hexdigest()


def _tag(data: bytes) -> str:
    return f'"{_md5(data)}"'


def _is_condition(error: BaseException) -> bool:
    """Say whether a server refused because of what is there already."""
    chain: BaseException | None = error
    while chain is not None:
        response = getattr(chain, "response", None)
        if isinstance(response, dict):
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == PRECONDITION_FAILED:
                return True
        chain = chain.__cause__ or chain.__context__
    return isinstance(error, FileExistsError)
