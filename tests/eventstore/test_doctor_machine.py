import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from eventstore import doctor_machine as machine
from eventstore.findings import Severity


def with_free(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=n))


def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)


def test_all_places_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = {finding.where: finding for finding in machine.check_machine()}
    assert set(found) >= {"processor", "threads", "here", "temporary", "kernels", "frame cache"}
    assert found["threads"].message == "OMP_NUM_THREADS=3"
    assert "of memory" in found["processor"].message


@pytest.mark.parametrize(("free", "severity"), [(1 << 30, "WARNING"), (3 << 30, "INFO")])
def test_little_room_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, severity: str
) -> None:
    with_free(monkeypatch, free)
    found = machine.check_space("here", tmp_path)
    assert found.severity.name == severity
    assert found.message == f"{tmp_path}: {free >> 30}.0 GiB free"


def test_places_that_are_read_only_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unwritable(monkeypatch)
    for found, word in (
        (machine.check_space("here", tmp_path), "cd elsewhere"),
        (next(machine.check_kernels()), "NUMBA_CACHE_DIR"),
        (next(machine.check_frames()), "XDG_CACHE_HOME"),
    ):
        assert found.severity == Severity.WARNING
        assert word in found.fix


def test_the_frame_cache_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (found,) = machine.check_frames()
    assert found.message == f"{tmp_path}/spikelake/frames: 0 KiB of 20.0 GiB"
    (tmp_path / "spikelake" / "frames" / "key").mkdir(parents=True)
    (tmp_path / "spikelake" / "frames" / "key" / "block").write_bytes(bytes(3 << 20))
    (found,) = machine.check_frames()
    assert "3.0 MiB of" in found.message


def test_shared_memory_of_a_container_is_too_little(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_free(monkeypatch, 64 << 20)
    (found,) = machine.check_shared_memory(tmp_path)
    assert "64.0 MiB free" in found.message
    assert "--shm-size" in found.fix
    assert list(machine.check_shared_memory(tmp_path / "absent")) == []


def test_where_nothing_is_compiled_the_first_run_is_announced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "_kept_code", lambda: str(tmp_path / "pycache"))
    (found,) = machine.check_kernels()
    assert "the first runs take minutes longer" in found.message
    (tmp_path / "a.nbc").write_bytes(bytes(2 << 20))
    (found,) = machine.check_kernels()
    assert found.message == f"1 files, 2.0 MiB of machine code in {tmp_path}"
