"""What publishing a version takes: files to send, to keep for older versions, to show.

Nothing here touches a server: what is there is an argument.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.remotes.layout import object_path, sealed
from catalog.tree import STORE

ROOT = f"{STORE}/zarr.json"
"""The file whose content decides which state of the store the tree shows; written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version that is at the target already.

    Args:
        version: its number.
        sums: sha256 of each of its files.
        places: where those lie that are not at their own path.
    """

    version: str
    sums: Mapping[str, str]
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescue:
    """A file that an older version reads in the tree, and that is about to be replaced there.

    Args:
        path: the file.
        sha256: its sum, under which it is kept from then on.
        versions: the versions that read it.
    """

    path: str
    sha256: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a version's files get to a target.

    Args:
        places: where files lie that do not lie at their own path, for readers of the version.
        objects: files that are kept under their sums, by path.
        shards: files that lie in the tree alone.
        rescues: what to keep for older versions before the tree is changed.
        shown: files of the tree, in the order of writing; empty where a higher version is shown.
    """

    places: Mapping[str, str]
    objects: Sequence[str]
    shards: Sequence[str]
    rescues: Sequence[Rescue]
    shown: Sequence[str]


def plan_upload(
    sums: Mapping[str, str], published: Sequence[Published], *, is_highest: bool
) -> Plan:
    """Decide where the files of a version go.

    Args:
        sums: sha256 of each file of the version.
        published: the versions at the target.
        is_highest: whether the version is higher than all of them, so that the tree shows it.

    Examples:
        >>> sums = {"zarr.json": "0a", "e/t/c/0": "1b", "e/t/c/1": "2c"}
        >>> plan = plan_upload(sums, [], is_highest=True)
        >>> plan.objects, plan.shards
        (['e/t/c/1', 'zarr.json'], ['e/t/c/0'])
    """
    taken = _taken(published)
    in_tree = sealed(sums)
    if not is_highest:  # the tree belongs to the higher version: only what it has too is shared
        in_tree = {path for path in in_tree if set(taken.get(path, {})) == {sums[path]}}
    objects = sorted(path for path in sums if path not in in_tree)
    rescues: list[Rescue] = []
    for path in sorted(sums) if is_highest else ():
        for sha256, versions in taken.get(path, {}).items():
            if sha256 != sums[path]:
                rescues.append(Rescue(path=path, sha256=sha256, versions=tuple(versions)))
    return Plan(
        places={path: object_path(sums[path]) for path in objects},
        objects=objects,
        shards=sorted(in_tree),
        rescues=tuple(rescues),
        shown=_shown(objects) if is_highest else (),
    )


def plan_again(sums: Mapping[str, str], places: Mapping[str, str], *, is_highest: bool) -> Plan:
    """Decide what a version that is published already may lack: files that were lost since."""
    objects = sorted(path for path in sums if places.get(path) == object_path(sums[path]))
    return Plan(
        places=places,
        objects=objects,
        shards=sorted(set(sums) - set(objects)),
        rescues=(),
        shown=_shown(objects) if is_highest else (),
    )


def _taken(published: Sequence[Published]) -> dict[str, dict[str, list[str]]]:
    """Return which versions read which content at its own path, by path and sum."""
    taken: dict[str, dict[str, list[str]]] = {}
    for one in published:
        for path, sha256 in one.sums.items():
            if path not in one.places:
                taken.setdefault(path, {}).setdefault(sha256, []).append(one.version)
    return taken


def _shown(objects: Sequence[str]) -> list[str]:
    """Return what the tree shows beside the shards: all but what only git looks at."""
    return sorted((path for path in objects if not path.startswith(".")), key=_order)


def _order(path: str) -> tuple[int, str]:
    """Put values before the documents that count on them, and the root document last of all."""
    if path == ROOT:
        return 3, path
    return (2 if path.endswith("zarr.json") else 1), path
