import json
from dataclasses import replace
from pathlib import Path
from statistics import stdev
from types import SimpleNamespace
from typing import cast

import pytest

from catalog.splits.split import Split
from eventstore.errors import AlreadyExists, InvalidInput
from snn.planned_runs import check_folders, plan_runs, summary_of
from snn.recipe import Recipe
from snn.task_data import as_round
from snn.tasks import Run, train_task


def run_of(seed: int, accuracy: float, round_: str = "") -> Run:
    return cast("Run", SimpleNamespace(seed=seed, metrics={"accuracy": accuracy}, round=round_))


def test_a_folder_for_each_round_and_seed(tiny_split: Split, tiny_recipe: Recipe) -> None:
    data = as_round(tiny_split)
    rounds = [replace(data, name="a"), replace(data, name="b/c")]
    planned = plan_runs(rounds, tiny_recipe, [0, 5], Path("out"))
    assert [one.folder.as_posix() for one in planned] == [
        "out/round-a/seed-0",
        "out/round-a/seed-5",
        "out/round-b%2Fc/seed-0",
        "out/round-b%2Fc/seed-5",
    ]
    assert [one.recipe.training.seed for one in planned] == [0, 5, 0, 5]
    assert planned[1].title == "a seed 5"
    with pytest.raises(InvalidInput, match="seed 5 is given twice"):
        plan_runs([data], tiny_recipe, [5, 0, 5], Path("out"))


def test_finished_runs_are_taken_and_others_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    short = replace(tiny_recipe, training=replace(tiny_recipe.training, epochs=1))
    (one, two) = plan_runs([as_round(tiny_split)], short, [0, 1], tmp_path)
    assert one.finished() is None
    run = train_task(tiny_split, one.recipe, one.folder)
    again = one.finished()
    assert again is not None
    assert again.metrics == json.loads(json.dumps(run.metrics))
    check_folders([one, two], resume=True)
    with pytest.raises(AlreadyExists, match="seed-0 holds a run already") as caught:
        check_folders([two, one], resume=False)
    assert caught.value.hint is not None
    assert "--resume" in caught.value.hint
    other = replace(one, recipe=tiny_recipe.with_seed(0))
    with pytest.raises(InvalidInput, match="holds a run of other recipe: tiny-conv") as told:
        check_folders([other], resume=True)
    assert f"tiny-conv {other.recipe.digest[:16]}" in told.value.message
    assert len(told.value.message.split()[-1]) == 16
    elsewhere = replace(one, data=replace(one.data, name="theo"))
    with pytest.raises(InvalidInput, match=r"holds a run of other data: .* theo"):
        elsewhere.finished()


def test_mean_and_deviation_are_over_seeds() -> None:
    summary = summary_of([run_of(0, 0.9), run_of(1, 0.92), run_of(4, 0.97)])
    sd = stdev([0.9, 0.92, 0.97])
    assert str(summary) == (
        f"test accuracy 93.00% ± {sd:.2%} (mean ± sd over 3 seeds, sd with n − 1)"
    )
    assert summary.to_dict() == {
        "seeds": [0, 1, 4],
        "n_seeds": 3,
        "test_accuracy_mean": pytest.approx(0.93),
        "test_accuracy_sd": pytest.approx(sd),
    }


def test_of_each_seed_the_mean_over_rounds() -> None:
    runs = [run_of(s, a, r) for s, a, r in ((0, 0.5, "a"), (1, 0.8, "a"), (0, 0.7, "b"))]
    summary = summary_of([*runs, run_of(1, 0.8, "b")])
    assert summary.spread.mean == pytest.approx(0.7)
    assert "of each the mean over 2 rounds" in str(summary)
    assert summary.to_dict()["rounds"] == ["a", "b"]
    assert str(summary_of(runs[::2])) == "test accuracy 60.00% over 2 rounds"
    assert str(summary_of([run_of(0, 0.5)])) == "test accuracy 50.00%"
