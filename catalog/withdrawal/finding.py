"""Which recordings are to be withdrawn: those of a subject, in every state the dataset ever had."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from catalog.curator_columns import SUBJECTS
from catalog.recording_table import parse_recordings
from catalog.text_files import decode_text
from catalog.tree import RECORDINGS
from catalog.tsv import Table
from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog.dataset import Dataset


def find_recordings(
    dataset: "Dataset",
    *,
    subject: str = "",
    column: str = "",
    recordings: Sequence[str] = (),
) -> list[str]:
    """Return the ids of recordings that are to be withdrawn, sorted.

    They are looked for in the work tree and in every saved version, so that a withdrawal that was
    cut off, or was done in another clone, finds the same ones again.

    Args:
        dataset: the dataset.
        subject: value of the column.
        column: the column; those of people, ``subject_id`` and ``subject``, where empty.
        recordings: ids, instead of a subject.

    Raises:
        InvalidInput: neither a subject nor recordings are given, or both.
        NotFound: there is no such subject, column or recording.
    """
    if bool(subject) == bool(recordings):
        message = "which recordings is not said, or said twice"
        raise InvalidInput(message, hint="give --subject NAME, or --recording ID")
    tables = list(_tables(dataset))
    if recordings:
        known = {name for table in tables for name in table.column("recording_id")}
        for name in recordings:
            if name not in known:
                missing = NotFound.among("recording", name, known)
                raise missing
        return sorted(set(recordings))
    wanted = (column,) if column else SUBJECTS
    having = [(table, name) for table in tables for name in wanted if name in table.columns]
    if not having:
        columns = {name for table in tables for name in table.columns}
        missing = NotFound.among("column of recordings.tsv", wanted[0], columns)
        raise missing
    found, values = set(), set()
    for table, column_name in having:
        pairs = zip(table.column("recording_id"), table.column(column_name), strict=True)
        for name, value in pairs:
            values.add(value)
            if value == subject:
                found.add(name)
    if not found:
        what, hint = f"recording whose {having[0][1]} is", "spelled as in recordings.tsv?"
        raise NotFound.among(what, subject, values - {""}, hint=hint)
    return sorted(found)


def saved_recordings(dataset: "Dataset") -> Iterator[tuple[str, Table]]:
    """Yield the table of recordings of every saved version that has its tag, by version."""
    for entry in dataset.versions():
        commit = dataset.repo.commit(f"refs/tags/{entry.version}")
        blobs = dataset.repo.blobs(commit, [RECORDINGS]) if commit else {}
        if RECORDINGS in blobs:
            yield entry.version, parse_recordings(decode_text(blobs[RECORDINGS], RECORDINGS))


def _tables(dataset: "Dataset") -> Iterator[Table]:
    draft = dataset.draft()
    if draft.has_recordings:
        yield draft.recordings
    yield from (table for _, table in saved_recordings(dataset))
