"""``spikelake task …``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import catalog
from catalog.cli_task import app, open_quietly
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists, FormatError, IntegrityError, InvalidInput, NotFound


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_make_show_list_cite_and_verify_agree(animals: Dataset) -> None:
    planned = run("make", animals.root, "three", "--split", "official", "--dry-run")
    assert planned.output.startswith("would have made animals@draft/task:three#")
    assert animals.draft().tasks == []
    made = json.loads(run("make", animals.root, "three", "--split", "official", "--json").output)
    assert made["reference"] in planned.output
    assert made["counts"]["test"] == {"cat": 2, "dog": 2, "owl": 2}
    shown = json.loads(run("show", f"{animals.root}/task:three", "--json").output)
    assert (shown["reference"], shown["counts"]) == (made["reference"], made["counts"])
    assert "everything agrees" in run("verify", f"{animals.root}/task:three").output
    (listed,) = run("list", animals.root, "--json").output.splitlines()
    assert json.loads(listed)["over"] == "animals/split:official"
    assert isinstance(run("cite", f"{animals.root}/task:three").exception, NotFound)
    animals.save("1.1.0")
    cited = run("cite", f"{animals.root}/task:three").output
    assert cited.startswith("animals@1.1.0/task:three#")
    assert "@misc{animals-1.1.0-three," in cited
    assert json.loads(run("cite", f"{animals.root}/task:three", "--json").output)["bibtex"] in cited


def test_verify_fails_where_anything_differs(animals: Dataset) -> None:
    run("make", animals.root, "three", "--split", "official")
    file = animals.root / "splits/official.tsv"
    file.write_text(file.read_text().replace("\ttrain\n", "\ttest\n", 1))
    for flags in ((), ("--quick",)):
        done = run("verify", f"{animals.root}/task:three", *flags)
        assert done.exit_code == 1
        assert "its rows were edited" in done.output
    (line,) = run("verify", f"{animals.root}/task:three", "--json").output.splitlines()
    assert json.loads(line)["check"] == "split"
    with pytest.raises(IntegrityError, match="is not what it was frozen as"):
        open_quietly(f"{animals.root}@draft/task:three")


def test_a_moved_tag_is_found(animals: Dataset) -> None:
    run("make", animals.root, "three", "--split", "official")
    animals.save("1.1.0")
    animals.repo._git("tag", "-f", "1.1.0", "1.0.0")
    done = run("verify", f"{animals.root}@1.1.0/task:three")
    assert done.exit_code == 1
    assert isinstance(done.exception, IntegrityError)
    assert "the tag was moved" in done.exception.hint


def test_folds_classes_and_labels_are_asked_for(animals: Dataset) -> None:
    flags = [*("--split", "official", "--class", "owl", "--class", "pet", "--metric", "macro-f1")]
    flags += ["--relabel", "cat=pet", "--relabel", "animals:dog=pet", "--about", "pets"]
    made = json.loads(run("make", animals.root, "pets", *flags, "--json").output)
    assert made["counts"]["train"] == {"owl": 3, "pet": 6}
    shown = run("show", f"{animals.root}/task:pets").output
    assert "macro-f1" in shown
    assert "owl: 3" in shown
    crossed = ("--split", "official", "--cross-validate", "--json")
    made = json.loads(run("make", animals.root, "crossed", *crossed).output)
    assert set(made["counts"]) == {"train", "test"}
    assert "fold" in run("show", f"{animals.root}/task:crossed").output


def test_a_pipeline_is_fixed_from_json_or_a_recipe(animals: Dataset, tmp_path: Path) -> None:
    stages = '"stages": [{"transform": "FramesByBins", "n_bins": 2}]'
    (tmp_path / "p.json").write_text(f'{{"format": 1, {stages}}}')
    (tmp_path / "r.toml").write_text(
        'pipeline = [{transform = "DropEvents", fraction = 0.1}, '
        '{transform = "FramesByBins", n_bins = 2}]'
    )
    found = []
    for name in ("p.json", "r.toml"):
        flags = ("--split", "official", "--pipeline", tmp_path / name, "--json")
        run("make", animals.root, name[0], *flags)
        with open_quietly(f"{animals.root}@draft/task:{name[0]}") as task:
            found.append((task.pipeline, task.digest))
    assert found[0][0] is not None
    assert found[0] == found[1]
    (tmp_path / "bad.toml").write_text("x = ")
    (tmp_path / "none.json").write_text("[]")
    for name, said in (("bad.toml", "not TOML"), ("none.json", "no pipeline in it")):
        done = run("make", animals.root, "n", "--split", "official", "--pipeline", tmp_path / name)
        assert isinstance(done.exception, FormatError)
        assert said in done.exception.message


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("make", "@", "a", "--split", "official", "--relabel", "x"), InvalidInput),
        (("make", "@", "a", "--split", "offical"), NotFound),
        (("make", "@", "a", "--split", "official", "--pipeline", "nowhere.json"), NotFound),
        (("show", "@/split:official"), InvalidInput),
        (("verify", "@"), InvalidInput),
        (("verify", "@/task:none"), NotFound),
    ],
)
def test_what_is_wrong_is_refused(
    animals: Dataset, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    done = run(*(a.replace("@", str(animals.root)) for a in arguments))
    assert isinstance(done.exception, error)
    assert animals.draft().tasks == []
    assert run("list", animals.root).output == f"no tasks in {animals.root}\n"


def test_a_name_is_taken_once(animals: Dataset) -> None:
    for _ in range(2):
        done = run("make", animals.root, "three", "--split", "official")
    assert isinstance(done.exception, AlreadyExists)
    assert catalog.open_task(f"{animals.root}@draft/task:three").name == "three"
