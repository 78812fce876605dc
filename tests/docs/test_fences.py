"""Every python block of README and docs runs, in page order, or says why not."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```python(?P<info>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    line: int
    info: str
    code: str


def pages() -> list[Path]:
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if FENCE.search(page.read_text(encoding="utf-8"))]


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, m.start()) + 2, m["info"].strip(), m["code"])
        for m in FENCE.finditer(text)
    ]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=name)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    namespace: dict[str, object] = {"__name__": "__docs__"}
    for block in blocks(page):
        if 'exec="false"' in block.info:
            continue
        padded = "\n" * (block.line - 1) + block.code  # tracebacks name the page's own line
        exec(compile(padded, name(page), "exec"), namespace)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_block_that_does_not_run_says_why(page: Path) -> None:
    silent = [
        block.line
        for block in blocks(page)
        if block.info and not re.fullmatch(r'exec="false" reason="[^"]{10,}"', block.info)
    ]
    assert silent == []
