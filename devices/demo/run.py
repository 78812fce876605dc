"""The main job in one function: sources → dataset → version → split → training → chip → facts."""

import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from devices.demo.digits import SENSOR, write_digit_archives
from devices.demo.facts import DataFacts, DemoFacts
from devices.demo.folder import prepare_folder, stored_bytes
from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog import Dataset, Split
    from snn.progress import EpochRow
    from snn.tasks import Run

ARCHIVES = ("Train.zip", "Test.zip")
SPLIT = "official"
VERSION = "1.0.0"
VERSIONED = ("spikelake", "torch", "numba", "zarr", "pcodec")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """What a demo run does.

    Args:
        out: folder everything is written into.
        source: folder with N-MNIST's ``Train.zip`` and ``Test.zip``; simulated digits where None.
        recipe: name of the training recipe.
        chip: name of the chip.
        seeds: number of trainings, with the seeds 0, 1, …
        epochs: epochs of each training; the recipe's where None.
        n_digits: simulate only the first so many digits.

    Raises:
        InvalidInput: less than one seed or epoch.
    """

    out: Path
    source: Path | None = None
    recipe: str = "nmnist-conv"
    chip: str = "speck2f"
    seeds: int = 1
    epochs: int | None = None
    n_digits: int | None = None

    def __post_init__(self) -> None:
        for name in ("seeds", "epochs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                message = f"{name}={value} is below 1"
                raise InvalidInput(message, hint=f"leave out --{name}, or give 1 or more")


@dataclass(slots=True)
class Stages:
    """Times the stages of a run and says when one begins.

    Args:
        say: takes one line for people.
        seconds: wall time of each stage so far.
    """

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, about: str) -> Iterator[None]:
        """Time what happens inside under ``name``."""
        self.say(f"{name}: {about}")
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def run_demo(config: DemoConfig, *, say: Say = lambda _: None) -> DemoFacts:
    """Do the main job once and write dataset, runs and chip configuration below ``config.out``.

    Args:
        config: what to do.
        say: is told of each stage and epoch, one line each.

    Returns: what was found out; `devices.demo.page.report_page` shows it.

    Raises:
        NotFound: the source folder lacks an archive.
        AlreadyExists: the output folder holds something that is not the demo's.
        MissingExtra: the simulated digits need scikit-learn.
        DoesNotFit: the recipe's network breaks a rule of the chip.
    """
    from devices.demo.onto_chip import put_on_chip

    archives = None if config.source is None else find_archives(config.source)
    prepare_folder(config.out)
    stages = Stages(say)
    if archives is None:
        with stages.stage("simulate", "handwritten digits before a model of an event camera"):
            archives = write_digit_archives(config.out / "raw", n_digits=config.n_digits)
    with author():
        dataset = make_dataset(config, archives, stages)
    split = dataset.at(VERSION).split(SPLIT)
    runs = train_runs(config, split, stages)
    with stages.stage("chip", f"quantise, map and simulate on the {config.chip}"):
        found = put_on_chip(config.chip, runs, split, config.out / "chip.json")
    return DemoFacts(
        data=data_facts(config, archives, dataset, split),
        label_names=split.label_names,
        recipe=config.recipe,
        runs=found.seeds(runs),
        confusion=found.confusion,
        examples=found.examples,
        chip=found.chip,
        seconds=stages.seconds,
        versions={name: version(name) for name in VERSIONED},
    )


def find_archives(source: Path) -> tuple[Path, Path]:
    """Return the two archives of a source folder.

    Raises:
        NotFound: one of them is not there.
    """
    paths = (source / ARCHIVES[0], source / ARCHIVES[1])
    for path in paths:
        if not path.is_file():
            message = f"no {path.name} in {source}"
            hint = "give a folder with N-MNIST's Train.zip and Test.zip"
            raise NotFound(message, hint=hint)
    return paths


@contextmanager
def author() -> Iterator[None]:
    """Save the demo's version under the demo's name where git knows no other."""
    from catalog.repo import require_identity

    added = {}
    try:
        require_identity(Path.cwd())
    except InvalidInput:
        for role in ("AUTHOR", "COMMITTER"):
            added[f"GIT_{role}_NAME"] = "spikelake demo"
            added[f"GIT_{role}_EMAIL"] = "demo@example.org"
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def make_dataset(config: DemoConfig, archives: tuple[Path, Path], stages: Stages) -> "Dataset":
    """Ingest the archives into a new dataset, freeze the official split, save version 1.0.0."""
    from catalog import Card, Dataset, OfficialRule

    if config.source is None:
        card = Card(
            name="digits",
            title="Handwritten digits before a simulated event camera",
            description="Simulated, not recorded: scikit-learn's digits along three saccades.",
            licence="CC-BY-4.0",
            citation="Alpaydin & Kaynak 1998, doi:10.24432/C50P49",
            sensor_model="simulated",
        )
    else:
        card = Card(
            name="nmnist",
            title="N-MNIST",
            licence="CC-BY-SA-4.0",
            citation="Orchard et al. 2015, doi:10.3389/fnins.2015.00437",
            sensor_model="ATIS",
        )
    with stages.stage("ingest", f"{archives[0].name} and {archives[1].name} into a zarr store"):
        dataset = Dataset.create(config.out / card.name, card)
        dataset.ingest(list(archives), sensor=SENSOR)
    with stages.stage("version", f"freeze the official split, save {card.name}@{VERSION}"):
        dataset.make_split(SPLIT, OfficialRule())
        dataset.save(VERSION, "made by spikelake demo")
    return dataset


def train_runs(config: DemoConfig, split: "Split", stages: Stages) -> list["Run"]:
    """Train the recipe once for each seed."""
    from snn.recipe import load_recipe
    from snn.tasks import train_task

    recipe = load_recipe(config.recipe)
    if config.epochs is not None:
        recipe = replace(recipe, training=replace(recipe.training, epochs=config.epochs))
    epochs = recipe.training.epochs
    runs = []
    for seed in range(config.seeds):

        def on_epoch(row: "EpochRow", seed: int = seed) -> None:
            held_out = row.held_out_accuracy
            seen = "" if held_out is None else f", {100 * held_out:.1f} % of held-out recordings"
            stages.say(f"  seed {seed}, epoch {row.epoch + 1}/{epochs}: loss {row.loss:.3f}{seen}")

        with stages.stage("train", f"{config.recipe}, seed {seed}"):
            folder = config.out / "runs" / f"seed-{seed}"
            runs.append(train_task(split, recipe.with_seed(seed), folder, on_epoch=on_epoch))
    return runs


def data_facts(
    config: DemoConfig, archives: tuple[Path, Path], dataset: "Dataset", split: "Split"
) -> DataFacts:
    """Gather what the report says of the dataset."""
    with dataset.at(VERSION) as opened:
        n_recordings, n_events = opened.store.n_recordings, opened.store.n_events
    counts = {
        fold: {
            name: int((selection.label == i).sum()) for i, name in enumerate(selection.label_names)
        }
        for fold, selection in split.folds.items()
    }
    return DataFacts(
        name=dataset.card.title,
        simulated=config.source is None,
        reference=str(split.reference),
        folder=str(dataset.root),
        n_recordings=n_recordings,
        n_events=n_events,
        source_bytes=sum(_unpacked_bytes(path) for path in archives),
        stored_bytes=stored_bytes(dataset.root / "events.zarr"),
        fold_counts=counts,
    )


def _unpacked_bytes(archive: Path) -> int:
    with zipfile.ZipFile(archive) as opened:
        return sum(member.file_size for member in opened.infolist())
