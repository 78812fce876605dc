"""The log of edits, ``edits.tsv``: one line an action, in order; a line never changes.

=============  ========================================  ==========================
action         what its line says                        may follow
=============  ========================================  ==========================
``proposed``   kind, recording, its digest, parameters   –
``accepted``   reason, where one was given               proposed, rejected
``rejected``   reason, where one was given               proposed, accepted
``applied``    digest that the recording has since       accepted
=============  ========================================  ==========================

A note asks for nothing, so that it is never reviewed. Numbers of edits run from 1 and are lines of
``proposed`` counted.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from catalog.curation.edits.edit import Edit, Kind, Status
from catalog.text_files import write_text
from catalog.tree import Tree, WorkTree
from catalog.tsv import Table
from eventstore.errors import FormatError, InvalidInput, NotFound

LOG = "edits.tsv"

LOG_COLUMNS = (
    "edit",
    "action",
    "date",
    "author",
    "kind",
    "recording_id",
    "digest",
    "parameters",
    "reason",
)

PROPOSED = "proposed"

_MAY_FOLLOW = {
    Status.ACCEPTED: {Status.OPEN, Status.REJECTED},
    Status.REJECTED: {Status.OPEN, Status.ACCEPTED},
    Status.APPLIED: {Status.ACCEPTED},
}


class Action(NamedTuple):
    """One line of the log."""

    number: int
    action: str
    date: str
    author: str
    edit: Edit | None = None
    """What was proposed."""
    digest: str = ""
    """What the recording is since the edit was applied; empty where it is gone."""
    reason: str = ""

    def row(self) -> tuple[str, ...]:
        """Return the cells of the line."""
        edit = self.edit
        if edit is None:
            told = ("", "", self.digest, "", self.reason)
        else:
            parameters = json.dumps(dict(edit.parameters), sort_keys=True, ensure_ascii=False)
            told = (edit.kind, edit.recording_id, edit.digest, parameters, edit.reason)
        return (str(self.number), self.action, self.date, self.author, *told)


class EditLog:
    """All actions so far, and how far each edit got.

    Args:
        actions: the lines, in order.

    Examples:
        >>> edit = Edit(kind=Kind.DROP, recording_id="a", digest="ab", reason="lens cap", number=1)
        >>> log = EditLog([Action(1, "proposed", "2026-01-01", "Ann", edit)])
        >>> log.status(1).value
        'open'
    """

    def __init__(self, actions: Sequence[Action]) -> None:
        self.actions = tuple(actions)
        self.edits: dict[int, Edit] = {}
        self._status: dict[int, Status] = {}
        for action in actions:
            if action.edit is not None:
                is_note = action.edit.kind is Kind.NOTE
                self.edits[action.number] = action.edit
                self._status[action.number] = Status.APPLIED if is_note else Status.OPEN
            else:
                self._status[action.number] = Status(action.action)

    def edit(self, number: int) -> Edit:
        """Return an edit by its number.

        Raises:
            NotFound: there is none.
        """
        if number not in self.edits:
            message = f"no edit {number}: the log has {len(self.edits)}"
            raise NotFound(message, hint="spikelake edit list DATASET")
        return self.edits[number]

    def status(self, number: int) -> Status:
        """Return how far an edit got; a note has nothing to be done, so it is applied."""
        return self._status[number]

    def of_status(self, status: Status) -> list[Edit]:
        """Return the edits that got so far, in order."""
        return [edit for number, edit in self.edits.items() if self._status[number] is status]

    @cached_property
    def last(self) -> dict[int, Action]:
        """The last action on each edit."""
        return {action.number: action for action in self.actions}

    def text(self) -> str:
        """Return the text of the file."""
        return Table(LOG_COLUMNS, tuple(action.row() for action in self.actions)).text()


def read_log(tree: Tree) -> EditLog:
    """Return the log of a state of a dataset; an empty one where it has none.

    Raises:
        FormatError: the file is no log of edits; says which line.
    """
    has = LOG.removesuffix(".tsv") in tree.names("", ".tsv")
    return parse_log(tree.text(LOG), path=f"{tree.where}/{LOG}") if has else EditLog([])


def append_proposals(tree: WorkTree, edits: Iterable[Edit], author: str) -> list[Edit]:
    """Write that edits were proposed; return them with number, author and date."""
    log, now = read_log(tree), _now()
    numbered = [
        replace(edit, number=number, author=author, date=now)
        for number, edit in enumerate(edits, start=len(log.edits) + 1)
    ]
    _append(tree, log, [Action(e.number, PROPOSED, now, author, e) for e in numbered])
    return numbered


def append_decisions(
    tree: WorkTree, numbers: Iterable[int], status: Status, author: str, reason: str
) -> None:
    """Write that edits were accepted or rejected."""
    log, now = read_log(tree), _now()
    _append(tree, log, [Action(n, status, now, author, reason=reason) for n in numbers])


def append_applied(tree: WorkTree, digests: Iterable[tuple[int, str]], author: str) -> None:
    """Write that edits were applied, and the digest of their recordings since."""
    log, now = read_log(tree), _now()
    _append(tree, log, [Action(n, Status.APPLIED, now, author, digest=d) for n, d in digests])


def _append(tree: WorkTree, log: EditLog, actions: Sequence[Action]) -> None:
    if actions:
        text = EditLog([*log.actions, *actions]).text()
        parse_log(text, path=LOG)  # what cannot be read back is not written
        write_text(tree.root / LOG, text)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def parse_log(text: str, *, path: str) -> EditLog:
    """Read ``edits.tsv``.

    Raises:
        FormatError: other columns, or a line that is no action, or none that may follow the lines
            before it; says which.
    """
    table = Table.parse(text, path=path)
    if table.columns != LOG_COLUMNS:
        expected, found = "columns " + " ".join(LOG_COLUMNS), " ".join(table.columns)
        message = "not a log of edits"
        raise FormatError(message, path=path, expected=expected, found=found)
    actions, status = [], dict[int, Status]()
    for line, row in enumerate(table.rows, start=2):
        try:
            action = _action(row, status)
        except (ValueError, InvalidInput) as error:
            message = f"line {line} is no action: {error}"
            hint = "the log only grows, and by spikelake edit alone: restore the file from git"
            raise FormatError(message, path=path, hint=hint) from error
        actions.append(action)
    return EditLog(actions)


def _action(row: Sequence[str], status: dict[int, Status]) -> Action:
    number, action, date, author, kind, recording, digest, parameters, reason = row
    n = int(number)
    datetime.fromisoformat(date)
    if action == PROPOSED:
        if n != len(status) + 1:
            message = f"edit {n} is proposed where number {len(status) + 1} would be"
            raise ValueError(message)
        edit = Edit(
            kind=Kind(kind),
            recording_id=recording,
            digest=digest,
            reason=reason,
            parameters=_parameters(parameters),
            number=n,
            author=author,
            date=date,
        )
        status[n] = Status.APPLIED if edit.kind is Kind.NOTE else Status.OPEN
        return Action(n, action, date, author, edit)
    now = Status(action)
    before = status.get(n)
    if now not in _MAY_FOLLOW or before not in _MAY_FOLLOW[now]:
        message = f"edit {n} is {action} after it was {before or 'never proposed'}"
        raise ValueError(message)
    status[n] = now
    return Action(n, action, date, author, digest=digest, reason=reason)


def _parameters(text: str) -> dict[str, object]:
    found = json.loads(text)
    if not isinstance(found, dict):
        message = f"parameters {text}"
        raise ValueError(message)  # noqa: TRY004  # of a line that is told of, not of a caller
    return found
