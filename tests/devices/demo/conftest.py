"""Facts of a demo run that never ran."""

from collections.abc import Callable

import numpy as np
import pytest

from devices.demo.facts import ChipFacts, DataFacts, DemoFacts, Example, SeedFacts


def make_facts(*, simulated: bool = True, hostile: str = "3") -> DemoFacts:
    rng = np.random.default_rng(1)
    names = tuple("0123456789")
    epochs = [
        {"epoch": e, "train_loss": 2.0 / (e + 1), "held_out_accuracy": 1 - 0.8 / (e + 1)}
        for e in range(6)
    ]
    runs = [
        SeedFacts(
            seed=seed, epochs=epochs, best_epoch=4, test_accuracy=0.96, chip_accuracy=0.95,
            seconds=31.0,
        )
        for seed in (0, 1, 2)
    ]  # fmt: skip
    counts = rng.poisson(0.4, (3, 2, 34, 34)).astype(np.uint8)
    return DemoFacts(
        data=DataFacts(
            name="digits", simulated=simulated, reference="digits@1.0.0/split:official#abc",
            folder="out/digits", n_recordings=1797, n_events=7_400_000, source_bytes=37_000_000,
            stored_bytes=14_000_000,
            fold_counts={f: dict.fromkeys(names, 36) for f in ("train", "test")},
        ),
        label_names=names,
        recipe="nmnist-conv",
        runs=runs,
        confusion=(np.eye(10) * 10 + rng.integers(0, 2, (10, 10))).astype(np.int64),
        examples=[
            Example(sample_id=f"Test/{n}/1#0-300000", label=n, predicted=hostile, counts=counts)
            for n in names
        ],
        chip=ChipFacts(
            chip="speck2f",
            layers=[{"layer": "conv1", "core": 0, "kernel words": 512, "spikes": 1024.5}],
            findings=[{"severity": "warning", "where": "conv1", "message": "a < b", "fix": "c"}],
            agreement=0.99, event_accuracy=0.93, config_file="out/chip.json",
        ),
        seconds={"ingest": 1.0, "train": 60.0},
        versions={"spikelake": "0.1.0"},
    )  # fmt: skip


@pytest.fixture(name="make_facts")
def _make_facts() -> Callable[..., DemoFacts]:
    return make_facts
