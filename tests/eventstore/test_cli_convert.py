"""``spikelake convert`` as a user types it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from eventstore.cli_convert import register
from eventstore.errors import AlreadyExists
from eventstore.events import Events
from eventstore.writers.atis import write_atis


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_atis(tmp_path / "a.bin", Events.of(t=[5, 3, 9], x=[1, 2, 3], y=[1, 2, 3]))
    return tmp_path / "a.bin"


def _run(*arguments: str) -> str:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, ["convert", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_people_get_a_sentence_with_the_throughput(source: Path) -> None:
    said = _run(str(source), str(source.with_name("b.dat")), "--repair", "hold-time")
    assert "converted 3 events to" in said
    assert "Mev/s" in said
    assert "repaired: hold-time: 1 events changed, 0 left out" in said
    assert "info: geometry not in file" in said


def test_programs_get_a_line_of_json(source: Path) -> None:
    target = source.with_name("b.bin")
    record = json.loads(_run(str(source), str(target), "--json", "--sensor", "34x34"))
    assert record["events"] == 3
    assert record["bytes"] == target.stat().st_size == 15
    assert [finding["check"] for finding in record["findings"]] == ["time-back"]
    with pytest.raises(AlreadyExists):
        _run(str(source), str(target))
    assert json.loads(_run(str(source), str(target), "--json", "--force"))["status"] == "ok"


def test_a_dry_run_writes_nothing(source: Path) -> None:
    target = source.with_name("b.dat")
    said = _run(str(source), str(target), "--dry-run")
    assert said == f"would convert {source} (atis) to {target} (dat)\n"
    assert json.loads(_run(str(source), str(target), "--dry-run", "--json"))["writer"] == "dat"
    assert not target.exists()
