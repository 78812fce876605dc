"""Citations name what was checked, and LaTeX prints them as they are."""

from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.open_tasks import open_task
from catalog.tasks.citing import cite_task
from eventstore.errors import InvalidInput


def test_the_line_opens_the_task_again(folder: Path) -> None:
    with open_task(f"{folder / 'animals'}@1.1.0/task:three") as task:
        line, bibtex = cite_task(task, "2026")
    assert line == f"animals@1.1.0/task:three#{task.digest[:16]}"
    assert bibtex.startswith("@misc{animals-1.1.0-three,\n")
    assert "  version = {1.1.0},\n" in bibtex
    assert f"task sha256:{task.digest}; over animals/split:official sha256:" in bibtex
    assert bibtex.count("@misc{") == 2
    assert bibtex.count("{") == bibtex.count("}")
    with open_task(f"{folder}/{line}") as again:
        assert again.digest == task.digest


def test_every_dataset_has_its_entry(folder: Path) -> None:
    with open_task(f"{folder / 'animals'}@1.1.0/task:both") as task:
        _, bibtex = cite_task(task, "2026")
    keys = [line for line in bibtex.splitlines() if line.startswith("@misc")]
    assert keys == ["@misc{animals-1.1.0-both,", "@misc{animals-1.1.0,", "@misc{sides-1.0.0,"]


def test_special_signs_are_escaped(animals: Dataset) -> None:
    card = animals.root / "dataset.yaml"
    card.write_text(card.read_text().replace("title: Animals", "title: '50% of A&B_{x}~^\\'"))
    animals.save("1.1.1")
    with open_task(f"{animals.root}@1.1.1/task:three") as task:
        _, bibtex = cite_task(task, "2026")
    assert r"{50\% of A\&B\_\{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in bibtex


def test_a_draft_is_not_cited(animals: Dataset) -> None:
    reference = f"{animals.root}@draft/task:three"
    refused = pytest.raises(InvalidInput, match="is a draft, which nobody else can open")
    with open_task(reference) as task, refused:
        cite_task(task, "2026")
