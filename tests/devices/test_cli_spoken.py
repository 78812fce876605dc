"""The verb ``chip spoken``; what it does is tested beside `devices.spoken.flow`."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from devices.cli_spoken import add_spoken
from eventstore.errors import NotFound


def spoken(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_spoken(app)
    return CliRunner().invoke(app, ["spoken", *map(str, arguments)])


def test_a_dry_run_says_what_would_be_done(tmp_path: Path) -> None:
    archive = tmp_path / "digits.tar.gz"
    archive.write_bytes(b"")
    out = tmp_path / "out"
    planned = spoken(archive, "--out", out, "--epochs", 3, "--dry-run", "--json")
    assert planned.exit_code == 0, planned.output
    plan = json.loads(planned.stdout)
    assert (plan["chip"], plan["epochs"], plan["dry_run"]) == ("xylo_audio3", 3, True)
    assert "heard by" in spoken(archive, "--out", out, "--dry-run").stdout
    assert not out.exists()
    assert isinstance(spoken(tmp_path / "none", "--out", out).exception, NotFound)
