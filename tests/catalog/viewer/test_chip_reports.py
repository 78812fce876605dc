"""What a report says of itself is read from JSON or a page's head, and nothing else is taken."""

import html
import json
from pathlib import Path

import pytest

from catalog.viewer.chip_reports import HEAD_BYTES, chip_report, read_page
from devices.fidelity import Report
from devices.report_page import report_page

ODD = 'a "quoted" <b>\u00e9</b> & $name'


def test_a_page_says_what_its_report_is_of(tmp_path: Path) -> None:
    report = Report(
        chip=ODD, fits=False, n_samples=4, float_accuracy=0.5, data="d@1.0.0/split:x", fold="test"
    )
    file = tmp_path / "report.html"
    file.write_text(report_page(report, title="t", about="a"), encoding="utf-8")
    facts = read_page(file)
    assert facts["data"] == "d@1.0.0/split:x"
    assert chip_report(facts) == chip_report(report.to_dict())
    assert chip_report(facts) == {
        "chip": ODD, "fits": False, "fold": "test", "float_accuracy": 0.5
    }  # fmt: skip


@pytest.mark.parametrize(
    "said", ["[1]", "{", "NaN", '{"chip": 3, "float_accuracy": 1}', '{"chip": "a"}', "[" * 10_000]
)
def test_what_is_no_report_is_passed_over(tmp_path: Path, said: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(f'<meta name="spikelake-report" content="{html.escape(said)}">')
    assert chip_report(read_page(file)) is None


def test_only_the_head_of_a_page_is_read_and_no_link(tmp_path: Path) -> None:
    said = html.escape(json.dumps({"chip": "a", "float_accuracy": 1}))
    mark = f'<meta name="spikelake-report" content="{said}">'
    (tmp_path / "late.html").write_text(" " * HEAD_BYTES + mark)
    (tmp_path / "real.html").write_text(mark)
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    found = {name: read_page(tmp_path / f"{name}.html") for name in ("late", "real", "link", "x")}
    assert [name for name, facts in found.items() if facts] == ["real"]
