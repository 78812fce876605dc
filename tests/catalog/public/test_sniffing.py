"""What first bytes tell."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import h5py
import pytest

from catalog.public.sniffing import HEAD_BYTES, MAGIC, wrong_head


def of_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr("a", "b")
    return written.getvalue()


def of_tar() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("a"))
    return written.getvalue()


def of_hdf5(folder: Path) -> bytes:
    with h5py.File(folder / "a.h5", "w"):
        pass
    return (folder / "a.h5").read_bytes()


def test_genuine_files_pass(tmp_path: Path) -> None:
    genuine = {"a.zip": of_zip(), "a.tar": of_tar(), "A.HDF5": of_hdf5(tmp_path)}
    genuine |= {"a.tar.gz": gzip.compress(of_tar()), "a.tgz": gzip.compress(b""), "a.npy": b"x"}
    assert {name: wrong_head(name, data[:HEAD_BYTES]) for name, data in genuine.items()} == (
        dict.fromkeys(genuine, "")
    )


@pytest.mark.parametrize("suffix", MAGIC)
def test_every_suffix_tells_a_wrong_file(suffix: str) -> None:
    assert wrong_head(f"a{suffix}", b"x" * HEAD_BYTES).startswith(f"not a {suffix}: it begins b'x")


@pytest.mark.parametrize(
    "page",
    [b"\xef\xbb\xbf\n <!DOCTYPE HTML><html>", b"<html lang=de>", b"<script>location='x'</script>"],
)
def test_pages_are_known_whatever_the_name(page: bytes) -> None:
    assert wrong_head("a.mat", page).startswith("an HTML page, not the file")


def test_a_short_head_is_compared_as_far_as_it_goes() -> None:
    assert wrong_head("a.h5", b"\x89H") == ""
    assert wrong_head("a.tar", b"abc") == ""
    assert wrong_head("a.h5", b"\x89x") != ""
