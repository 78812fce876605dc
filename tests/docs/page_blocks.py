"""The fenced blocks of a page, and what their first lines say about running them.

`python` and `console` blocks run, in the order of the page and in one folder, unless they say why
not: `exec="false" reason="…"`. For all console blocks further down a page a comment says it once:
`<!-- console exec="false" reason="…" -->`; a block that runs all the same says `exec="true"`. A
block with `title="name"` is the content of that file. A `text` block right behind one that ran is
what that one prints; in it `...` stands for anything.
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(
    r"^```(?P<language>\w*)(?P<info>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_OFF = re.compile(r'^<!-- console exec="false" reason="(?P<reason>[^"]{10,})" -->$', re.MULTILINE)
_SAYS = re.compile(r'|exec="true"|title="[\w.-]+"|exec="false" reason="[^"]{10,}"')


class Block(NamedTuple):
    """A fenced block.

    Args:
        line: of its first line of code, counted from 1.
        language: the first word behind the fence.
        info: the rest of that line.
        code: what is inside.
        off: whether a comment above says that console blocks do not run.
    """

    line: int
    language: str
    info: str
    code: str
    off: bool

    @property
    def runs(self) -> bool:
        """Whether the block is one to run."""
        if self.language not in {"python", "console"} or 'exec="false"' in self.info:
            return False
        return self.language == "python" or not self.off or 'exec="true"' in self.info

    @property
    def file(self) -> str:
        """The name of the file that the block is the content of, or nothing."""
        named = re.search(r'title="(?P<name>[^"]+)"', self.info)
        return named["name"] if named else ""

    @property
    def is_plain(self) -> bool:
        """Whether the first line says nothing but what this module knows."""
        return _SAYS.fullmatch(self.info) is not None


def pages() -> list[Path]:
    """Return README and all pages of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def page_name(page: Path) -> str:
    """Return the path of a page below the root."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in their order."""
    return blocks_in(page.read_text(encoding="utf-8"))


def blocks_in(text: str) -> list[Block]:
    """Return the fenced blocks of a text in their order."""
    off = [comment.start() for comment in _OFF.finditer(text)]
    return [
        Block(
            text.count("\n", 0, m.start()) + 2,
            m["language"],
            m["info"].strip(),
            m["code"],
            any(start < m.start() for start in off),
        )
        for m in _FENCE.finditer(text)
    ]
