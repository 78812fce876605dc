"""Where the files of published versions lie.

    versions.json                  the entries of all versions published here; written last
    versions/<v>.json              reference map of a version, exactly as it was saved
    versions/<v>.places.json       which of its files lie elsewhere than at their own path
    events.zarr/…, labels/…, …     the tree of the highest version, for people and any zarr reader
    objects/<sha256>               files that a later version may replace, under their sums
    withdrawn/<sha256>             nothing: where files are said to lie that were withdrawn

A shard that another one follows is sealed: appending never changes it, so it lies once, in the
tree, for all versions. Whatever else a version has lies in ``objects`` too, so that the next one
can replace it in the tree without anybody noticing who reads this one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from catalog.text_files import json_text, parse_json
from eventstore.errors import FormatError

WITHDRAWN_PLACE = "withdrawn"
"""Where files are said to lie that were withdrawn; nothing ever lies there."""

PLACES_FORMAT = 1
"""Of ``versions/<v>.places.json``."""

_SHARD = re.compile(r"(?P<array>.+/c/)(?P<number>\d+)")


def object_path(sha256: str) -> str:
    """Return where a file lies that is kept under its sum."""
    return f"objects/{sha256}"


def places_path(version: str) -> str:
    """Return where it stands which files of a version lie elsewhere."""
    return f"versions/{version}.places.json"


def sealed(paths: Iterable[str]) -> set[str]:
    """Return the shards that another one follows.

    Examples:
        >>> sorted(sealed(["a/t/c/0", "a/t/c/1", "a/x/c/0", "zarr.json"]))
        ['a/t/c/0']
    """
    known = set(paths)
    found = set()
    for path in known:
        match = _SHARD.fullmatch(path)
        if match and f"{match['array']}{int(match['number']) + 1}" in known:
            found.add(path)
    return found


def places_text(version: str, places: Mapping[str, str]) -> str:
    """Return the text of ``versions/<v>.places.json``."""
    return json_text({"format": PLACES_FORMAT, "version": version, "places": dict(places)})


def parse_places(text: str, path: str) -> dict[str, str]:
    """Read ``versions/<v>.places.json``.

    Raises:
        FormatError: not a table of places, of a later format, or with a place outside.
    """
    content = parse_json(text, path)
    if not isinstance(content, dict) or content.get("format") != PLACES_FORMAT:
        message = "not a table of places"
        raise FormatError(message, path=path, expected="format 1", found=text[:40])
    places = cast("dict[str, str]", content.get("places", {}))
    for name, place in places.items():
        if place.startswith("/") or ".." in place.split("/"):
            message = f"{name} lies outside, at {place}"
            raise FormatError(message, path=path, hint="publish the version again")
    return places
