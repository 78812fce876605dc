import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from snn.robustness.curves import Curve, summarise
from snn.robustness_of_runs.files import curve_named, parts_of, report_page, write_report
from snn.robustness_of_runs.options import ReportOptions
from snn.robustness_of_runs.report import RecipeCurves, RobustnessReport


def curve(*strengths: float, top: float) -> Curve:
    rows = [np.array([[top - s, top - s - 0.1]]) for s in range(len(strengths))]
    return tuple(summarise(s, row / 10) for s, row in zip(strengths, rows, strict=True))


@pytest.fixture
def report() -> RobustnessReport:
    def of(name: str, method: str | None, top: float) -> RecipeCurves:
        return RecipeCurves(
            recipe=name,
            digest="ab" * 32,
            method=method,
            runs=(f"runs/{name}-0",),
            mismatch=curve(0.0, 0.2, top=top),
            jitter=curve(0.0, 3000.0, top=top),
            drop=curve(0.0, 0.5, top=top),
        )

    options = ReportOptions(sigmas=(0.0, 0.2), jitter_us=(0.0, 3000.0), drop=(0.0, 0.5))
    recipes = (of("plain", None, 9.0), of("robust", "adversarial", 9.5))
    return RobustnessReport(task="d@1/split:s#00", fold="test", options=options, recipes=recipes)


def test_the_page_has_every_number(report: RobustnessReport) -> None:
    page = report_page(report)
    assert "| σ of weights, thresholds and time constants (%) | plain | robust |" in page
    assert "| 20 | 79.5 (79–80) | 84.5 (84–85) |" in page
    assert "| 3 | 79.5 (79–80) | 84.5 (84–85) |" in page  # milliseconds
    assert "Tested on fold `test` of `d@1/split:s#00`." in page
    few = replace(report, options=replace(report.options, limit=60))
    assert "Tested on 60 samples of fold `test` of" in report_page(few)
    assert "- robust (adversarial, recipe `abababababababab`): `runs/robust-0`" in page
    assert "- plain (plain training" in page


def test_only_what_deviates_is_said_to(report: RobustnessReport) -> None:
    for options, said in (
        (ReportOptions(weights=False), "σ of thresholds and time constants (%)"),
        (ReportOptions(weights=False, thresholds=False), "σ of time constants (%)"),
    ):
        one = replace(report, options=options)
        assert said in report_page(one)
        assert parts_of(one)[0][2] == said


def test_json_keeps_the_whole_report(report: RobustnessReport, tmp_path: Path) -> None:
    document, page, plot = write_report(report, tmp_path / "out")
    found = json.loads(document.read_text(encoding="utf-8"))
    assert found["format_version"] == 1
    assert found["recipes"][1]["mismatch"][1]["strength"] == 0.2
    assert found["options"]["n_draws"] == 20
    assert page.read_text(encoding="utf-8") == report_page(report)
    picture = imread(plot)
    assert picture.shape[1] > 1000
    assert picture[..., :3].std() > 0.05  # not a blank sheet


def test_a_report_replaces_the_one_before(report: RobustnessReport, tmp_path: Path) -> None:
    write_report(report, tmp_path)
    write_report(report, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "robustness.json",
        "robustness.md",
        "robustness.png",
    ]


def test_every_part_has_a_curve(report: RobustnessReport) -> None:
    assert {id(curve_named(report.recipes[0], name)) for name, *_ in parts_of(report)} == {
        id(report.recipes[0].mismatch),
        id(report.recipes[0].jitter),
        id(report.recipes[0].drop),
    }
