"""``withdrawn.tsv``: what a dataset says of recordings that were taken back.

One row each: a hash of the id, the day, and what frozen splits that list it need to stay checkable:
the digest of its events, and the labels of the intervals that they list. No reason, no subject.

The id is hashed as it may name a person, and the table of those who took their consent back is the
last that should list them. Whoever has an id, from a split's rows or a paper, can ask for it; ids
that are easily guessed can be found by guessing.
"""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from catalog.labels.intervals import Label
from catalog.tree import Tree
from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import Conflict, FormatError

WITHDRAWN = "withdrawn.tsv"

WITHDRAWN_COLUMNS = ("recording", "date", "digest", "labels")

MARK_PREFIX = "spikelake-withdrawn-1\n"
"""Names the algorithm inside the hash."""


class Tombstone(NamedTuple):
    """What is kept of a recording that was withdrawn."""

    mark: str
    """Hash of its id."""
    date: str
    digest: str
    """Logical digest of its events; empty where no split lists it."""
    labels: Mapping[str, Mapping[str, str]]
    """By label set and interval ``start-stop``, those that splits list."""


class Gone(NamedTuple):
    """Samples of a split that were withdrawn, as they were frozen."""

    labels: dict[str, Label]
    digests: dict[str, str]
    """Logical digest of each recording."""


def mark_of(recording_id: str) -> str:
    """Return the hash that stands for an id.

    Examples:
        >>> mark_of("walk") == mark_of("walk"), len(mark_of("walk"))
        (True, 64)
    """
    return sha256_text(MARK_PREFIX + recording_id)


def read_tombstones(tree: Tree) -> dict[str, Tombstone]:
    """Return the tombstones of a state of a dataset by mark; none where nothing was withdrawn.

    Raises:
        FormatError: the table is none of tombstones.
    """
    if WITHDRAWN.removesuffix(".tsv") not in tree.names("", ".tsv"):
        return {}
    return parse_tombstones(tree.text(WITHDRAWN), path=f"{tree.where}/{WITHDRAWN}")


def tombstones_table(tombstones: Iterable[Tombstone]) -> Table:
    """Return the rows of ``withdrawn.tsv``."""
    rows = []
    for one in tombstones:
        labels = {name: dict(of) for name, of in one.labels.items() if of}
        text = json.dumps(labels, sort_keys=True, ensure_ascii=False) if labels else ""
        rows.append((one.mark, one.date, one.digest, text))
    return Table.of(WITHDRAWN_COLUMNS, rows)


def parse_tombstones(text: str, *, path: str) -> dict[str, Tombstone]:
    """Read ``withdrawn.tsv``.

    Raises:
        FormatError: other columns, or labels that are no JSON; says which line.
    """
    table = Table.parse(text, path=path)
    if table.columns != WITHDRAWN_COLUMNS:
        message, expected = "not a table of tombstones", " ".join(WITHDRAWN_COLUMNS)
        raise FormatError(message, path=path, expected=expected, found=" ".join(table.columns))
    found = {}
    for line, (mark, date, digest, labels) in enumerate(table.rows, start=2):
        try:
            held = json.loads(labels or "{}")
        except ValueError as error:
            message = f"line {line}: labels are no JSON: {error}"
            raise FormatError(message, path=path, hint="restore the file from git") from error
        found[mark] = Tombstone(mark, date, digest, cast("dict[str, dict[str, str]]", held))
    return found


def withdrawn_among(tree: Tree, recordings: Iterable[str]) -> list[str]:
    """Return those of some recordings that were withdrawn."""
    tombstones = read_tombstones(tree)
    return [name for name in recordings if mark_of(name) in tombstones] if tombstones else []


def refuse_returned(tree: Tree, recordings: Iterable[str]) -> None:
    """Refuse recordings that were withdrawn and are there again, as after an ingest of the source.

    Raises:
        Conflict: there is one; names it.
    """
    back = withdrawn_among(tree, recordings)
    if back:
        message = f"{tree.where}: {back[0]} was withdrawn and is there again"
        message += f", as are {len(back) - 1:,} more" if len(back) > 1 else ""
        hint = f"spikelake dataset remove-recording {tree.where} {shlex.join(back[:3])}"
        raise Conflict(message, hint=hint + (" …" if len(back) > 3 else ""))


def gone_samples(tree: Tree, label_set: str, samples: Iterable[str]) -> Gone:
    """Return those of some samples that were withdrawn, as they were frozen."""
    asked = list(samples)
    tombstones = read_tombstones(tree) if asked else {}
    labels: dict[str, Label] = {}
    digests: dict[str, str] = {}
    for sample in asked if tombstones else ():
        name, _, times = sample.rpartition("#")
        one = tombstones.get(mark_of(name))
        label = one.labels.get(label_set, {}).get(times) if one else None
        if one is not None and label is not None:
            start, _, stop = times.partition("-")
            labels[sample] = Label(name, int(start), int(stop), label)
            digests[name] = one.digest
    return Gone(labels, digests)


def said_withdrawn(samples: Iterable[str]) -> str:
    """Return how many samples of how many recordings are withdrawn, for people.

    Examples:
        >>> said_withdrawn(["a#0-9", "a#9-20", "b#0-5"])
        '3 samples of 2 withdrawn recordings'
    """
    listed = list(samples)
    n = len({sample.rpartition("#")[0] for sample in listed})
    of = f"{n:,} withdrawn recording{'' if n == 1 else 's'}"
    return f"{len(listed):,} sample{'' if len(listed) == 1 else 's'} of {of}"
