from dataclasses import replace
from typing import Any

import pytest

from catalog.reference import Reference
from catalog.splits.split import Split
from eventstore.errors import InvalidInput, NotFound
from snn.robustness_of_runs.options import ReportOptions
from snn.robustness_of_runs.report import check_runs, robustness_report
from snn.task_data import as_round
from snn.tasks import Run, evaluate_run

QUICK = ReportOptions(
    sigmas=(0.0, 0.3), n_draws=3, jitter_us=(0.0, 1000.0), drop=(0.0, 1.0), n_event_draws=2
)


def test_runs_of_a_recipe_make_a_curve(tiny_split: Split, tiny_runs: list[Run]) -> None:
    parts: list[str] = []
    report = robustness_report(tiny_runs, tiny_split, options=QUICK, on_part=parts.append)
    assert report.task == "tiny@1.0.0/split:official#" + "ab" * 8
    assert [(one.recipe, one.method) for one in report.recipes] == [
        ("tiny-conv", None),
        ("tiny-robust", "noisy-forward + synops"),
    ]
    assert parts[:3] == ["tiny-conv: mismatch", "tiny-conv: jitter", "tiny-conv: lost events"]
    for one, runs in zip(report.recipes, (tiny_runs[:2], tiny_runs[2:]), strict=True):
        expected = tuple(evaluate_run(run, tiny_split).accuracy for run in runs)
        for curve in (one.mismatch, one.jitter, one.drop):
            assert curve[0].by_network == expected
            assert [len(point.by_network) for point in curve] == [2, 2]
        assert [point.n_draws for point in one.mismatch] == [1, 3]
        assert [point.n_draws for point in one.drop] == [1, 2]


def test_without_events_all_networks_say_the_first_class(
    tiny_split: Split, tiny_runs: list[Run]
) -> None:
    share = float((tiny_split.selection("test").label == 0).mean())
    (one,) = robustness_report(tiny_runs[:1], tiny_split, options=QUICK).recipes
    assert one.drop[-1].mean == share


def test_a_report_of_a_seed_is_the_same(tiny_split: Split, tiny_runs: list[Run]) -> None:
    first, again = (robustness_report(tiny_runs[:1], tiny_split, options=QUICK) for _ in range(2))
    assert first == again


def test_two_recipes_of_one_name_are_told_apart(tiny_split: Split, tiny_runs: list[Run]) -> None:
    named = [tiny_runs[0], replace(tiny_runs[2], recipe=replace(tiny_runs[2].recipe, name="x"))]
    named[0] = replace(named[0], recipe=replace(named[0].recipe, name="x"))
    names = list(check_runs(named, tiny_split, options=QUICK))
    assert len(set(names)) == 2
    assert all(name.startswith("x (") for name in names)


def test_a_round_of_a_task_is_tested_whole(tiny_split: Split, tiny_runs: list[Run]) -> None:
    cited = Reference(name="tiny", version="1.0.0", task="t", digest="cd" * 8)
    task: Any = replace(as_round(tiny_split), reference=cited)
    report = robustness_report(tiny_runs[:1], task, options=QUICK)
    assert report.task.startswith("tiny@1.0.0/task:t")
    with pytest.raises(InvalidInput, match="leave the limit out"):
        robustness_report(tiny_runs[:1], task, options=replace(QUICK, limit=2))


def test_what_cannot_be_reported_is_refused(tiny_split: Split, tiny_runs: list[Run]) -> None:
    with pytest.raises(InvalidInput, match="no run to report on"):
        robustness_report([], tiny_split)
    with pytest.raises(InvalidInput, match="given twice"):
        robustness_report([tiny_runs[0], tiny_runs[0]], tiny_split)
    with pytest.raises(NotFound, match="fold"):
        robustness_report(tiny_runs[:1], tiny_split, fold="tset")
