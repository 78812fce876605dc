"""``spikelake split check …``."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from catalog.cli import register
from catalog.dataset import Dataset
from catalog.splits.leakage.report import LeakageReport
from eventstore.errors import InvalidInput


def run(*arguments: str | Path) -> Result:
    import typer

    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["split", "check", *(str(a) for a in arguments)])


def test_a_clean_split_ends_well_and_keeps_its_report(animals: Dataset) -> None:
    result = run(f"{animals.root}/split:official", "--save")
    assert result.exit_code == 0, result.output
    assert "no leakage found" in result.output
    text = (animals.root / "splits/official.leakage.json").read_text()
    report = LeakageReport.parse(text, path="x")
    assert report.digest == animals.draft().split("official").digest
    assert animals.draft().splits == ["official"]  # a report is no split
    animals.save("1.0.1")
    assert animals.at("1.0.1").splits == ["official"]
    assert animals.verify() == []


def test_a_shared_speaker_gives_exit_status_1(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    animals.set_column("speaker", dict.fromkeys(ids, "ann"))
    reference = f"{animals.root}/split:official"
    assert run(reference, "--no-near-duplicates").exit_code == 0  # guessed: a warning
    result = run(reference, "--group-by", "speaker", "--no-near-duplicates", "--json")
    assert result.exit_code == 1
    *findings, summary = map(json.loads, result.output.splitlines())
    assert [f["check"] for f in findings if f["severity"] == "error"] == ["group"]
    assert summary["counts"]["error"] == 1


def test_what_cannot_be_done_is_refused(animals: Dataset) -> None:
    saved = run(f"{animals.root}@1.0.0/split:official", "--save")
    assert isinstance(saved.exception, InvalidInput)
    assert "takes no report" in saved.exception.message
    assert isinstance(run(animals.root).exception, InvalidInput)
    assert run(f"{animals.root}@1.0.0/split:official", "--no-near-duplicates").exit_code == 0
