"""MP4 and WebM: raw pictures through a pipe into the program ``ffmpeg``, where there is one."""

import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import MissingExtra, SpikelakeError

PROGRAM = "ffmpeg"

CODECS: dict[str, tuple[str, ...]] = {
    ".mp4": ("-c:v", "libx264", "-crf", "18", "-movflags", "+faststart", "-f", "mp4"),
    ".webm": ("-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-row-mt", "1", "-f", "webm"),
}
"""What ffmpeg is asked for, by suffix; good enough that single pixels stay sharp."""

EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=0x{:02x}{:02x}{:02x}"
"""Colours are kept for 2 × 2 pixels, so both sides have to be even; with the ground's colour."""


def find_ffmpeg() -> str:
    """Return where the program is.

    Raises:
        MissingExtra: it is not installed.
    """
    found = shutil.which(PROGRAM)
    if found is None:
        message = f"MP4 and WebM are made by the program {PROGRAM}, which is not on the PATH"
        hint = "install it (apt-get install ffmpeg, brew install ffmpeg), or write a .gif"
        raise MissingExtra(message, hint=hint)
    return found


def encode_film(
    target: Path,
    frames: Iterable[UInt8[np.ndarray, "h w"]],
    colours: UInt8[np.ndarray, "256 3"],
    *,
    fps: float,
    size: tuple[int, int],
    suffix: str,
) -> None:
    """Write a film, picture by picture.

    Args:
        target: the file; one that is there is replaced.
        frames: index of each pixel's colour.
        colours: red, green and blue of each index.
        fps: pictures a second.
        size: width and height.
        suffix: which of `CODECS`.

    Raises:
        MissingExtra: ffmpeg is not installed, or lacks the codec.
        SpikelakeError: it failed; says what it said.
    """
    width, height = size
    command = [
        find_ffmpeg(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
        "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}",
        "-framerate", f"{fps:g}", "-i", "-", "-an",
        "-vf", EVEN.format(*colours[0]), "-pix_fmt", "yuv420p",
        *CODECS[suffix], str(target.absolute()),
    ]  # fmt: skip
    with TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as program:
            whole = _feed(program, frames, colours)
        said.seek(0)
        if program.returncode or not whole:
            raise _failure(said.read().decode(errors="replace"), suffix)


def _feed(
    program: subprocess.Popen[bytes],
    frames: Iterable[UInt8[np.ndarray, "h w"]],
    colours: UInt8[np.ndarray, "256 3"],
) -> bool:
    """Send the pictures; say whether the program took all of them."""
    pipe = program.stdin
    assert pipe is not None  # noqa: S101  # asked for above
    try:
        for frame in frames:
            pipe.write(colours[frame].tobytes())
        pipe.close()
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            pipe.close()
        return False
    except BaseException:
        program.kill()
        raise
    return True


def _failure(said: str, suffix: str) -> SpikelakeError:
    codec = CODECS[suffix][1]
    if f"encoder '{codec}'" in said.lower():
        message = f"this {PROGRAM} has no {codec}, which {suffix} takes"
        return MissingExtra(message, hint="install one that has it, or write a .gif")
    last = said.strip().splitlines()[-1:] or ["it said nothing"]
    return SpikelakeError(f"{PROGRAM} failed: {last[0]}", hint="write a .gif, which needs no other")
