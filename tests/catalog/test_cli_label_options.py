"""What the verbs of labels are told alike."""

from fractions import Fraction
from pathlib import Path

import pytest

from catalog.cli_label_options import format_options, open_state, print_odd
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput, NotFound
from eventstore.findings import Finding, Severity


@pytest.mark.parametrize(
    ("text", "fps"),
    [("30", Fraction(30)), ("29.97", Fraction(2997, 100)), ("30000/1001", Fraction(30000, 1001))],
)
def test_rates_are_exact(text: str, fps: Fraction) -> None:
    assert format_options(text, None, "trial_type", None).fps == fps


@pytest.mark.parametrize("text", ["fast", "1/0", ""])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{text}' is no rate of frames"):
        format_options(text, None, "trial_type", None)


def test_files_and_tables_are_read(tmp_path: Path) -> None:
    file = tmp_path / "times.txt"
    file.write_text("0\n40\n")
    options = format_options(None, file, "kind", "gen1")
    assert options.frame_times == (0, 40)
    assert options.label_column == "kind"
    assert options.class_numbers == {"car": 0, "pedestrian": 1}
    with pytest.raises(NotFound, match="no file"):
        format_options(None, tmp_path / "none.txt", "kind", None)


def test_a_reference_without_a_version_is_the_work_tree(animals: Dataset) -> None:
    assert open_state(str(animals.root)).version is None
    version = open_state(f"{animals.root}@1.0.0").version
    assert version is not None
    assert version.version == "1.0.0"


def test_findings_are_printed_only_below_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding(severity=Severity.WARNING, where="a", message="odd", check="x")
    print_odd([finding], as_json=True)
    print_odd([], as_json=False)
    assert capsys.readouterr().out == ""
    print_odd([finding], as_json=False)
    assert capsys.readouterr().out == "warning: a: odd\n"
