"""Open a damaged store as far as it is whole: root, tables and indexes of shards made good."""

import json
from dataclasses import dataclass, replace

from eventstore.files import Files
from eventstore.findings import Finding, Severity
from eventstore.mended_files import MendedFiles
from eventstore.mended_head import UNKNOWN_DIGEST, mended_head
from eventstore.mended_tables import mended_tables
from eventstore.schema import Head
from eventstore.store import ROOT_KEY, EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedStore:
    """A damaged store that can be read as far as it is whole.

    Args:
        store: shows the store as far as it could be mended; reading what is damaged raises.
        findings: what was damaged beside the events, and what stands in for it.
        unnamed: rows of recordings whose own id is lost.
    """

    store: EventStore
    findings: list[Finding]
    unnamed: frozenset[int]


def mend_store(files: Files) -> MendedStore:
    """Open a store of which the root document, tables or the indexes of shards may be damaged.

    Args:
        files: the files of the store, which are not changed.

    Raises:
        FormatError: no event store, one of a later format version, or one of which neither the
            root nor the document of any column of events is left.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.files import LocalFiles
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> tiny_store(path, n_recordings=3).close()
        >>> (path / "recordings" / "id" / "c" / "0").unlink()
        >>> mended = mend_store(LocalFiles(path))
        >>> mended.store.recordings.ids, len(mended.findings)
        (['row-0', 'row-1', 'row-2'], 1)
    """
    head, findings = mended_head(files)
    times = _opened(files, head, {}).column("t")
    tables = mended_tables(files, head, times)
    if tables.n_recordings != head.n_recordings:
        if head.side:
            findings.append(_lost_side(head))
        head = replace(head, n_recordings=tables.n_recordings, digest=UNKNOWN_DIGEST, side={})
    store = _opened(files, head, dict(tables.patches))
    findings += tables.findings
    return MendedStore(store=store, findings=findings, unnamed=tables.unnamed)


def _opened(files: Files, head: Head, patches: dict[str, bytes]) -> EventStore:
    patches[ROOT_KEY] = json.dumps(head.root()).encode()
    return EventStore.open(MendedFiles(files, head, patches))


def _lost_side(head: Head) -> Finding:
    kinds = " and ".join(head.side_kinds())
    message = f"whose {kinds} are whose cannot be told where recordings were found by their times"
    return Finding(severity=Severity.WARNING, where="side", message=message, check="table")
