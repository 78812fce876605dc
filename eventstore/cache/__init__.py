"""What pipelines made, kept on the disk: content-addressed, sparse, sealed, bounded, shared.

Modules:
    frame_cache: the folder and its bound; where it all begins.
    entry: the blocks of one pipeline over one selection.
    key, code_digest: what blocks depend on, and the digest that names them.
    recipe, frames, sparse, events: the content of blocks.
    sealed, claims: files that are whole or absent, each made by one process.
    room, manifest: what is there, in words, and what goes when it is full.
    verdict: whether caching pays.
    notes: what went wrong.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.cache.entry import CachedBlock, CacheEntry
    from eventstore.cache.events import gather_events
    from eventstore.cache.frame_cache import FrameCache
    from eventstore.cache.frames import FrameBlock, frame_lengths, write_frames
    from eventstore.cache.verdict import Verdict

__all__ = [
    "CacheEntry",
    "CachedBlock",
    "FrameBlock",
    "FrameCache",
    "Verdict",
    "frame_lengths",
    "gather_events",
    "write_frames",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CacheEntry": "eventstore.cache.entry",
        "CachedBlock": "eventstore.cache.entry",
        "FrameBlock": "eventstore.cache.frames",
        "FrameCache": "eventstore.cache.frame_cache",
        "Verdict": "eventstore.cache.verdict",
        "frame_lengths": "eventstore.cache.frames",
        "gather_events": "eventstore.cache.events",
        "write_frames": "eventstore.cache.frames",
    },
)
