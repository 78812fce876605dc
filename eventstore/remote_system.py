"""fsspec's file system behind a URL: many questions at once, and those that fail again."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from eventstore.errors import (
    InvalidInput,
    MissingContent,
    MissingExtra,
    SpikelakeError,
    Unreachable,
)
from eventstore.retry import Failure, Retry, classify
from eventstore.spans import Span

EXTRAS: Mapping[str, str] = {"s3": "s3", "s3a": "s3", "http": "http", "https": "http"}
"""Extra of this project that a protocol takes."""

PATIENCE_S = 30.0
"""How long a server may be silent."""

Info: TypeAlias = dict[str, Any]
"""What fsspec says of a file; its names differ from protocol to protocol."""

T = TypeVar("T")
K = TypeVar("K", str, Span)


class FileSystem(Protocol):
    """The part of an fsspec file system that is used here."""

    async_impl: bool
    loop: asyncio.AbstractEventLoop

    def info(self, path: str) -> Info:
        """Return what is known of a file."""
        ...

    async def _info(self, path: str) -> Info: ...

    def cat_ranges(
        self, paths: list[str], starts: list[int], ends: list[int], *, on_error: str
    ) -> list[bytes | BaseException]:
        """Return parts of files, or why each cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a remote file.

    Args:
        size: its size in bytes.
        tag: changes when its content does: its ETag or the time of its last change, with its size.
            Empty where the server tells neither.
    """

    size: int
    tag: str


class RemoteSystem:
    """Asks for the facts and the bytes of files below a URL.

    Args:
        url: such as ``s3://bucket/events.zarr``.
        options: what fsspec's file system takes.
        retry: how often to try.

    Raises:
        InvalidInput: no such protocol, or options that its file system does not take.
        MissingExtra: the package for this protocol is not installed.

    Examples:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe("/shelf/a", b"0123")
        >>> system = RemoteSystem("memory://shelf", {}, Retry())
        >>> system.fetch([("a", 1, 3)]), system.ask(["a"])[0].size
        ([b'12'], 4)
    """

    def __init__(self, url: str, options: Mapping[str, Any], retry: Retry) -> None:
        self.url = url
        self._retry = retry
        self._system, self._path = _open(url, options)
        self.endpoint = str(options.get("endpoint_url") or "")

    def where(self, key: str) -> str:
        """Return the URL of a file."""
        return _below(self.url, key)

    def ask(self, keys: Sequence[str]) -> list[Facts]:
        """Return what is known of files.

        Raises:
            MissingContent: a file is not there.
            Unreachable: the server does not answer, or refuses.
        """
        return self._try(self._ask, keys)

    def fetch(self, spans: Sequence[Span]) -> list[bytes]:
        """Return the bytes of parts of files.

        Raises:
            MissingContent: a file is not there, or is shorter by now.
            Unreachable: the server does not answer, breaks off each time, or refuses.
        """
        return self._try(self._fetch, spans)

    def _try(
        self, get: Callable[[Sequence[K]], Sequence[T | BaseException]], items: Sequence[K]
    ) -> list[T]:
        """Get all items, those that failed again after a while."""
        done: dict[int, T] = {}
        left = list(range(len(items)))
        for attempt in range(1, self._retry.attempts + 1):
            failed: list[tuple[int, BaseException]] = []
            for i, result in zip(left, get([items[i] for i in left]), strict=True):
                if isinstance(result, BaseException):
                    failed.append((i, result))
                else:
                    done[i] = result
            for i, error in failed:
                failure = classify(error)
                if failure is not Failure.PASSING or attempt == self._retry.attempts:
                    raise self._error(items[i], error, failure) from error
            left = [i for i, _ in failed]
            if not left:
                break
            time.sleep(self._retry.wait_s(attempt))
        return [done[i] for i in range(len(items))]

    def _ask(self, keys: Sequence[str]) -> Sequence[Facts | BaseException]:
        paths = [_below(self._path, key) for key in keys]
        return [_facts(info) for info in _infos(self._system, paths)]

    def _fetch(self, spans: Sequence[Span]) -> Sequence[bytes | BaseException]:
        wanted = [span for span in spans if span[2] > span[1]]
        paths = [_below(self._path, key) for key, _, _ in wanted]
        starts, stops = [start for _, start, _ in wanted], [stop for _, _, stop in wanted]
        try:
            found = self._system.cat_ranges(paths, starts, stops, on_error="return")
        except Exception as error:  # whatever it is, each of them failed
            found = [error] * len(wanted)
        of_span = {
            span: _whole(data, span[2] - span[1]) for span, data in zip(wanted, found, strict=True)
        }
        return [of_span.get(span, b"") for span in spans]

    def _error(self, item: str | Span, error: BaseException, failure: Failure) -> SpikelakeError:
        where = self.where(item) if isinstance(item, str) else self.where(item[0])
        if not isinstance(item, str):
            where += f", bytes {item[1]} … {item[2] - 1},"
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if failure is Failure.ABSENT:
            message = f"{where} is not there, though the store's metadata counts on it"
            return MissingContent(message, hint="restore it from another copy, or correct the URL")
        if failure is Failure.REFUSED:
            message = f"{where} was refused ({reason})"
            hint = (
                "give credentials that may read it: for S3 the variables AWS_ACCESS_KEY_ID and "
                'AWS_SECRET_ACCESS_KEY, or storage_options; {"anon": True} for a public bucket'
            )
            return Unreachable(message, hint=hint)
        if failure is Failure.PASSING:
            message = f"{where} failed {self._retry.attempts} times, at last with {reason}"
            return Unreachable(message, hint="check the network and the server, and try again")
        return Unreachable(f"{where} cannot be read ({reason})", hint="check URL and options")


def _open(url: str, options: Mapping[str, Any]) -> tuple[FileSystem, str]:
    """Return the file system of a URL, and the URL as that calls it."""
    protocol = url.partition("://")[0]
    try:
        from fsspec.core import url_to_fs

        own = _own_options(protocol)
        system, path = url_to_fs(url, **{**own, **options}, skip_instance_cache=True)
    except ImportError as error:
        message = f"reading {protocol}:// takes a package that is not installed ({error})"
        extra = EXTRAS.get(protocol)
        hint = f"pip install 'spikelake[{extra}]'" if extra else "pip install what it names"
        raise MissingExtra(message, hint=hint) from error
    except (ValueError, TypeError, KeyError) as error:
        message = f"cannot open {url} ({error})"
        hint = "use a protocol and storage_options that fsspec knows"
        raise InvalidInput(message, hint=hint) from error
    if protocol in {"s3", "s3a"}:
        system.retries = 1  # trying again is done here, in one place
    return cast("FileSystem", system), path


def _own_options(protocol: str) -> dict[str, Any]:
    """Return options that leave it to us to try again, and that bound how long a try takes."""
    if protocol in {"s3", "s3a"}:
        retries = {"retries": {"total_max_attempts": 1}, "max_pool_connections": 32}
        return {"config_kwargs": retries, "use_listings_cache": False}
    if protocol in {"http", "https"}:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE_S, sock_read=PATIENCE_S)
        # Compressed on the way, parts would be parts of something else.
        headers = {"Accept-Encoding": "identity"}
        return {"client_kwargs": {"timeout": timeout}, "headers": headers}
    return {}


def _below(path: str, key: str) -> str:
    """Return the path of a file below a folder; what follows a ``?`` stays at the end."""
    folder, mark, query = path.partition("?")
    return f"{folder.rstrip('/')}/{key}{mark}{query}"


def _infos(system: FileSystem, paths: list[str]) -> list[Info | BaseException]:
    """Return what a file system knows of files, or why it does not."""
    if system.async_impl:
        from fsspec.asyn import sync

        try:
            found: list[Info | BaseException] = sync(system.loop, _gather, system, paths)
        except Exception as error:
            found = [error] * len(paths)
        return found
    return [_info(system, path) for path in paths]


async def _gather(system: FileSystem, paths: list[str]) -> list[Info | BaseException]:
    asked = (system._info(path) for path in paths)  # noqa: SLF001  # what fsspec calls its async API
    return await asyncio.gather(*asked, return_exceptions=True)


def _info(system: FileSystem, path: str) -> Info | BaseException:
    try:
        info: Info = system.info(path)
    except Exception as error:
        return error
    return info


def _facts(info: Info | BaseException) -> Facts | BaseException:
    if isinstance(info, BaseException):
        return info
    if info.get("type") == "directory":
        return FileNotFoundError(str(info.get("name")))
    size = info.get("size")
    if size is None:
        message = "the server does not tell its size"
        return ValueError(message)
    names = ("ETag", "etag", "Content-MD5", "LastModified", "Last-Modified", "mtime", "created")
    change = next((info[name] for name in names if info.get(name)), "")
    return Facts(int(size), f"{change} {size}" if change else "")


def _whole(data: bytes | BaseException, size: int) -> bytes | BaseException:
    """Return the bytes if they are as many as were asked for."""
    if isinstance(data, BaseException) or len(data) == size:
        return data
    if len(data) > size:
        message = f"{len(data)} bytes came where {size} were asked for: the server knows no ranges"
        return ValueError(message)
    message = f"{len(data)} bytes came where {size} were asked for"
    return ConnectionError(message)
