"""The log only grows, reads back to what was written, and refuses lines that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.curation.edits.edit import Edit, Kind, Status
from catalog.curation.edits.log import (
    LOG,
    Action,
    EditLog,
    append_applied,
    append_decisions,
    append_proposals,
    parse_log,
    read_log,
)
from catalog.dataset import Dataset
from catalog.tree import WorkTree
from eventstore.errors import FormatError, NotFound

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=9)


def edit(kind: Kind = Kind.DROP, name: str = "a", reason: str = "why") -> Edit:
    return Edit(kind=kind, recording_id=name, digest="ab", reason=reason)


def test_a_log_tells_how_far_each_edit_got(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    assert read_log(tree).edits == {}
    first = append_proposals(tree, [edit(), edit(name="b"), edit(Kind.NOTE)], "Ann")
    assert [(e.number, e.author) for e in first] == [(1, "Ann"), (2, "Ann"), (3, "Ann")]
    text = (animals.root / LOG).read_text()
    append_decisions(tree, [1], Status.REJECTED, "Bo", "no")
    append_decisions(tree, [1, 2], Status.ACCEPTED, "Bo", "")
    append_applied(tree, [(2, "cd")], "Bo")
    log = read_log(tree)
    assert [log.status(n) for n in (1, 2, 3)] == ["accepted", "applied", "applied"]
    assert [e.number for e in log.of_status(Status.ACCEPTED)] == [1]
    assert (log.last[2].digest, log.actions[3].reason) == ("cd", "no")
    assert (animals.root / LOG).read_text().startswith(text)
    with pytest.raises(NotFound, match="no edit 4: the log has 3"):
        log.edit(4)


@given(st.lists(st.tuples(TEXT, TEXT.filter(str.strip)), max_size=5))
def test_whatever_is_written_reads_back(rows: list[tuple[str, str]]) -> None:
    actions = []
    for number, (name, reason) in enumerate(rows, start=1):
        parameters = {"pixels": [[number, 0]]}
        made = Edit(
            kind=Kind.MASK,
            recording_id=name,
            digest="ab",
            reason=reason,
            parameters=parameters,
            number=number,
            author="Ann",
            date="2026-01-02T03:04:05+00:00",
        )
        actions.append(Action(number, "proposed", made.date, "Ann", made))
    log = EditLog(actions)
    assert parse_log(log.text(), path=LOG).actions == log.actions


HEAD = EditLog([]).text()
LINE = "1\tproposed\t2026-01-01\tAnn\tdrop\ta\tab\t{}\twhy\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("edit", "number", 1), "not a log of edits"),
        (HEAD + LINE.replace("1\t", "2\t", 1), "line 2 is no action: edit 2 is proposed where"),
        (HEAD + LINE + LINE, "line 3 is no action: edit 1 is proposed where number 2"),
        (HEAD + LINE.replace("drop", "burn"), "'burn' is not a valid Kind"),
        (HEAD + LINE.replace("2026", "soon"), "line 2 is no action: Invalid isoformat"),
        (HEAD + LINE.replace("{}", "[]"), r"parameters \[\]"),
        (HEAD + LINE.replace("why", " "), "without a reason"),
        (HEAD + "1\taccepted\t2026-01-01\tBo" + "\t" * 5 + "\n", "accepted after it was never"),
        (HEAD + LINE + "1\tapplied\t2026-01-01\tBo" + "\t" * 5 + "\n", "applied after it was open"),
        (HEAD + LINE + "1\topen\t2026-01-01\tBo" + "\t" * 5 + "\n", "edit 1 is open after"),
    ],
)
def test_lines_that_cannot_be_are_told_of(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse_log(text, path=LOG)
