"""``spikelake export-site``."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from catalog.cli_export_site import export_site
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists, InvalidInput


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(export_site)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_it_says_what_it_would_write_and_what_it_wrote(animals: Dataset, tmp_path: Path) -> None:
    site, few = tmp_path / "site", ("--frames", 2, "--where", "fold == 'test'")
    would = run(f"{animals.root}@1.0.0", site, *few, "--dry-run")
    assert would.output.startswith("would have exported 6 recordings")
    assert not site.exists()
    done = run(f"{animals.root}@1.0.0", site, *few, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.output)
    assert (record["recordings"], record["status"], record["dry_run"]) == (6, "ok", False)
    assert record["files"] == sum(p.is_file() for p in site.rglob("*"))
    assert isinstance(run(animals.root, site).exception, AlreadyExists)


def test_options_that_make_no_sense_are_refused(animals: Dataset, tmp_path: Path) -> None:
    refused = run(animals.root, tmp_path / "site", "--frames", 0).exception
    assert isinstance(refused, InvalidInput)
