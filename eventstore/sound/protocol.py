"""What a stage of an encoding is: a frozen, keyword-only dataclass over pure functions.

Transforms turn waveforms into waveforms, an encoder turns the last one into events. Most need only
the samples up to now: they are causal, and take a sound in blocks of any length, so that memory
does not grow with it. The others, which scale by the loudest sample or cut, take it whole.
"""

from collections.abc import Iterator
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Float32

from eventstore.events import Events
from eventstore.sound.waveform import Waveform

State: TypeAlias = tuple[np.ndarray, ...]
"""What a causal stage carries from one block to the next: arrays that it moves on in place."""

BLOCK_SAMPLES = 1 << 14
"""Samples of each channel taken at a time: bounds the memory of a bank of many bands."""


@runtime_checkable
class SoundTransform(Protocol):
    """Waveform to waveform."""

    def channels_out(self, n_channels: int) -> int:
        """Return how many channels come out for so many that go in."""
        ...

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the transformed sound; what goes in is left as it is.

        Raises:
            InvalidInput: the sound's rate does not allow what the fields ask for.
        """
        ...


@runtime_checkable
class CausalTransform(SoundTransform, Protocol):
    """A transform that takes a sound block by block: joined, they equal the whole."""

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return the state before the first block.

        Raises:
            InvalidInput: the rate does not allow what the fields ask for.
        """
        ...

    def advance(self, samples: Float32[np.ndarray, "c n"], state: State) -> np.ndarray:
        """Return the block's samples, transformed, and move the state on."""
        ...


@runtime_checkable
class SoundEncoder(Protocol):
    """Waveform to events of an audio sensor, block by block, in order of time."""

    def channels_out(self, n_channels: int) -> int:
        """Return how many channels the sensor has for so many of the sound."""
        ...

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return the state before the first block."""
        ...

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events, times from the sound's start, and move the state on."""
        ...

    def encode(self, waveform: Waveform) -> Events:
        """Return all events of a sound."""
        ...


def apply_whole(stage: CausalTransform, waveform: Waveform) -> Waveform:
    """Return what a causal transform makes of a sound taken as one block."""
    state = stage.start(waveform.n_channels, waveform.rate_hz)
    return waveform.with_samples(stage.advance(waveform.samples, state))


def encode_whole(stage: SoundEncoder, waveform: Waveform) -> Events:
    """Return what an encoder makes of a sound, in the memory of a block and of the events."""
    state = stage.start(waveform.n_channels, waveform.rate_hz)
    return Events.gather(stage.encode_block(block, state) for block in blocks_of(waveform))


def blocks_of(waveform: Waveform) -> Iterator[Float32[np.ndarray, "c n"]]:
    """Cut a sound into blocks."""
    for start in range(0, len(waveform), BLOCK_SAMPLES):
        yield np.ascontiguousarray(waveform.samples[:, start : start + BLOCK_SAMPLES])
