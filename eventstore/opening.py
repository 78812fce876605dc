"""Where a path or URL leads: to a folder, a zip, or files that lie elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventstore.errors import InvalidInput, NotFound
from eventstore.exchange import standing_place
from eventstore.files import Files, LocalFiles
from eventstore.files_zip import ZipFiles
from eventstore.range_cache import CacheConfig, RangeCache

DEFAULT_CACHE = CacheConfig()
"""Ranges of remote files are kept in the user's cache folder, up to 10 GiB."""

NEAR = frozenset({"memory"})
"""Protocols that are as fast as a cache."""

PACKED = ".zip"


def open_files(
    path: Path | str,
    document: str,
    *,
    storage_options: Mapping[str, Any] | None = None,
    cache: CacheConfig | None = DEFAULT_CACHE,
) -> Files:
    """Open the files of a store by its path or URL.

    Args:
        path: a folder, a ``.zip``, or a URL of either that fsspec understands.
        document: a file that every store has.
        storage_options: what fsspec's file system takes.
        cache: where ranges of remote files are kept; None to fetch them each time.

    Raises:
        NotFound: there is no such store.
        InvalidInput: fsspec does not know the protocol, or its file system not the options.
        MissingExtra: the package for the protocol is not installed.
        FormatError: not a zip, or a compressed one.
        Unreachable: the server does not answer, or refuses.

    Examples:
        >>> open_files("no-such.zarr", "zarr.json")
        Traceback (most recent call last):
        ...
        eventstore.errors.NotFound: no event store at no-such.zarr (no zarr.json there)
        hint: make one with `spikelake ingest`, or correct the path
    """
    protocol, mark, rest = str(path).partition("://")
    if mark and protocol in {"file", "local"}:
        path, mark = Path(rest), ""
    if mark:
        files = _remote(str(path), protocol, storage_options or {}, cache)
    elif storage_options:
        message = f"storage_options were given for the local path {path}"
        raise InvalidInput(message, hint="leave them out, or give a URL")
    else:
        files = _local(Path(path))
    if files is None or not files.has(document):
        if files is not None:
            files.close()
        message = f"no event store at {path} (no {document} there)"
        raise NotFound(message, hint="make one with `spikelake ingest`, or correct the path")
    return files


def files_below(
    url: str,
    *,
    storage_options: Mapping[str, Any] | None = None,
    cache: CacheConfig | None = DEFAULT_CACHE,
) -> Files:
    """Return the files below a folder or URL, whatever they are; nothing is read yet.

    Args:
        url: a folder, or the URL of one that fsspec understands.
        storage_options: what fsspec's file system takes.
        cache: where ranges of remote files are kept; None to fetch them each time.

    Raises:
        InvalidInput: fsspec does not know the protocol, or its file system not the options.
        MissingExtra: the package for the protocol is not installed.

    Examples:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe("/shed/a/b", b"0123")
        >>> files_below("memory://shed").read("a/b")
        b'0123'
    """
    protocol, mark, rest = url.partition("://")
    if not mark or protocol in {"file", "local"}:
        return LocalFiles(Path(rest if mark else url))
    return _remote_folder(url, protocol, storage_options or {}, cache)


def kept_near(files: Files, *, cache: CacheConfig | None = DEFAULT_CACHE) -> Files:
    """Return the same files, with their ranges kept on this machine where they are far.

    Examples:
        >>> near = LocalFiles(Path("events.zarr"))
        >>> kept_near(near) is near
        True
    """
    from eventstore.files_cached import CachedFiles
    from eventstore.files_remote import RemoteFiles

    if cache is None or not isinstance(files, RemoteFiles):
        return files
    if files.url.partition("://")[0] in NEAR:
        return files
    return CachedFiles(files, RangeCache(cache))


def files_at_urls(
    urls: Mapping[str, str], *, cache: CacheConfig | None = DEFAULT_CACHE
) -> dict[str, tuple[Files, str]]:
    """Return where files are that have each a URL of its own, as `JoinedFiles` takes it.

    Those of one server, or one bucket, are fetched together.

    Args:
        urls: URL of each file.
        cache: where ranges of remote files are kept; None to fetch them each time.

    Examples:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe("/rack/KEY", b"0123")
        >>> files, key = files_at_urls({"a": "memory://rack/KEY"})["a"]
        >>> key, files.read(key)
        ('KEY', b'0123')
    """
    servers: dict[str, Files] = {}
    found: dict[str, tuple[Files, str]] = {}
    for name, url in urls.items():
        protocol, _, rest = url.partition("://")
        host, _, key = rest.partition("/")
        server = f"{protocol}://{host}"
        if server not in servers:
            servers[server] = _remote_folder(server, protocol, {}, cache)
        found[name] = servers[server], key
    return found


def _local(path: Path) -> Files | None:
    if path.suffix == PACKED and not path.is_dir():
        return _packed(LocalFiles(path.parent), path.name)
    return LocalFiles(standing_place(path))


def _remote(
    url: str, protocol: str, options: Mapping[str, Any], cache: CacheConfig | None
) -> Files | None:
    folder, mark, query = url.partition("?")
    folder, is_packed, name = folder.rstrip("/"), folder.endswith(PACKED), ""
    if is_packed:
        folder, _, name = folder.rpartition("/")
    files = _remote_folder(folder + mark + query, protocol, options, cache)
    return _packed(files, name) if is_packed else files


def _remote_folder(
    url: str, protocol: str, options: Mapping[str, Any], cache: CacheConfig | None
) -> Files:
    from eventstore.files_cached import CachedFiles
    from eventstore.files_remote import RemoteFiles

    files = RemoteFiles(url, storage_options=options)
    if cache is None or protocol in NEAR:
        return files
    return CachedFiles(files, RangeCache(cache))


def _packed(files: Files, name: str) -> Files | None:
    if files.has(name):
        return ZipFiles(files, name)
    files.close()
    return None
