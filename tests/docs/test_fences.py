"""Every block of README and docs runs, in page order, or says why not, and prints what is shown."""

import doctest
import gc
import importlib
import io
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from fsspec.asyn import sync

from tests.docs.console import Console, commands_of
from tests.docs.page_blocks import ROOT, Block, blocks_in, blocks_of, page_name, pages

BUCKET = "http://127.0.0.1:5005"
"""Where a page starts a server that speaks S3; the test has one on a port that is free."""

MATCHER = doctest.OutputChecker()


def run_page(blocks: list[Block], page: str, console: Console) -> None:
    namespace: dict[str, object] = {"__name__": "__docs__"}
    printed = None
    for block in blocks:
        if block.file:
            Path(block.file).write_text(block.code, encoding="utf-8")
        elif block.language == "text" and printed is not None:
            assert_shown(block.code, printed, f"{page}:{block.line}")
        printed = run_block(block, page, console, namespace) if block.runs else None


def run_block(block: Block, page: str, console: Console, namespace: dict[str, object]) -> str:
    if block.language == "console":
        return console.run(block.code)
    out = io.StringIO()
    padded = "\n" * (block.line - 1) + block.code  # tracebacks name the page's own line
    with redirect_stdout(out):
        exec(compile(padded, page, "exec"), namespace)
    return out.getvalue()


def assert_shown(wanted: str, printed: str, where: str) -> None:
    wanted, printed = _trimmed(wanted), _trimmed(printed)
    same = MATCHER.check_output(wanted, printed, doctest.ELLIPSIS)
    assert same, f"{where} shows\n{wanted}\nbut it prints\n{printed}"


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def with_blocks_that_run() -> list[Path]:
    return [page for page in pages() if any(block.runs for block in blocks_of(page))]


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.chdir(tmp_path)
    for name, value in {"NO_COLOR": "1", "COLUMNS": "88"}.items():
        monkeypatch.setenv(name, value)
    return Console(monkeypatch)


def forget_buckets() -> None:
    """Let go of connections to buckets, which are known by options that a page puts elsewhere."""
    systems = importlib.import_module("s3fs").S3FileSystem
    for system in list(systems._cache.values()):
        client = getattr(system, "_s3", None)
        if client is not None:  # s3fs itself gives up closing it after 0.1 s
            sync(system.loop, client.close)
    systems.clear_instance_cache()
    with warnings.catch_warnings():  # of sessions that s3fs itself left open
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.parametrize("page", with_blocks_that_run(), ids=page_name)
def test_blocks_run_and_print_what_is_shown(
    page: Path, console: Console, request: pytest.FixtureRequest
) -> None:
    blocks = blocks_of(page)
    if any(BUCKET in block.code for block in blocks):
        url = request.getfixturevalue("object_store").url
        blocks = [block._replace(code=block.code.replace(BUCKET, url)) for block in blocks]
        forget_buckets()
        request.addfinalizer(forget_buckets)
    run_page(blocks, page_name(page), console)


def test_readme_leads_a_newcomer_to_a_chip_in_ten_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("in ten commands\n")[2].partition("\n## ")[0]
    commands = [c.words for block in blocks_in(section) for c in commands_of(block.code)]
    assert len(commands) <= 10
    assert commands[-1][:3] == ["spikelake", "chip", "report"]
    first = next(block for block in blocks_in(text) if block.runs)  # so the folder is empty
    assert first.code in section


@pytest.mark.parametrize("page", pages(), ids=page_name)
def test_a_block_that_does_not_run_says_why(page: Path) -> None:
    assert [block.line for block in blocks_of(page) if not block.is_plain] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```python\nprint(1 + 1)\n```\n\nprints\n\n```text\n3\n```\n", "page:8 shows"),
        ("```console\nspikelake chip lits\n```\n", "ended with 2, not 0"),
        ("```console\nspikelake info no.raw\n```\n", "error: no file no.raw"),
        ("```console\nspikelake --version  # exit status 1\n```\n", "ended with 0, not 1"),
        ("```console\ncurl https://example.org\n```\n", "curl does not run here"),
    ],
)
def test_what_is_wrong_on_a_page_is_told(text: str, said: str, console: Console) -> None:
    with pytest.raises(AssertionError) as told:
        run_page(blocks_in(text), "page", console)
    assert said in str(told.value)


def test_files_refusals_and_dots_are_understood(console: Console) -> None:
    page = """
```text title="a.txt"
two
words
```

```console
cat a.txt && \\
    spikelake info a.raw  # refused, exit status 1
```

```text
two
words
error: ...
```
"""
    run_page(blocks_in(page), "page", console)


def test_a_comment_turns_off_the_consoles_below_it() -> None:
    text = """
```console
spikelake --version
```
<!-- console exec="false" reason="needs a board" -->
```console
spikelake chip list
```
```console exec="true"
spikelake doctor
```
```console exec="false" reason="needs a net, too"
spikelake chip list
```
"""
    assert [block.runs for block in blocks_in(text)] == [True, False, True, False]
    assert not blocks_in("```console exec=false\n```\n")[0].is_plain
    assert not blocks_in('```console exec="false" reason="no"\n```\n')[0].is_plain


def test_commands_are_read_as_a_shell_reads_them() -> None:
    code = "one 'a b' c#d  # it's refused: exit status 1\ntwo \\\n  three && four > a.txt\n# all\n"
    refused, joined, last = commands_of(code)
    assert refused == (["one", "a b", "c#d"], 1, "")
    assert (joined, last) == ((["two", "three"], 0, ""), (["four"], 0, "a.txt"))
