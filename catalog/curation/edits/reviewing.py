"""Accept or reject edits; an edit of a recording that is another now can only be rejected."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.curation.edits.edit import Edit, Kind, Status
from catalog.curation.edits.log import EditLog, append_decisions, read_log
from catalog.recording_table import parse_recordings, recording_digests
from catalog.tree import RECORDINGS, STORE, Tree, WorkTree
from eventstore.errors import Conflict, InvalidInput
from eventstore.making import locked

if TYPE_CHECKING:
    from catalog.dataset import Dataset


def review(
    dataset: "Dataset", numbers: Sequence[int], *, accept: bool, author: str, reason: str = ""
) -> list[Edit]:
    """Accept or reject edits, all of them or none; return those that were not decided so already.

    Args:
        dataset: the dataset.
        numbers: their numbers in the log.
        accept: accept them; reject where False.
        author: who decides.
        reason: why.

    Raises:
        NotFound: there is no such edit.
        InvalidInput: one is a note, or no number is given.
        Conflict: one was applied, or the recording is another than it was proposed for.
    """
    with locked(dataset.root / STORE):
        tree = WorkTree(dataset.root)
        edits = plan_review(tree, numbers, accept=accept)
        status = Status.ACCEPTED if accept else Status.REJECTED
        append_decisions(tree, [edit.number for edit in edits], status, author, reason)
    return edits


def plan_review(tree: Tree, numbers: Sequence[int], *, accept: bool) -> list[Edit]:
    """Return the edits that `review` would decide on, checking all it checks."""
    log = read_log(tree)
    if not numbers:
        message = "no edit is named"
        raise InvalidInput(message, hint="give numbers, as 3 or 3-7; spikelake edit list DATASET")
    table = parse_recordings(tree.text(RECORDINGS), path=f"{tree.where}/{RECORDINGS}")
    digests = recording_digests(table)
    wanted = Status.ACCEPTED if accept else Status.REJECTED
    edits = []
    for number in dict.fromkeys(numbers):
        edit = log.edit(number)
        _check_open(log, edit)
        if log.status(number) is not wanted:
            edits.append(edit)
            if accept and digests.get(edit.recording_id) != edit.digest:
                raise stale(tree.where, edit, digests.get(edit.recording_id))
    return edits


def _check_open(log: EditLog, edit: Edit) -> None:
    if edit.kind is Kind.NOTE:
        message = f"edit {edit.number} is a note: there is nothing to decide"
        raise InvalidInput(message, hint="leave its number out")
    if log.status(edit.number) is Status.APPLIED:
        message = f"edit {edit.number} was applied: it cannot be undone by a decision"
        raise Conflict(message, hint="saved versions have what it was applied to")


def stale(where: str, edit: Edit, digest: str | None) -> Conflict:
    """Return the error of an edit that was proposed for another state of its recording."""
    now = f"which is {digest[:12]}… now" if digest else "which is not there any more"
    message = (
        f"edit {edit.number} ({edit.kind}) was proposed for {edit.recording_id} of digest "
        f"{edit.digest[:12]}…, {now}"
    )
    hint = f"spikelake edit review {where} {edit.number} --reject; propose it anew"
    return Conflict(message, hint=hint)
