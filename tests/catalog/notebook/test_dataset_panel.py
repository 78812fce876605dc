"""What datasets and their versions show."""

import shutil
from pathlib import Path

import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.testing import tiny_dataset
from catalog.text_files import write_text


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    made = tiny_dataset()
    write_text(
        made.root / "dataset.yaml",
        Card(
            name="tiny", title="<b>mine</b>", licence="CC0-1.0", known_flaws=("blurred",)
        ).to_yaml(),
    )
    made.save("1.0.0", "as <i>recorded</i>")
    return made


def test_a_dataset_shows_its_card_its_size_and_its_versions(dataset: Dataset) -> None:
    page = dataset._repr_html_()
    for said in ("&lt;b&gt;mine&lt;/b&gt;", "CC0-1.0", "blurred", "34 × 34 pixels", ">1.0.0<"):
        assert said in page, said
    assert page.count("<img") == 4
    assert "cannot be read" not in page


def test_a_version_shows_what_was_recorded_of_it(dataset: Dataset) -> None:
    version = dataset.at("1.0.0")
    page = version._repr_html_()
    assert version.version is not None
    for said in (
        "as &lt;i&gt;recorded&lt;/i&gt;", version.version.digest[:12], ">left<", ">right<", ">3<",
        f">{version.version.n_events:,}<",
    ):  # fmt: skip
        assert said in page, said
    assert page == version._repr_html_()


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    empty = Dataset.create(tmp_path / "empty", Card(name="empty"))
    assert "none yet" in empty._repr_html_()
    gone = tiny_dataset()
    shutil.rmtree(gone.root / "events.zarr" / "events")
    page = gone._repr_html_()
    assert "<img" not in page
    assert "font-style:italic" in page
    shutil.rmtree(gone.root)
    assert "Dataset" in gone._repr_html_()
