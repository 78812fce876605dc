"""What ``spikelake doctor`` says of the machine: cores, memory, places that are written to."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventstore.bitpack_pack import encode_flags
from eventstore.cache.room import MAX_BYTES, default_folder
from eventstore.doctor import PACKAGES
from eventstore.findings import Finding, Severity, finding_at

CHECK = "machine"
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
SHARED = Path("/dev/shm")
COMPILED = {".nbi", ".nbc"}
LITTLE_BYTES = 2 << 30
"""Less free space than this is worth a word: one public dataset is larger."""
LITTLE_SHARED_BYTES = 256 << 20
"""Workers of a DataLoader hand over batches through shared memory: containers have 64 MiB."""


def check_machine() -> list[Finding]:
    """Return what the machine has for us, and whether we may write where we write."""
    places = {"here": Path.cwd(), "temporary": Path(tempfile.gettempdir())}
    space = [check_space(name, place) for name, place in places.items()]
    return [*_cores(), *space, *check_shared_memory(), *check_kernels(), *check_frames()]


def _info(where: str, message: str) -> Finding:
    return finding_at(Severity.INFO, where, message, CHECK)


def _cores() -> Iterator[Finding]:
    free = len(os.sched_getaffinity(0))
    there = os.cpu_count() or free
    cores = f"{free} cores" if free == there else f"{free} of {there} cores may be used"
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    yield _info("processor", f"{cores}, {_size(memory)} of memory")
    asked = ", ".join(f"{name}={os.environ[name]}" for name in THREADS if name in os.environ)
    yield _info("threads", asked or "as many as there are cores: OMP_NUM_THREADS is not set")


def check_space(name: str, place: Path) -> Finding:
    """Return whether a folder may be written to and has room."""
    free = shutil.disk_usage(place).free
    message = f"{place}: {_size(free)} free"
    if not os.access(place, os.W_OK):
        fix = "datasets are written where you stand: cd elsewhere, or set TMPDIR"
        return finding_at(Severity.WARNING, name, f"{place} may not be written to", CHECK, fix)
    if free < LITTLE_BYTES:
        fix = "free some: spikelake cache clear, or another disk"
        return finding_at(Severity.WARNING, name, message, CHECK, fix)
    return _info(name, message)


def check_shared_memory(place: Path = SHARED) -> Iterator[Finding]:
    """Yield a warning where shared memory is too little for workers of torch."""
    if not place.is_dir():
        return
    free = shutil.disk_usage(place).free
    if free < LITTLE_SHARED_BYTES:
        fix = "docker run --shm-size 1g, or load without workers of torch: the Loader has threads"
        message = f"{_size(free)} free; torch's DataLoader with workers needs more"
        yield finding_at(Severity.WARNING, "shared memory", message, CHECK, fix)


def check_kernels() -> Iterator[Finding]:
    """Say where machine code is kept, and whether more of it can be.

    It lies beside the sources, or where numba finds a place that it may write to.
    """
    kept = Path(_kept_code())
    roots = [Path(__file__).parents[1] / name for name in PACKAGES]
    if not any(kept.is_relative_to(root) for root in roots):
        roots = [kept.parent]
    files = [p for root in roots for p in root.rglob("*.nb?") if p.suffix in COMPILED]
    size = sum(path.stat().st_size for path in files)
    place = "beside the packages" if len(roots) > 1 else f"in {roots[0]}"
    message = f"{len(files):,} files, {_size(size)} of machine code {place}"
    if not os.access(_there(kept), os.W_OK):
        fix = "set NUMBA_CACHE_DIR to a folder that is yours; until then each process compiles anew"
        yield finding_at(Severity.WARNING, "kernels", f"{kept} is read-only", CHECK, fix)
    elif not files:
        yield _info("kernels", "none compiled yet: the first runs take minutes longer")
    else:
        yield _info("kernels", message)


def check_frames() -> Iterator[Finding]:
    """Say how much the cache of frames keeps, and whether it can keep more."""
    folder = default_folder()
    if not os.access(_there(folder), os.W_OK):
        fix = "set XDG_CACHE_HOME, or give caches a folder; until then pipelines run each epoch"
        yield finding_at(
            Severity.WARNING, "frame cache", f"{folder} may not be written to", CHECK, fix
        )
        return
    kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    yield _info("frame cache", f"{folder}: {_size(kept)} of {_size(MAX_BYTES)}")


def _kept_code() -> str:
    """Return where numba keeps a kernel of the folder `eventstore`; others lie likewise."""
    dispatcher: Any = encode_flags
    return str(dispatcher._cache.cache_path)  # noqa: SLF001 # numba tells it nowhere else


def _there(place: Path) -> Path:
    """Return a folder, or the nearest above it that exists."""
    return next(folder for folder in (place, *place.parents) if folder.exists())


def _size(n: int) -> str:
    for unit, factor in (("GiB", 30), ("MiB", 20)):
        if n >= 1 << factor:
            return f"{n / (1 << factor):.1f} {unit}"
    return f"{n / 1024:.0f} KiB"
