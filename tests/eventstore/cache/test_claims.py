"""One maker of each file; one that dies stands in nobody's way."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from eventstore.cache.claims import claim, partial_place, sweep, try_claim

DATA = np.arange(100, dtype=np.uint8)

HOLD = """
import sys
from pathlib import Path
from eventstore.cache.claims import try_claim
mine = try_claim(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "3.frames"


def test_a_file_appears_whole_and_nothing_is_left(path: Path) -> None:
    mine = try_claim(path)
    assert mine is not None
    assert not path.exists()
    mine.write(DATA)
    assert path.read_bytes() == DATA.tobytes()
    mine.release()
    assert list(path.parent.iterdir()) == [path]


def test_given_up_nothing_is_left(path: Path) -> None:
    mine = try_claim(path)
    assert mine is not None
    mine.release()
    assert list(path.parent.iterdir()) == []


def test_only_one_has_it(path: Path) -> None:
    mine = try_claim(path)
    assert mine is not None
    assert try_claim(path) is None
    assert claim(path, patience_s=0.002) is None
    other = try_claim(path.with_name("4.frames"))
    assert other is not None
    mine.release()
    again = try_claim(path)
    assert again is not None
    again.release()
    other.release()


def test_who_waits_gets_it_when_it_is_made(path: Path) -> None:
    mine = try_claim(path)
    assert mine is not None
    seen: list[bytes] = []

    def wait() -> None:
        got = claim(path, patience_s=30)
        assert got is not None
        seen.append(path.read_bytes())
        got.release()

    thread = threading.Thread(target=wait)
    thread.start()
    mine.write(DATA)
    mine.release()
    thread.join(30)
    assert seen == [DATA.tobytes()]
    assert list(path.parent.iterdir()) == [path]


def test_a_killed_maker_is_followed(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert try_claim(path) is None
        assert sweep(path.parent) == 0
        os.kill(process.pid, signal.SIGKILL)
    assert partial_place(path).exists()
    partial_place(path).write_bytes(b"half of what was to be made, or more" * 9)
    mine = try_claim(path)
    assert mine is not None
    mine.write(DATA)
    mine.release()
    assert path.read_bytes() == DATA.tobytes()


def test_what_killed_makers_left_is_swept(path: Path) -> None:
    for name in ("3.frames", "4.frames"):
        partial_place(path.with_name(name)).write_bytes(b"half")
    mine = try_claim(path.with_name("5.frames"))
    assert mine is not None
    assert sweep(path.parent) == 2
    assert [p.name for p in path.parent.iterdir()] == [".5.frames.partial"]
    mine.release()


def test_a_full_disk_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, data: memoryview, at: int) -> int:
        os.write(handle, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mine = try_claim(path)
    assert mine is not None
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            mine.write(DATA)
    mine.release()
    assert list(path.parent.iterdir()) == []


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda handle, data, at: whole(handle, data[:7], at))
    mine = try_claim(path)
    assert mine is not None
    mine.write(DATA)
    mine.release()
    assert path.read_bytes() == DATA.tobytes()


def test_a_folder_that_is_not_there(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        claim(path.parent / "nowhere" / "1.frames", patience_s=1)
