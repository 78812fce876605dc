"""Changes are ordered by what they ask for, and told as sentences."""

from catalog.diff.bump import Bump
from catalog.diff.change import Change, Diff, How


def change(name: str, bump: Bump, how: How = How.CHANGED) -> Change:
    return Change(
        what="label", name=name, how=how, bump=bump, of="class", before="cat", after="dog"
    )


def test_the_greatest_come_first_and_decide() -> None:
    diff = Diff.of("a", "b", [change("x", Bump.PATCH), change("y", Bump.MAJOR)])
    assert [c.name for c in diff.changes] == ["y", "x"]
    assert diff.bump is Bump.MAJOR
    assert diff.counts() == {("label", "changed"): 2}


def test_no_change_asks_for_nothing() -> None:
    diff = Diff.of("a", "b", [])
    assert (diff.bump, diff.counts(), diff.examples()) == (Bump.NONE, {}, "")


def test_examples_name_those_that_ask_for_most() -> None:
    many = [change(f"m{k}", Bump.MAJOR) for k in range(5)]
    said = Diff.of("a", "b", [change("p", Bump.PATCH), *many]).examples(2)
    assert said == (
        "label m0 of class changed: cat → dog; label m1 of class changed: cat → dog and 3 more"
    )


def test_plain_values() -> None:
    assert change("x", Bump.MINOR, How.ADDED).to_dict() == {
        "what": "label",
        "of": "class",
        "name": "x",
        "how": "added",
        "before": "cat",
        "after": "dog",
        "bump": "minor",
    }
    bare = Change(what="task", name="digits", how=How.ADDED, bump=Bump.MINOR)
    assert str(bare) == "task digits added"
