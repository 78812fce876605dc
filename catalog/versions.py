"""Versions: what ``versions.json`` records of each, and how version numbers read."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import cast

from catalog.text_files import json_text, parse_json
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, InvalidInput

VERSION_PREFIX = "spikelake-version-1\n"

_MAPPINGS = ("labels", "splits")

_COUNTS = ("n_recordings", "n_events")

_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One saved state of a dataset. Its name is a label; its digests are what it is.

    Args:
        version: ``major.minor.patch``: patch for metadata only, minor where recordings or labels
            were added and nothing changed, major where anything existing changed.
        date: when it was saved, UTC, ISO 8601.
        message: what changed, in the curator's words.
        tree: digest over the sorted recording ids and their logical digests, as the store's.
        labels: digest of each label set.
        splits: digest of each split.
        references: sha256 of ``versions/<version>.json``, which lists every file's sha256.
        n_recordings: number of recordings.
        n_events: number of events.

    Examples:
        >>> Version(version="1.0.0", date="2026-01-31T12:00:00Z", message="first", tree="ab" * 32,
        ...     labels={}, splits={}, references="cd" * 32, n_recordings=6, n_events=900).version
        '1.0.0'
    """

    version: str
    date: str
    message: str
    tree: str
    labels: Mapping[str, str]
    splits: Mapping[str, str]
    references: str
    n_recordings: int
    n_events: int

    @property
    def digest(self) -> str:
        """Digest of the version's content: recordings, labels and splits, not their encoding."""
        content = {"tree": self.tree, "labels": dict(self.labels), "splits": dict(self.splits)}
        return sha256_text(VERSION_PREFIX + json.dumps(content, sort_keys=True))

    def with_references(self, sha256: str) -> "Version":
        """Return the version with the sum of its reference map."""
        return replace(self, references=sha256)

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the three numbers of a version.

    Raises:
        InvalidInput: not of the form ``1.0.0``.

    Examples:
        >>> parse_version("1.10.0") > parse_version("1.9.0")
        True
    """
    match = _SEMVER.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a version number"
        raise InvalidInput(message, hint="write major.minor.patch, such as 1.0.0")
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch)


def versions_text(versions: Iterable[Version]) -> str:
    """Return the text of ``versions.json``, in the order the versions were saved."""
    return json_text([version.to_dict() for version in versions])


def parse_versions(text: str, *, path: str = "versions.json") -> list[Version]:
    """Read ``versions.json``.

    Raises:
        FormatError: not a list of versions.
    """
    content = parse_json(text, path)
    expected = {f.name for f in fields(Version)}
    if not isinstance(content, list):
        message = "not a list of versions"
        raise FormatError(message, path=path)
    for entry in content:
        if not isinstance(entry, dict) or set(entry) != expected:
            found = ", ".join(sorted(entry)) if isinstance(entry, dict) else str(entry)
            wanted = ", ".join(sorted(expected))
            message = "not a version"
            raise FormatError(message, path=path, expected=wanted, found=found)
        _check_values(entry, path)
    return [Version(**cast("dict[str, str]", e)) for e in content]  # type: ignore[arg-type]


def _check_values(entry: Mapping[str, object], path: str) -> None:
    """Refuse values of another type than `Version` declares, as a hand might leave them."""
    for name, value in entry.items():
        wanted = dict if name in _MAPPINGS else int if name in _COUNTS else str
        sums = value.values() if isinstance(value, dict) else ()
        fits = isinstance(value, wanted) and all(isinstance(s, str) for s in sums)
        if not fits or (name == "version" and not _SEMVER.fullmatch(str(value))):
            message = f"{name} of a version is {json.dumps(value)}"
            raise FormatError(message, path=path, hint="see what it was: git log -p versions.json")


def latest(versions: Iterable[Version]) -> Version | None:
    """Return the version with the highest number, not the one saved last."""
    return max(versions, key=lambda v: parse_version(v.version), default=None)
