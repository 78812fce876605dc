"""At a mismatch of 20 %, robust training loses at most half of what plain training loses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.splits.split import Split
from snn.recipe import Recipe, load_recipe
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.method import Method
from snn.robustness.noisy_forward import NoisyForward
from snn.robustness_of_runs.options import ReportOptions
from snn.robustness_of_runs.report import RecipeCurves, robustness_report
from snn.tasks import train_task

SEEDS = (0, 1, 2)
EPOCHS = 25
METHODS: dict[str, Method | None] = {
    "plain": None,
    "noisy": NoisyForward(sigma=0.2),
    "adversarial": AdversarialTraining(),
}


def half_the_channels(name: str, method: Method | None) -> Recipe:
    """Return nmnist-conv with half its channels; the last epoch, so that nothing is chosen."""
    base = load_recipe("nmnist-conv")
    return replace(
        base,
        name=name,
        model_options={**base.model_options, "channels": [8, 16, 32]},
        held_out=0.0,
        training=replace(base.training, epochs=EPOCHS, choose="last"),
        robust=method,
    )


def lost(curves: RecipeCurves) -> float:
    clean, disturbed = curves.mismatch
    return clean.mean - disturbed.mean


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_robust_training_loses_at_most_half(nmnist: Split, tmp_path: Path) -> None:
    runs = [
        train_task(nmnist, half_the_channels(name, method).with_seed(s), tmp_path / f"{name}-{s}")
        for name, method in METHODS.items()
        for s in SEEDS
    ]
    options = ReportOptions(sigmas=(0.0, 0.2), jitter_us=(0.0,), drop=(0.0,))
    report = robustness_report(runs, nmnist, options=options)
    found = {curves.recipe: curves for curves in report.recipes}
    said = json.dumps({name: [p.by_network for p in c.mismatch] for name, c in found.items()})
    assert found["plain"].mismatch[0].mean >= 0.93, said
    assert lost(found["adversarial"]) <= 0.5 * lost(found["plain"]), said
    assert lost(found["noisy"]) < lost(found["plain"]), said
    for name in ("noisy", "adversarial"):
        assert found[name].mismatch[1].mean > found["plain"].mismatch[1].mean, said
