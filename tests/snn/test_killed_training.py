"""``spikelake train``, killed at random moments again and again, ends as if it had not been.

The kill comes some random steps after the process took the training up, and then at whatever
instant: between two steps, while data is read ahead, or in the middle of writing the checkpoint.
"""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
import torch
import typer
from typer.testing import CliRunner

import catalog
from devices.demo.digits import write_digit_archives
from eventstore import Sensor
from snn.checkpoint import load_checkpoint
from snn.cli import register
from snn.tasks import Run, load_run

RECIPE = """
name = "tiny"
about = "for tests: all the randomness there is"
pipeline = [
    { transform = "DropEvents", fraction = 0.2 },
    { transform = "FramesByBins", n_bins = 3 },
]
mix = { mixer = "EventMix", probability = 0.5 }
data = { batch_size = 2, held_out = 0.2 }
training = { epochs = 4 }
[model]
builder = "conv_net"
channels = [3]
kernel_sizes = [5]
strides = [4]
pools = [2]
dropout = 0.2
[robust]
method = "noisy-forward"
sigma = 0.1
"""


@dataclass(frozen=True)
class Place:
    """A dataset and a recipe to train on it."""

    root: Path
    task: str
    recipe: Path

    def arguments(self, out: Path) -> list[str]:
        """Return what the command ``train`` is told."""
        told = (self.task, "--recipe", self.recipe, "--out", out, "--checkpoint-every", 1)
        return [*map(str, told), "--resume", "--threads", "1"]

    def start(self, out: Path) -> "subprocess.Popen[str]":
        """Start the command, as a user would."""
        spikelake = str(Path(sys.executable).with_name("spikelake"))
        command = [spikelake, "train", *self.arguments(out)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    def run_here(self, out: Path) -> Run:
        """Train in this process, which has loaded everything; nobody kills it."""
        app = typer.Typer()
        register(app)
        done = CliRunner().invoke(app, ["train", *self.arguments(out)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return load_run(out / "seed-0")

    def finish(self, out: Path) -> Run:
        """Let it run to its end."""
        with self.start(out) as process:
            said, complained = process.communicate(timeout=300)
        assert process.returncode == 0, complained + said
        return load_run(out / "seed-0")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("killed")
    dataset = catalog.Dataset.create(root / "digits", catalog.Card(name="digits"))
    archives = write_digit_archives(root / "raw", n_digits=60)
    dataset.ingest(list(archives), sensor=Sensor(34, 34))
    dataset.make_split("official", catalog.OfficialRule())
    dataset.save("1.0.0")
    recipe = root / "tiny.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    return Place(root, f"{root / 'digits'}@1.0.0/split:official", recipe)


def steps_kept(path: Path) -> int:
    """Return how many steps the checkpoint has, 0 without one; it is whole at any moment."""
    if not path.exists():
        return 0
    kept = load_checkpoint(path)
    return 1000 * len(kept["history"]) + int(kept["processes"][0]["epoch"]["step"])


def kill_after(process: "subprocess.Popen[str]", path: Path, n: int, later_s: float) -> None:
    """Kill a process when it has rewritten the checkpoint n times, and a little later."""
    seen, before = 0, stamp(path)
    with process:
        while seen < n and process.poll() is None:
            waited(process, 0.001)
            now = stamp(path)
            seen, before = seen + (now != before), now
        waited(process, later_s)
        assert process.poll() is None, f"finished before it was killed: {process.communicate()}"
        process.kill()


def stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def waited(process: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def assert_same(found: Run, expected: Run) -> None:
    for name, weight in expected.model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], weight)
    assert [r.result for r in found.result.history] == [r.result for r in expected.result.history]
    assert (found.metrics, found.result.best_epoch) == (
        expected.metrics,
        expected.result.best_epoch,
    )
    last, whole = (load_checkpoint(run.folder / "last.pt") for run in (found, expected))
    assert all(torch.equal(last["model"][name], whole["model"][name]) for name in whole["model"])


def survive(place: Place, out: Path, n_kills: int, seed: int) -> None:
    whole, rng = place.run_here(out / "whole"), Random(seed)
    path, before = out / "cut" / "seed-0" / "last.pt", -1
    for _ in range(n_kills):
        kill_after(place.start(out / "cut"), path, rng.randint(1, 6), rng.uniform(0, 0.02))
        assert steps_kept(path) > before
        before = steps_kept(path)
    assert not (path.parent / "run.json").exists()
    assert_same(place.finish(out / "cut"), whole)
    assert not list(path.parent.glob(".*"))  # nothing half-written is left
    rows = (path.parent / "history.csv").read_text().splitlines()
    assert len(rows) == 1 + len(whole.result.history)


def test_killed_twice_it_ends_with_the_same_bits(place: Place, tmp_path: Path) -> None:
    recipe = tmp_path / "brief.toml"
    recipe.write_text(RECIPE.replace("epochs = 4", "epochs = 2"), encoding="utf-8")
    survive(replace(place, recipe=recipe), tmp_path, n_kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [2, 3])
def test_killed_twelve_times_it_ends_with_the_same_bits(
    place: Place, tmp_path: Path, seed: int
) -> None:
    survive(place, tmp_path, n_kills=12, seed=seed)
