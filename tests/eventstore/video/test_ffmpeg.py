"""MP4 and WebM by the program ffmpeg."""

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import MissingExtra, SpikelakeError
from eventstore.video.colours import colour_table
from eventstore.video.ffmpeg import encode_film

COLOURS = colour_table(1, "light")


def frames(n: int = 6) -> Iterator[np.ndarray]:
    for k in range(n):
        frame = np.zeros((33, 47), np.uint8)
        frame[:, : 16 * (k % 3)] = 0x10
        yield frame


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put a program that is called ffmpeg alone on the PATH."""
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no program ffmpeg on the PATH")
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_another_call_reads_the_same_pictures_back(tmp_path: Path, suffix: str) -> None:
    film = tmp_path / "a"
    encode_film(film, frames(), COLOURS, fps=10, size=(47, 33), suffix=suffix)
    command = [
        "ffmpeg",
        "-loglevel",
        "error",
        "-i",
        str(film),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    read = np.frombuffer(raw, np.uint8).reshape(6, 34, 48, 3).astype(int)
    for seen, frame in zip(read, frames(), strict=True):
        off = np.abs(seen[:33, :47] - COLOURS[frame])
        assert np.median(off) <= 4  # colours pass through another space
        assert off.mean() <= 12
        assert (np.abs(seen[33] - 255) < 12).mean() > 0.6 or frame.any()


def test_without_the_program_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match="not on the PATH") as told:
        encode_film(tmp_path / "a", frames(), COLOURS, fps=5, size=(47, 33), suffix=".mp4")
    assert "apt-get install ffmpeg" in told.value.hint


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (
            "import sys; print(\"Unknown encoder 'libx264'\", file=sys.stderr); sys.exit(8)",
            MissingExtra,
            "this ffmpeg has no libx264",
        ),
        (
            "import sys; sys.stdin.buffer.read(); print('disk full', file=sys.stderr); sys.exit(1)",
            SpikelakeError,
            "ffmpeg failed: disk full",
        ),
        ("import sys; sys.stdin.close()", SpikelakeError, "ffmpeg failed: it said nothing"),
    ],
)
def test_what_the_program_says_is_passed_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    error: type[SpikelakeError],
    said: str,
) -> None:
    program(tmp_path, monkeypatch, text)
    with pytest.raises(error, match=said):
        encode_film(tmp_path / "a", frames(200), COLOURS, fps=5, size=(47, 33), suffix=".mp4")
