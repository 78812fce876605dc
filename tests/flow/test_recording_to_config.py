"""From recordings to a chip's configuration by the commands a user types."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def spikelake(*words: str | Path, cwd: Path) -> list[dict[str, object]]:
    """Run the command line in a process of its own and return its JSON lines."""
    code = "from eventstore.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code, *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short demo run; it takes its own git identity."""
    folder = tmp_path_factory.mktemp("flow")
    words = ("--out", "out", "--digits", "150", "--epochs", "2", "--json")
    (facts,) = spikelake("demo", *words, cwd=folder)
    assert facts["data"]["n_recordings"] == 150  # type: ignore[index]
    return folder / "out"


def test_the_demo_leaves_a_report_and_all_it_speaks_of(demo: Path) -> None:
    names = {path.name for path in demo.iterdir()}
    assert {"report.html", "facts.json", "chip.json", "digits", "runs", "raw"} <= names
    page = (demo / "report.html").read_text(encoding="utf-8")
    assert "are <b>simulated</b>" in page
    assert json.loads((demo / "facts.json").read_text())["chip"]["chip"] == "speck2f"


def test_the_demos_dataset_verifies_and_its_run_evaluates(demo: Path) -> None:
    spikelake("dataset", "verify", "digits", "--json", cwd=demo)
    split = "digits@1.0.0/split:official"
    (found,) = spikelake("evaluate", "runs/seed-0", "--split", split, "--json", cwd=demo)
    run = json.loads((demo / "runs" / "seed-0" / "run.json").read_text())
    assert found["accuracy"] == run["test"]["accuracy"]


def test_the_run_goes_on_a_chip(demo: Path) -> None:
    spikelake("chip", "check", "runs/seed-0", "--chip", "speck2f", "--json", cwd=demo)
    (config,) = spikelake("chip", "config", "runs/seed-0", "--chip", "speck2f", "--json", cwd=demo)
    assert config == json.loads((demo / "chip.json").read_text())
