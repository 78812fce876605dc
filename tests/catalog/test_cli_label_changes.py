"""``spikelake label diff | edit | check``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog.cli_label import app
from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import Label
from eventstore.errors import Conflict, InvalidInput, NotFound

NAME = "train/cat/000"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def label_gestures(animals: Dataset) -> None:
    labels = [Label(NAME, 310, 700, "air_drums"), Label(NAME, 600, 900, "air_guitar")]
    animals.write_labels(labels, "gesture")
    boxes = Boxes.of(recording_id=NAME, t=[1, 2], x=1, y=1, w=2, h=2, label="hand")
    animals.write_boxes(boxes, "hands")
    animals.save("1.1.0")


@pytest.fixture
def gestures(animals_after: Callable[[Callable[[Dataset], None]], Dataset]) -> Dataset:
    """A dataset whose version 1.1.0 has the overlap of DVS Gesture."""
    return animals_after(label_gestures)


def edit(dataset: Dataset, *flags: str) -> Result:
    return run("edit", dataset.root, *flags, "--set", "gesture")


MEND = (
    f"{NAME}#310-700",
    "--stop",
    "600",
    "--was",
    "air_drums",
    "--reason",
    "ends before the next",
)


def test_a_patch_mends_the_overlap_and_diff_says_why(gestures: Dataset) -> None:
    assert "overlaps 100 µs" in run("check", gestures.root).output
    planned = edit(gestures, *MEND, "--dry-run")
    assert planned.output == (
        "would have moved train/cat/000: 310-700 'air_drums' → 310-600 'air_drums' (patch 1)\n"
    )
    assert gestures.draft().errata("gesture") == []
    done = json.loads(edit(gestures, *MEND, "--json").output)
    assert (done["status"], done["revision"], done["findings"]) == ("ok", 1, [])
    assert done["patches"][0]["reason"] == "ends before the next"
    assert "@" in done["patches"][0]["author"]
    assert run("check", gestures.root).output == f"{gestures.root}: everything agrees\n"
    table = run("diff", gestures.root).output
    assert "moved" in table
    assert "ends before" in table
    (row,) = map(json.loads, run("diff", gestures.root, "--json").output.splitlines())
    assert (row["set"], row["action"], row["to_t_stop_us"]) == ("gesture", "moved", 600)
    assert row["reasons"] == ["ends before the next"]
    gestures.save("2.0.0")
    between = run("diff", f"{gestures.root}@1.1.0", "2.0.0", "--json").output
    assert json.loads(between) == row


def test_a_stale_edit_is_a_conflict(gestures: Dataset) -> None:
    edit(gestures, *MEND)
    assert isinstance(edit(gestures, *MEND).exception, Conflict)
    other = (f"{NAME}#600-900", "--label", "clap", "--was", "wave", "--reason", "x")
    assert isinstance(edit(gestures, *other).exception, Conflict)
    assert len(gestures.draft().errata("gesture")) == 1


def test_intervals_are_added_and_removed(gestures: Dataset) -> None:
    added = (f"{NAME}#10-20", "--add", "--label", "clap", "--reason", "missed")
    assert edit(gestures, *added).output == f"added {NAME}: 10-20 'clap' (patch 1)\n"
    removed = (f"{NAME}#600-900", "--remove", "--reason", "none there")
    assert edit(gestures, *removed).output.startswith(f"removed {NAME}: 600-900 'air_guitar'")
    found = [json.loads(x) for x in run("diff", gestures.root, "--json").output.splitlines()]
    assert [(x["action"], x["reasons"]) for x in found] == [
        ("added", ["missed"]),
        ("removed", ["none there"]),
    ]


def test_times_of_the_source_count_from_its_own_clock(gestures: Dataset) -> None:
    table = gestures.root / "recordings.tsv"
    text = table.read_text()
    row = next(line for line in text.splitlines() if line.startswith(NAME + "\t"))
    cells = row.split("\t")
    table.write_text(text.replace(row, "\t".join([*cells[:3], "5000", *cells[4:]])))
    flags = ("--times", "source", "--reason", "ends before the next")
    early = edit(gestures, f"{NAME}#310-700", "--stop", "600", *flags)
    assert "lies before the recording's start at 5000 µs" in str(early.exception)
    done = edit(gestures, f"{NAME}#5310-5700", "--stop", "5600", *flags)
    assert "310-700 'air_drums' → 310-600" in done.output
    assert isinstance(edit(gestures, "nobody#1-2", "--stop", "6", *flags).exception, NotFound)


def test_a_file_of_errata_is_applied(gestures: Dataset, tmp_path: Path) -> None:
    edit(gestures, *MEND)
    shipped = tmp_path / "errata.tsv"
    shipped.write_bytes((gestures.root / "labels/errata/gesture.tsv").read_bytes())
    (gestures.root / "labels/errata/gesture.tsv").unlink()
    gestures.write_labels(gestures.at("1.1.0").labels("gesture").values(), "gesture")
    done = edit(gestures, "--patch", str(shipped))
    assert done.output.startswith("moved train/cat/000: 310-700")
    assert isinstance(edit(gestures, "--patch", str(shipped)).exception, Conflict)
    assert isinstance(edit(gestures, *MEND, "--patch", str(shipped)).exception, InvalidInput)
    assert isinstance(edit(gestures, "--patch", "none.tsv").exception, NotFound)


@pytest.mark.parametrize(
    "flags",
    [
        (f"{NAME}#310-700", "--reason", "x"),
        (f"{NAME}#310-700", "--stop", "600"),
        (f"{NAME}#310-700", "--remove", "--stop", "600", "--reason", "x"),
        (f"{NAME}#310-700", "--remove", "--add", "--reason", "x"),
        (f"{NAME}#1-2", "--add", "--reason", "x"),
        (f"{NAME}#1-2", "--add", "--label", "a", "--stop", "9", "--reason", "x"),
        (NAME, "--stop", "600", "--reason", "x"),
    ],
)
def test_what_is_no_edit_is_refused(gestures: Dataset, flags: tuple[str, ...]) -> None:
    assert isinstance(edit(gestures, *flags).exception, InvalidInput)
    assert gestures.draft().errata("gesture") == []


def test_an_edit_needs_a_git_identity(
    gestures: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        for part in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{part}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    result = edit(gestures, *MEND)
    assert "git does not know who you are" in str(result.exception)
    assert gestures.draft().errata("gesture") == []


def test_boxes_are_compared_by_number(gestures: Dataset) -> None:
    boxes = Boxes.of(recording_id=NAME, t=[1, 3, 4], x=1, y=1, w=2, h=2, label="hand")
    gestures.write_boxes(boxes, "hands")
    (row,) = map(json.loads, run("diff", gestures.root, "--json").output.splitlines())
    assert row == {
        "set": "hands",
        "action": "boxes",
        "recording_id": NAME,
        "removed": 1,
        "added": 2,
    }
    assert "boxes of hands" in run("diff", gestures.root).output
    assert run("diff", gestures.root, "--set", "gesture").output.endswith("no label differs\n")
    assert isinstance(run("diff", gestures.root, "--set", "x").exception, NotFound)


def test_many_changes_are_cut_short(gestures: Dataset) -> None:
    gestures.write_labels([Label(NAME, k, k + 1, "x") for k in range(50)], "gesture")
    assert "and 12 more; --all lists them" in run("diff", gestures.root).output
    assert "more; --all" not in run("diff", gestures.root, "--all").output


def test_a_check_tells_of_gaps_where_asked_and_fails_on_errors(gestures: Dataset) -> None:
    gaps = run("check", gestures.root, "--set", "gesture", "--complete", "--json")
    said = [json.loads(line)["message"] for line in gaps.output.splitlines()]
    assert said[1] == "no label for 310 µs"
    gestures.write_labels([Label(NAME, 50_000, 60_000, "x")], "gesture")
    failed = run("check", gestures.root)
    assert failed.exit_code == 1
    assert "error: gesture: train/cat/000#50000-60000: 'x' lies beyond" in failed.output
    boxes = Boxes.of(recording_id=NAME, t=[1], x=9, y=1, w=2, h=2, label="hand")
    gestures.write_boxes(boxes, "hands")
    assert "lie wholly off the sensor" in run("check", gestures.root, "--set", "hands").output
    assert isinstance(run("check", gestures.root, "--set", "x").exception, NotFound)
