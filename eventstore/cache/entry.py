"""The blocks of one pipeline over one selection: taken from the cache, or made and put there."""

import os
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np
from jaxtyping import Int64, UInt8

from eventstore.buffers import Buffers
from eventstore.cache.claims import Claim, claim, sweep
from eventstore.cache.frames import FrameBlock
from eventstore.cache.key import CacheKey
from eventstore.cache.manifest import Manifest
from eventstore.cache.notes import Notes
from eventstore.cache.recipe import Recipe
from eventstore.cache.room import Room, touch, use
from eventstore.cache.sealed import Head, content, read_file, seal
from eventstore.cache.several import join_tables
from eventstore.cache.small_files import ReadFiles, SmallFiles
from eventstore.cache.verdict import Verdict, worth_caching
from eventstore.errors import IntegrityError
from eventstore.sample_batch import read_samples
from eventstore.selection import Selection
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import Pipeline

CachedBlock: TypeAlias = FrameBlock | EventBatch
"""What a block holds: frames, or events before random transforms."""

Reads: TypeAlias = Callable[[Int64[np.ndarray, " n"]], EventBatch]
"""Reads samples of the selection from the store, by their rows, in that order."""

TOUCH_S = 60.0
"""A folder in use is marked as used at most this often."""

KEPT_BUFFERS = 64
"""Small files whose memory is kept for the next ones: 64 MiB at most."""

TRIAL_BLOCKS = 3
"""Blocks that are measured to decide whether the cache is used."""

PATIENCE_S, PATIENCE = 5.0, 20.0
"""How long to wait for a block that another process makes: so many seconds, or so many times as
long as the slowest that was made here, whichever is longer."""


class CacheEntry:
    """Blocks of samples of a selection, as a pipeline makes them; safe to share between threads.

    Made by `FrameCache.entry`. It never fails where the pipeline would not: what cannot be kept is
    made each time, and the cache's findings say why.

    Args:
        selection: the samples.
        pipeline: the stages whose result is kept.
        key: all that the blocks depend on.
        samples: rows of the selection in the order in which they are cut into blocks.
        room: the folder of all cached blocks.
        notes: what went wrong.
    """

    def __init__(
        self,
        selection: Selection,
        pipeline: Pipeline,
        key: CacheKey,
        samples: Int64[np.ndarray, " n"],
        *,
        room: Room,
        notes: Notes,
    ) -> None:
        self.key = key
        self.pipeline = pipeline
        self.folder = room.folder / key.digest
        self.verdict: Verdict | None = None
        self.n_found = self.n_made = 0
        self._selection = selection
        self._samples = samples
        self._recipe = Recipe(pipeline, selection.store.sensor, key.kind)
        # A file's name is written for each block of a read: joining paths takes 5 µs.
        self._prefix = f"{self.folder}/"
        self._suffix = ".frames" if self.keeps_frames else ".events"
        self._room = room
        self._notes = notes
        self._buffers = Buffers(keep=KEPT_BUFFERS)
        self._small_files = SmallFiles(Buffers(keep=KEPT_BUFFERS))
        self._slowest_s = 0.0
        self._handle: int | None = None
        self._touched = 0.0
        self._writable = False
        self._manifest = Manifest(key=key, reference=selection.reference)
        self._begin()

    def _begin(self) -> None:
        """Mark the folder as in use, and say what it is of."""
        self._handle = use(self.folder)
        if self._handle is None:
            self._notes.refused(self.folder, "it is not there and cannot be made")
            return
        self._touched = time.monotonic()
        weakref.finalize(self, os.close, self._handle)
        try:
            sweep(self.folder)
            self._manifest.write(self.folder)
        except OSError as error:
            self._notes.refused(self.folder, error)
            return
        self._writable = True

    @property
    def n_stages(self) -> int:
        """How many stages of the whole pipeline are done in what is kept."""
        return len(self.pipeline.stages)

    @property
    def keeps_frames(self) -> bool:
        """Whether frames are kept, and not events."""
        return self.key.kind != "events"

    def samples(self, block: int) -> Int64[np.ndarray, " n"]:
        """Return the rows in the selection of a block's samples."""
        size = self.key.block_size
        return self._samples[block * size : (block + 1) * size]

    def load(self, block: int, read: Reads | None = None) -> CachedBlock:
        """Return a block: from the cache, or made and put there.

        Where several processes ask for the same block, one makes it and the others wait.

        Args:
            block: its number.
            read: reads samples from the store; `read_samples` of the selection where absent.

        Raises:
            SpikelakeError: as the store or the pipeline raises it.
        """
        found = self.get(block)
        mine = self._claim(block) if found is None else None
        try:
            if found is None:
                found = self.get(block)  # somebody may have made it meanwhile
            if found is None:
                return self._make(block, read or self._read, mine)
            self.n_found += 1
            return found
        finally:
            if mine is not None:
                mine.release()

    def load_several(self, blocks: Sequence[int]) -> list[tuple[CachedBlock, int]]:
        """Return where the first sample of each block is, loaded as `load` does it.

        Small blocks of frames that are in the cache are read and checked together, and are one.
        """
        if not blocks:
            return []
        self._touch()
        files = self._small_files.read([self._path(block) for block in blocks])
        found = (self._joined if self.keeps_frames else self._one_by_one)(files, blocks)
        self.n_found += sum(place is not None for place in found)
        return [
            (self.load(block), 0) if place is None else place
            for block, place in zip(blocks, found, strict=True)
        ]

    def get(self, block: int) -> CachedBlock | None:
        """Return a block from the cache; None where it is not there, or damaged."""
        place = self._path(block)
        self._touch()
        try:
            return self._decode(read_file(place, self._buffers), block)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._notes.refused(self.folder, error)
        except IntegrityError as error:
            self._notes.damaged(self._place(block), error)
            with suppress(OSError):
                self._place(block).unlink()
        return None

    def trial(self, read: Reads | None = None) -> Verdict:
        """Measure on a few blocks whether the cache pays, and put them there.

        Args:
            read: reads samples from the store; `read_samples` of the selection where absent.
        """
        numbers = np.linspace(0, max(self.key.n_blocks - 1, 0), TRIAL_BLOCKS).astype(int).tolist()
        self._measure(numbers[0], read or self._read)  # the first time, code is loaded
        measured = [self._measure(number, read or self._read) for number in sorted(set(numbers))]
        made, stored, loaded = zip(*measured, strict=True)
        there = self.get(numbers[-1]) is not None
        verdict = worth_caching(
            made,
            loaded,
            [seconds for seconds in stored if seconds],
            obstacle="" if there else f"nothing can be put into {self.folder}",
        )
        self.verdict = verdict
        self._manifest = self._manifest.with_verdict(verdict)
        with suppress(OSError):
            self._manifest.write(self.folder)
        return verdict

    def n_kept(self) -> int:
        """Return how many of the blocks are in the cache."""
        return sum(self._place(block).exists() for block in range(self.key.n_blocks))

    def show(self) -> str:
        """Return in words what is kept, how much of it is there, and whether it is used."""
        lines = [
            self._manifest.describe(),
            f"{self.n_kept():,} of {self.key.n_blocks:,} blocks are in {self.folder}",
            f"this run took {self.n_found:,} from there and made {self.n_made:,}",
            str(self.verdict or "whether it pays was not measured"),
        ]
        return "\n".join(lines)

    def _measure(self, block: int, read: Reads) -> tuple[float, float, float]:
        """Return the seconds to make a block, to put it into the cache (0 if there), to take it."""
        started = time.perf_counter()
        self._recipe.compute(read(self.samples(block)))
        made = time.perf_counter()
        absent = self.get(block) is None
        looked = time.perf_counter()
        if absent:
            self.load(block, read)
        stored = time.perf_counter()
        found = self.get(block)
        if found is not None:
            self._recipe.unpack(found)
        loaded = time.perf_counter()
        compute_s = made - started
        return compute_s, max(0.0, stored - looked - compute_s) if absent else 0.0, loaded - stored

    def _read(self, samples: Int64[np.ndarray, " n"]) -> EventBatch:
        return read_samples(self._selection, samples)

    def _path(self, block: int) -> str:
        return f"{self._prefix}{block:08}{self._suffix}"

    def _place(self, block: int) -> Path:
        return Path(self._path(block))

    def _touch(self) -> None:
        now = time.monotonic()
        if self._handle is not None and now - self._touched > TOUCH_S:
            self._touched = now
            touch(self._handle)

    def _make(self, block: int, read: Reads, mine: Claim | None) -> CachedBlock:
        """Make a block, and keep it where there is the right and the room to."""
        started = time.perf_counter()
        data = seal(self._head(block), self._recipe.encode(read(self.samples(block))))
        self._slowest_s = max(self._slowest_s, time.perf_counter() - started)
        self.n_made += 1
        if mine is not None and self._room.take(len(data)):
            self._keep(mine, data)
        return self._decode(data, block)

    def _claim(self, block: int) -> Claim | None:
        if not self._writable:
            return None
        patience_s = max(PATIENCE_S, PATIENCE * self._slowest_s)
        try:
            return claim(self._place(block), patience_s=patience_s)
        except OSError as error:
            self._stop_keeping(error)
            return None

    def _keep(self, mine: Claim, data: UInt8[np.ndarray, " n"]) -> None:
        try:
            mine.write(data)
        except OSError as error:
            self._stop_keeping(error)

    def _stop_keeping(self, error: OSError) -> None:
        if self.folder.is_dir():
            self._writable = False
            self._notes.refused(self.folder, error)
        else:
            self._begin()  # it was cleared meanwhile

    def _joined(
        self, files: ReadFiles, blocks: Sequence[int]
    ) -> list[tuple[CachedBlock, int] | None]:
        """Return where the samples of files begin that are whole, in one block of all."""
        samples = [self.samples(block) for block in blocks]
        told = np.array([(block, len(its)) for block, its in zip(blocks, samples, strict=True)])
        table, whole = join_tables(files, self._head(0), told)
        ids = self._selection.ids_at(np.concatenate(samples))
        several = self._recipe.frames(files.data, table, ids)
        first = told[:, 1].cumsum() - told[:, 1]
        return [
            (several, row) if good else None
            for row, good in zip(first.tolist(), whole, strict=True)
        ]

    def _one_by_one(
        self, files: ReadFiles, blocks: Sequence[int]
    ) -> list[tuple[CachedBlock, int] | None]:
        """Return where the samples of files begin that are whole, each in a block of its own."""
        found: list[tuple[CachedBlock, int] | None] = []
        for block, data in zip(blocks, files.each(), strict=True):
            place = None
            with suppress(IntegrityError):  # `load` finds the same, and notes it
                place = None if data is None else (self._decode(data, block), 0)
            found.append(place)
        return found

    def _head(self, block: int) -> Head:
        n_samples = len(self.samples(block))
        return Head(kind=self.key.kind, key=self.key.digest, block=block, n_samples=n_samples)

    def _decode(self, data: UInt8[np.ndarray, " n"], block: int) -> CachedBlock:
        ids = self._selection.ids_at(self.samples(block))
        return self._recipe.decode(content(data, self._head(block)), ids)
