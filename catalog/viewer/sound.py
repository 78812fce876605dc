"""The sound that a recording was made from, where the dataset keeps it, and parts of it."""

from collections import OrderedDict
from threading import Lock

from catalog.sources.table import Kept, kept_sources, read_kept
from catalog.viewer.shown import ShownState
from eventstore.errors import InvalidInput, NotFound, SpikelakeError

MAX_SOUND = 64 << 20
"""Bytes of a sound that is played: half an hour of speech, six minutes of music."""

CACHE_BYTES = 64 << 20
"""Of sounds that are kept in memory, as a page asks for one in parts."""

NOT_KEPT = "the dataset does not keep the sound that this recording was made from"


class Sounds:
    """Sounds by their sum, the latest asked for; safe to share between threads.

    Args:
        limit: bytes of sounds that are kept.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def kept(self) -> list[bytes]:
        """The sounds that are kept."""
        return list(self._kept.values())

    def of(self, state: ShownState, recording: str) -> bytes:
        """Return the WAV file that a recording was made from, checked by its recorded sum.

        Raises:
            NotFound: there is no such recording, or its sound is not kept.
            InvalidInput: it is too long.
            MissingContent: it is not on this machine.
            IntegrityError: what is kept are other bytes.
        """
        sha256, kept = _sum(state, recording), state.once("sources", lambda: _sources(state))
        one = kept.get(sha256)
        if one is None:
            raise NotFound(
                NOT_KEPT, hint="spikelake ingest SOURCE --into … --resume --keep-sources"
            )
        if one.n_bytes > MAX_SOUND:
            message = f"the sound has {one.n_bytes:,} bytes"
            raise InvalidInput(message, hint=f"{MAX_SOUND:,} are played at most")
        with self._lock:  # one at a time: each may take all the memory that is meant for them
            if sha256 not in self._kept:
                self._kept[sha256] = read_kept(state.version.tree, sha256, one)
            self._kept.move_to_end(sha256)
            found = self._kept[sha256]
            while sum(map(len, self._kept.values())) > self._limit:
                self._kept.popitem(last=False)
            return found


def sound_facts(state: ShownState, recording: str) -> dict[str, object]:
    """Return how large the sound of a recording is; 0 where there is none, and why.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> sound_facts(Shown(tiny_dataset()).state(), "Test/left/0")
        {'n_bytes': 0, 'problem': ''}
    """
    if state.sensor(recording).modality != "audio":
        return {"n_bytes": 0, "problem": ""}
    try:
        kept = state.once("sources", lambda: _sources(state)).get(_sum(state, recording))
    except SpikelakeError as error:
        return {"n_bytes": 0, "problem": error.message}
    if kept is None:
        return {"n_bytes": 0, "problem": NOT_KEPT}
    if kept.n_bytes > MAX_SOUND:
        return {"n_bytes": 0, "problem": f"its sound has more than {MAX_SOUND >> 20} MiB"}
    return {"n_bytes": kept.n_bytes, "problem": ""}


def part_of(size: int, asked: str) -> tuple[int, int] | None:
    """Return the begin and end of the part that a ``Range`` asks for; None where it is none.

    Only one range of bytes is answered: several in one question are a way to be sent much.

    Examples:
        >>> part_of(10, "bytes=2-4"), part_of(10, "bytes=8-"), part_of(10, "bytes=-3")
        ((2, 5), (8, 10), (7, 10))
        >>> part_of(10, "bytes=10-"), part_of(10, "bytes=0-1,3-4"), part_of(10, "bytes=4-2")
        (None, None, None)
    """
    unit, _, span = asked.partition("=")
    first, dash, last = span.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or not (_is_number(first) and _is_number(last)):
        return None
    if not first:
        n = min(int(last or 0), size)
        return (size - n, size) if n else None
    start, stop = int(first), min(int(last) + 1 if last else size, size)
    return (start, stop) if start < stop else None


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) <= 15)


def _sum(state: ShownState, recording: str) -> str:
    row = state.store_row(recording)
    return bytes(state.version.store.recordings.source_sha256[row]).hex()


def _sources(state: ShownState) -> dict[str, Kept]:
    return dict(kept_sources(state.version.tree))
