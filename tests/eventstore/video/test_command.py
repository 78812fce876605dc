"""``spikelake export-video`` as a user types it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from eventstore.events import Events
from eventstore.video.command import register
from eventstore.writers.atis import write_atis


@pytest.fixture
def source(tmp_path: Path) -> Path:
    times = range(0, 200_000, 1_000)
    write_atis(tmp_path / "a.bin", Events.of(t=times, x=[3] * 200, y=[2] * 200))
    return tmp_path / "a.bin"


def _run(*arguments: str) -> str:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_people_get_a_sentence_and_programs_a_line(source: Path) -> None:
    target = source.with_name("a.gif")
    said = _run(str(source), str(target), "--sensor", "34x34", "--speed", "0.5")
    assert said.startswith("wrote 10 pictures of 272 × 272, 0.4 s at 0.5 × real time, to")
    more = ("--sensor", "34x34", "--from", "40000", "--to", "120000", "--fps", "50", "--force")
    record = json.loads(_run(str(source), str(target), *more, "--json"))
    assert (record["frames"], record["bytes"]) == (4, target.stat().st_size)


def test_a_dry_run_writes_nothing(source: Path) -> None:
    target = source.with_name("a.gif")
    flags = ("--sensor", "34x34", "--to", "80000", "--dry-run")
    said = _run(str(source), str(target), *flags)
    assert said == f"would write 2 pictures of 272 × 272 of {source} to {target}\n"
    assert json.loads(_run(str(source), str(target), *flags, "--json"))["frames"] == 2
    assert not target.exists()
