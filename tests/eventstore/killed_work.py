"""The work that the kill trials let die: run by a server that forks, an order in JSON a line.

    {"do": "remove", "path": "…", "die_at": 17}      killed at its 17th change of the disk
    {"do": "append", "path": "…", "full_at": 5}      the disk is full from the 5th change on
    {"do": "rechunk", "path": "…", "largest": 900}   the kernel refuses files over 900 bytes
    {"do": "ingest", "path": "…", "look_at": "…"}    a reader looks there before each change

Each write counts as a change of which half is done; the exit status is 28 (ENOSPC) or 27 (EFBIG)
where the disk refused.
"""

import errno
import io
import json
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import eventstore.exchange
import eventstore.ingest
from eventstore.changing import Change
from eventstore.chunk_runs import CodedRun, decode_runs
from eventstore.codecs import TIERS, codecs_of, encode_chunk
from eventstore.concatenate import concatenate_stores
from eventstore.durable import PARTIAL
from eventstore.findings import has_errors
from eventstore.ingest import ingest
from eventstore.rewrite import edit_recordings, remove_recordings, rewrite_store
from eventstore.salvage import salvage_store
from eventstore.sample_stores import write_samples
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.verify import check_store

CHANGES = ("fsync", "link", "mkdir", "rename", "replace", "rmdir", "symlink", "unlink")
"""Functions of os through which the disk is changed, but for writes."""

NEED_ROOM = ("fsync", "link", "mkdir", "symlink", "write")
"""Changes that a full disk refuses; renames and deletions it does not."""

eventstore.ingest.PUBLISH_EVERY_SECONDS = 0  # each recording is a state of its own
for codec in (codecs_of(tier)[name] for tier in TIERS for name in ("t", "x", "p")):
    # Load kernels once, not in each trial: compiling them changes the disk too.
    stored = np.frombuffer(encode_chunk(codec, np.zeros(9, codec.dtype)), np.uint8)
    places = np.zeros(1, np.uint64), np.full(1, len(stored), np.uint64)
    out = np.empty(9, codec.dtype)
    decode_runs([CodedRun(codec.run_kind or "pcodec", stored, *places, out, 0)], chunk=9)
setattr(os, "fsync", lambda _: None)  # noqa: B010  # a kill leaves the page cache alone


class Disk:
    """Counts changes of the disk, and refuses to go on at one of them."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.count = 0
        self.seen: list[Any] = []
        self._last: list[tuple[str, int, int]] | None = None
        self._watched = Path(order["look_at"]) if "look_at" in order else None
        self.die_at = order.get("die_at", 0)
        self.full_at = order.get("full_at", 0)

    def look(self) -> None:
        """Note what a reader finds, where anything is other than when it was looked at last."""
        path = self._watched or Path()
        files = sorted(p for p in path.rglob("*") if not p.name.endswith(PARTIAL))
        now = [(str(p), p.lstat().st_ino, p.lstat().st_mtime_ns) for p in files]
        if now != self._last:
            self._last = now
            self.seen.append(state_of(path))

    def change(self, what: str, half: Callable[[], object] = lambda: None) -> None:
        """Count a change that is about to be made, of which ``half`` may be done first."""
        self.count += 1
        if self._watched is not None:
            self.look()
        if self.count == self.die_at:
            half()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.full_at and self.count >= self.full_at and what in NEED_ROOM:
            half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def watch(self) -> None:
        """See all changes from now on."""
        for name in CHANGES:
            setattr(os, name, self._counted(name, getattr(os, name)))
        swap = eventstore.exchange._exchange_at_once
        eventstore.exchange._exchange_at_once = self._counted("exchange", swap)
        plain, disk = io.open, self

        class File(io.FileIO):
            def write(self, data: Any) -> int:
                whole = super().write
                disk.change("write", lambda: whole(memoryview(data)[: len(data) // 2]))
                return whole(data)

        def opened(path: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
            return File(path, "w") if mode == "wb" else plain(path, mode, *more, **options)

        setattr(io, "open", opened)  # noqa: B010  # nothing else may know its type

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.change(name)
            return function(*arguments, **options)

        return call


def state_of(path: Path) -> list[object] | None:
    """Return what the store is, after a look at all of it; None where there is none."""
    if not path.exists():
        return None
    with EventStore.open(path) as store:
        if has_errors(check_store(store)):
            return ["damaged"]
        return [store.digest, asdict(store.head.layout), store.head.tier]


def work(what: str, path: Path) -> None:
    """Do one piece of work on the store of a trial, beside which its sources lie."""
    beside = path.parent
    match what:
        case "ingest":
            ingest([beside / "sources"], path, resume=True)
        case "append":
            write_samples(path, (20, 21, 22))
        case "remove" | "remove first":
            remove_recordings(path, ["r5"] if what == "remove" else ["r0", "r6"])
        case "edit":
            with EventStore.open(path) as store:
                digest = store.recordings.digests[5]
            cut = Change(digest=digest, events=lambda e: e[e.t >= 50], notes=({"edit": 1},))
            edit_recordings(path, {"r5": cut, "r6": None})
        case "rechunk":
            rewrite_store(path, layout=Layout(chunk_events=32, shard_events=256, table_rows=3))
        case "recode":
            rewrite_store(path, tier="fast")
        case "join":
            concatenate_stores([beside / "other.zarr"], path)
        case "join anew":
            concatenate_stores([path, beside / "other.zarr"], beside / "joined.zarr")
        case "salvage":
            salvage_store(path, beside / "joined.zarr")
        case _:
            raise KeyError(what)


def go_on(line: str) -> None:
    """Carry out an order."""
    order = json.loads(line)
    if "largest" in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], resource.RLIM_INFINITY))
    disk = Disk(order)
    if order.keys() & {"die_at", "full_at", "report"}:
        disk.watch()
    try:
        work(order["do"], Path(order["path"]))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EFBIG}:
            raise
        os._exit(error.errno)
    if "report" in order:
        report = json.dumps({"changes": disk.count, "seen": disk.seen})
        Path(order["report"]).write_text(report, encoding="ascii")
