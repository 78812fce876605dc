"""``spikelake dataset archive``."""

import hashlib
import json
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner, Result

from catalog.cli_archive import archive
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists

app = Typer()
app.command("archive")(archive)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_it_packs_says_its_sum_and_never_overwrites(animals: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    assert run(animals.root, out, "--dry-run").output.startswith("would have packed animals@1.0.0#")
    assert not out.exists()
    said = run(f"{animals.root}@1.0.0", out).output
    assert hashlib.sha256(out.read_bytes()).hexdigest() in said
    assert isinstance(run(animals.root, out).exception, AlreadyExists)
    record = json.loads(run(animals.root, tmp_path / "b.zip", "--json").output)
    assert record["reference"].startswith("animals@1.0.0#")
    assert record["status"] == "ok"
