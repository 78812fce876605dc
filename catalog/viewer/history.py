"""Versions of a dataset, what changed between two of them, and where a recording came from."""

from functools import partial

from catalog.diff.bump import Bump
from catalog.diff.compare import diff_trees
from catalog.labels.kinds import errata_sets, read_errata
from catalog.query.columns import LABEL_PREFIX
from catalog.recording_table import recording_digests
from catalog.reference import DRAFT
from catalog.viewer.shown import Shown, ShownState
from eventstore.errors import SpikelakeError

MOST_CHANGES = 2_000
"""Changes that are told; those that ask for most come first, and their number is told anyway."""

MOST_VERSIONS = 50
"""Latest versions that a recording is looked up in."""


def version_list(shown: Shown) -> dict[str, object]:
    """Return the versions saved, the latest first, as plain values.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> saved = ds.save("1.0.0", "as recorded")
        >>> version_list(Shown(ds))["versions"][0]["message"]
        'as recorded'
    """
    told = ("version", "date", "message", "n_recordings", "n_events", "digest")
    versions = [
        {name: getattr(one, name) for name in told} for one in reversed(shown.source.versions())
    ]
    reference = str(shown.state().version.reference)
    return {"reference": reference, "has_draft": shown.is_draft, "versions": versions}


def version_diff(shown: Shown, before: str, after: str) -> dict[str, object]:
    """Return what changed from one version to another, as plain values.

    Args:
        shown: the dataset.
        before: the first version.
        after: the second, or ``draft`` for the work tree.

    Raises:
        NotFound: there is no such version.
        ReadOnly: the work tree is asked for, and there is none.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> saved = ds.save("1.0.0")
        >>> version_diff(Shown(ds), "1.0.0", "draft")["n_changes"]
        0
    """
    old, new = shown.source.at(before), shown.source.at(after)
    found = diff_trees(old.tree, new.tree)
    counts: dict[str, dict[str, int]] = {}
    for (what, how), n in found.counts().items():
        counts.setdefault(what, {})[how] = n
    return {
        "before": before,
        "after": after,
        "bump": "" if found.bump is Bump.NONE else found.bump.text,
        "n_changes": len(found.changes),
        "counts": counts,
        "changes": [change.to_dict() for change in found.changes[:MOST_CHANGES]],
    }


def lineage(shown: Shown, recording: str) -> dict[str, object]:
    """Return where a recording came from, what was done to it, and what each version has of it.

    Raises:
        NotFound: there is no such recording.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> saved = ds.save("1.0.0")
        >>> lineage(Shown(ds), "Test/left/0")["versions"]
        [{'version': 'draft', 'events': 'as now'}, {'version': '1.0.0', 'events': 'as now'}]
    """
    state = shown.state()
    row = state.store_row(recording)
    table = state.version.store.recordings
    digest = table.digests[row].hex()
    return {
        "reference": str(state.version.reference),
        "recording_id": recording,
        "digest": digest,
        "source": state.texts("source")[state.row_of[recording]],
        "source_sha256": table.source_sha256[row].hex(),
        "provenance": table.provenance(row),
        "labels": _labels(state, recording),
        "corrections": _corrections(state, recording),
        "versions": _versions(shown, recording, digest),
    }


def _labels(state: ShownState, recording: str) -> dict[str, str]:
    at = state.row_of[recording]
    names = [f"{LABEL_PREFIX}{name}" for name in state.version.label_sets]
    return {name.removeprefix(LABEL_PREFIX): state.texts(name)[at] for name in names}


def _corrections(state: ShownState, recording: str) -> list[dict[str, object]]:
    """Return the patches of its labels, oldest first."""
    return [
        {
            "set": name,
            "action": patch.action,
            "before": "" if patch.before is None else str(patch.before),
            "after": "" if patch.after is None else str(patch.after),
            "reason": patch.reason,
            "author": patch.author,
            "date": patch.date,
        }
        for name in errata_sets(state.version.tree)
        for patch in read_errata(state.version.tree, name)
        if patch.recording_id == recording
    ]


def _versions(shown: Shown, recording: str, digest: str) -> list[dict[str, str]]:
    """Say of each version whether it has the same events, others, or none."""
    state, found = shown.state(), []
    names = [DRAFT] if shown.is_draft else []
    names += state.once("versions", lambda: _saved(shown))
    for name in names:
        try:
            digests = state.once(f"digests {name}", partial(_digests, shown, name))
            there = digests.get(recording)
            said = "none" if there is None else "as now" if there == digest else "others"
        except SpikelakeError as error:
            said = error.message
        found.append({"version": name, "events": said})
    return found


def _saved(shown: Shown) -> list[str]:
    return [one.version for one in reversed(shown.source.versions())][:MOST_VERSIONS]


def _digests(shown: Shown, version: str) -> dict[str, str]:
    return recording_digests(shown.source.at(version).recordings)
