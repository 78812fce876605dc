"""The generated page of public datasets."""

from pathlib import Path

from catalog.public.entry import PublicDataset, PublicFile, entry_names
from catalog.public.page import page_text, table_text

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "public-datasets.md"


def test_the_documentation_has_the_page_as_it_would_be_written_now() -> None:
    command = "python -m catalog.public > docs/reference/public-datasets.md"
    assert PAGE.read_text(encoding="utf-8") == page_text(), f"run: {command}"


def test_every_entry_is_in_it() -> None:
    text = page_text()
    assert [name for name in entry_names() if f"| `{name}` |" not in text] == []


def test_a_row_says_what_is_known() -> None:
    entry = PublicDataset(
        name="tiny",
        title="Tiny | one",
        layout="class-folders",
        files=(PublicFile(name="a.zip", urls=("https://example.org/a.zip",)),),
        official={"official": {"train": 1000}, "other": {}},
    )
    (row,) = table_text([entry]).splitlines()[2:]
    assert row.startswith("| `tiny` | Tiny \\| one | vision |  | unknown | open | 1 |")
    assert row.endswith("| 1,000 train; other: counts unknown |")
