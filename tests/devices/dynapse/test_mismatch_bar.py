"""At a mismatch of 20 % training with noise keeps at least 5 points more than plain training.

On recordings of N-MNIST, with weights in four bits and bias currents shared by a core, and then
every synapse and every bias current of every neuron off by chance: 20 chips for each of 3 seeds.
Both trainings are of one recipe and as many epochs, of which the last counts, so the test
recordings choose nothing.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.splits.split import Split
from devices.dynapse.family import dynapse2
from devices.dynapse.mismatch_of_runs import MismatchOptions, runs_on_chips
from snn.recipe import load_recipe
from snn.robustness.noisy_forward import NoisyForward
from snn.tasks import train_task

SEEDS = (0, 1, 2)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_training_with_noise_keeps_five_points_more(nmnist: Split, tmp_path: Path) -> None:
    plain = load_recipe("nmnist-dpi")
    noisy = replace(plain, name="noisy", robust=NoisyForward(sigma=0.2, chips=4))
    runs = [
        train_task(nmnist, recipe.with_seed(seed), tmp_path / f"{recipe.name}-{seed}")
        for recipe in (plain, noisy)
        for seed in SEEDS
    ]
    options = MismatchOptions(sigmas=(0.0, 0.2), n_chips=20)
    first, second = runs_on_chips(runs, nmnist, "test", dynapse2, options)
    said = json.dumps([first.to_dict(), second.to_dict()])
    assert first.n_samples == 100
    assert first.curve[0].mean >= 0.75, said
    assert first.curve[0].mean - first.curve[1].mean >= 0.10, said  # there is something to keep
    assert second.curve[1].mean >= first.curve[1].mean + 0.05, said
