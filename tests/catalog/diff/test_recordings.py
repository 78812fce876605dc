"""Recordings: new ones ask for little, other events for much, notes for least."""

from catalog.diff.bump import Bump
from catalog.diff.change import How
from catalog.diff.recordings import recording_changes
from catalog.recording_table import RECORDING_COLUMNS
from catalog.tsv import Table


def text(rows: dict[str, str], **notes: str) -> str:
    """Return a table of recordings with these digests, and columns of the same value in each."""
    columns = (*RECORDING_COLUMNS, *(name for name in notes if name not in RECORDING_COLUMNS))
    known = {"n_events": "9", **notes}
    return Table.of(
        columns,
        (
            [{"recording_id": name, "digest": digest, **known}.get(c, "") for c in columns]
            for name, digest in rows.items()
        ),
    ).text()


def kinds(before: str, after: str) -> list[tuple[str, How, Bump]]:
    return [(c.name, c.how, c.bump) for c in recording_changes(before, after)]


def test_equal_tables_and_none_at_all() -> None:
    assert kinds(text({"a": "0"}), text({"a": "0"})) == []
    assert kinds("", "") == []


def test_the_first_recordings_are_added() -> None:
    assert kinds("", text({"a": "0"})) == [("a", How.ADDED, Bump.MINOR)]
    assert kinds(text({"a": "0"}), "") == [("a", How.REMOVED, Bump.MAJOR)]


def test_added_removed_and_other_events() -> None:
    before, after = text({"a": "0", "b": "1"}), text({"b": "2", "c": "3"})
    assert sorted(kinds(before, after)) == [
        ("a", How.REMOVED, Bump.MAJOR),
        ("b", How.CHANGED, Bump.MAJOR),
        ("c", How.ADDED, Bump.MINOR),
    ]


def test_the_same_events_under_another_name_are_renamed() -> None:
    [change] = recording_changes(text({"a": "0"}), text({"b": "0"}))
    assert (change.how, change.bump, change.before, change.name) == (
        How.RENAMED,
        Bump.MAJOR,
        "a",
        "b",
    )


def test_notes_ask_for_a_patch() -> None:
    [change] = recording_changes(text({"a": "0"}, fold="train"), text({"a": "0"}, fold="test"))
    assert (change.bump, change.before, change.after) == (Bump.PATCH, "fold=train", "fold=test")
    [change] = recording_changes(text({"a": "0"}), text({"a": "0"}, speaker="ann"))
    assert str(change) == "column speaker of recordings.tsv added"
    [change] = recording_changes(text({"a": "0"}, speaker="ann"), text({"a": "0"}))
    assert (change.what, change.how) == ("column", How.REMOVED)


def test_other_side_streams_are_other_events() -> None:
    [change] = recording_changes(text({"a": "0"}), text({"a": "0"}, side_digest="ff"))
    assert change.bump is Bump.MAJOR
