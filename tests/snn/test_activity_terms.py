"""Losses of activity beside that of the task: in objectives, in recipes and in trained runs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from catalog.splits.split import Split
from eventstore.errors import InvalidInput, NotFound
from snn.activity_loss import RateLoss, SynopsLoss
from snn.activity_terms import (
    LOSSES,
    ActivityTerm,
    WithActivity,
    term_from_dict,
    term_to_dict,
    with_activity,
)
from snn.layers import IAF
from snn.objective import Objective
from snn.passage import Passage
from snn.recipe import Recipe
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.method import Method
from snn.robustness.noisy_forward import NoisyForward
from snn.sequential import SpikingSequential
from snn.surrogate import SingleExponential
from snn.tasks import Run, train_task

SYNOPS = ActivityTerm(loss=SynopsLoss(target=30.0), weight=0.5)
RATES = ActivityTerm(loss=RateLoss(highest=0.1), weight=2.0)
X = torch.randint(0, 3, (6, 8, 4), generator=torch.Generator().manual_seed(2)).float()
LABELS = torch.arange(6) % 3


def net() -> SpikingSequential:
    torch.manual_seed(0)
    wide = SingleExponential(width=2.0)
    return SpikingSequential(
        nn.Linear(4, 9), IAF(surrogate=wide), nn.Dropout(0.3), nn.Linear(9, 3), IAF(surrogate=wide)
    )


def scores(output: Tensor) -> Tensor:
    return output.sum(1)


def test_the_loss_is_that_of_the_task_and_each_term_by_its_weight() -> None:
    model = net().eval()
    loss = WithActivity(terms=(SYNOPS, RATES))(model, X, LABELS, scores)
    passages = list(model.walk(X))
    expected = functional.cross_entropy(scores(model(X)), LABELS)
    expected = expected + 0.5 * SYNOPS.loss(passages) + 2.0 * RATES.loss(passages)
    assert float(loss.detach()) == pytest.approx(float(expected.detach()))


def test_beside_the_plain_loss_the_network_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    walks = []
    walk = SpikingSequential.walk

    def counted(model: SpikingSequential, x: Tensor) -> Iterator[Passage]:
        walks.append(x)
        return walk(model, x)

    monkeypatch.setattr(SpikingSequential, "walk", counted)
    WithActivity(terms=(SYNOPS, RATES))(net(), X, LABELS, scores)
    assert len(walks) == 1


@pytest.mark.parametrize("robust", [NoisyForward(sigma=0.2), AdversarialTraining(attack_steps=1)])
def test_beside_robust_training_activity_is_that_of_the_network_as_it_is(robust: Method) -> None:
    model = net().eval()
    torch.manual_seed(4)
    task = robust(model, X, LABELS, scores)
    torch.manual_seed(4)
    both = WithActivity(terms=(SYNOPS,), objective=robust)(model, X, LABELS, scores)
    activity = 0.5 * SYNOPS.loss(model.walk(X))
    assert activity > 0
    assert float((both - task).detach()) == pytest.approx(float(activity.detach()), rel=1e-4)


def test_without_terms_the_objective_stays_as_it_is() -> None:
    robust = NoisyForward()
    assert with_activity(robust, ()) is robust
    assert with_activity(robust, [RATES]) == WithActivity(terms=(RATES,), objective=robust)
    assert isinstance(with_activity(None, [RATES]), Objective)
    with pytest.raises(InvalidInput, match="no loss of activity"):
        WithActivity(terms=())


def run(split: Split, recipe: Recipe, out: Path, terms: tuple[ActivityTerm, ...]) -> Run:
    return train_task(split, replace(recipe, activity=terms), out)


def test_trained_networks_spend_less_than_without(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    recipe = replace(
        tiny_recipe,
        training=replace(tiny_recipe.training, epochs=30, learning_rate=0.02, choose="last"),
    )
    plain = run(tiny_split, recipe, tmp_path / "plain", ()).metrics["synops_per_sample"]
    of_neurons = [name for name in plain if name != "conv1"]  # those of the input stay
    assert sum(plain[name] for name in of_neurons) > 0
    target = plain["conv1"] + 0.2 * sum(plain[name] for name in of_neurons)
    term = ActivityTerm(loss=SynopsLoss(target=target), weight=100.0)
    frugal = run(tiny_split, recipe, tmp_path / "frugal", (term,)).metrics["synops_per_sample"]
    assert frugal["conv1"] == plain["conv1"]
    assert sum(frugal[n] for n in of_neurons) < 0.7 * sum(plain[n] for n in of_neurons)
    calm = ActivityTerm(loss=RateLoss(highest=0.0), weight=100.0)
    quiet = run(tiny_split, recipe, tmp_path / "quiet", (calm,)).metrics["synops_per_sample"]
    assert sum(quiet[n] for n in of_neurons) < 0.9 * sum(plain[n] for n in of_neurons)


@pytest.mark.parametrize("robust", [None, NoisyForward(sigma=0.1)])
def test_an_interrupted_run_is_finished_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, robust: Method | None
) -> None:
    def interrupt(row: object) -> None:
        raise KeyboardInterrupt

    recipe = replace(tiny_recipe, activity=(SYNOPS, RATES), robust=robust)
    whole = train_task(tiny_split, recipe, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_task(tiny_split, recipe, tmp_path / "cut", on_epoch=interrupt)
    with pytest.raises(InvalidInput, match="another recipe"):
        train_task(tiny_split, replace(recipe, activity=()), tmp_path / "cut", resume=True)
    resumed = train_task(tiny_split, recipe, tmp_path / "cut", resume=True)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    assert whole.metrics == resumed.metrics


@pytest.mark.parametrize("term", [SYNOPS, RATES])
def test_terms_come_back_as_they_were(term: ActivityTerm) -> None:
    assert term_from_dict(term_to_dict(term)) == term
    assert {type(term.loss) for term in (SYNOPS, RATES)} == set(LOSSES.values())


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"target": 3.0}, InvalidInput, "names no loss"),
        ({"loss": "synop", "target": 3.0}, NotFound, "synops"),
        ({"loss": "synops"}, InvalidInput, "target"),
        ({"loss": "synops", "target": 0}, InvalidInput, "not above 0"),
        ({"loss": "synops", "target": 3, "highest": 1.0}, NotFound, "only_above"),
        ({"loss": "rates", "highest": "1"}, InvalidInput, "is a str"),
        ({"loss": "rates", "weight": 0}, InvalidInput, "weight=0"),
        ({"loss": "rates", "weight": "1"}, InvalidInput, "weight='1'"),
        ({"loss": "rates", "weight": True}, InvalidInput, "weight=True"),
    ],
)
def test_what_is_wrong_is_named(
    values: Mapping[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        term_from_dict(values)
