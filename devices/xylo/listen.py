"""Listen to a sound that never ends: front end, network and keywords, a block at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from devices.xylo.keywords import Detection, KeywordRule, detect, start_state
from devices.xylo.net import XyloNet
from devices.xylo.program import compile_net
from devices.xylo.simulate import run_net
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.sound import XyloAudio2, XyloAudio3

Ears = XyloAudio2 | XyloAudio3

MOST_SPIKES = 15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What the next time steps of a stream brought.

    Args:
        spikes: of each output in each time step.
        detections: the words in them, by time steps from the stream's beginning.
    """

    spikes: UInt8[np.ndarray, "t words"]
    detections: list[Detection]


def listen(
    net: XyloNet,
    ears: Ears,
    blocks: Iterable[Float32[np.ndarray, "1 n"]],
    rate_hz: int,
    rule: KeywordRule,
) -> Iterator[Heard]:
    """Run a sound through a chip's front end and network, and yield what is heard.

    Memory does not grow with the sound, and the blocks may be of any length: detections are the
    same, and come as soon as the block that holds their time step.

    Args:
        net: the network, whose time step is that of the front end.
        ears: the front end.
        blocks: samples of one channel.
        rate_hz: their rate.
        rule: when spikes are a word.

    Raises:
        InvalidInput: network and front end differ in inputs or in the time step.
    """
    check_ears(net, ears)
    program, state = compile_net(net), None
    hearing, words = ears.start(1, rate_hz), start_state(net.n_out, rule)
    waiting, done, n_samples = Events.empty(), 0, 0
    for block in blocks:
        waiting = Events.concatenate([waiting, ears.encode_block(block, hearing)])
        n_samples += block.shape[1]
        # Spikes up to the last sample but one are there: lines end at samples.
        ready = max(n_samples - 1, 0) * 1_000_000 // rate_hz // ears.window_us
        if ready > done:
            cut = int(np.searchsorted(waiting.t, ready * ears.window_us))
            raster = raster_of(waiting[:cut], done, ready, ears.window_us)
            waiting, done = waiting[cut:], ready
            run = run_net(program, raster[None], state=state)
            state = run.state
            yield Heard(spikes=run.output[0], detections=detect(run.output[0], rule, words))


def check_ears(net: XyloNet, ears: Ears) -> None:
    """Refuse a network that is not for these ears.

    Raises:
        InvalidInput: they differ in inputs or in the time step.
    """
    name = type(ears).__name__
    if net.n_in != ears.channels_out(1):
        message = f"the network has {net.n_in} inputs, {name} has {ears.channels_out(1)} channels"
        raise InvalidInput(message, hint="listen by the front end that it was trained with")
    if round(net.dt * 1e6) != ears.window_us:
        message = (
            f"the network works in steps of {net.dt * 1e3:g} ms, {name} counts spikes over "
            f"{ears.window_us / 1e3:g} ms"
        )
        raise InvalidInput(message, hint="give the front end the network's time step")


def raster_of(events: Events, start: int, stop: int, window_us: int) -> UInt8[np.ndarray, "t 16"]:
    """Return the spikes of a front end in time steps ``start … stop - 1``, as a network takes them.

    Examples:
        >>> raster_of(Events.of(t=[5, 21], x=[0, 3]), 0, 3, 10)[:, [0, 3]].tolist()
        [[1, 0], [0, 0], [0, 1]]
    """
    raster = np.zeros((stop - start, 16), np.int64)
    np.add.at(raster, (events.t // window_us - start, events.x), 1)
    return np.minimum(raster, MOST_SPIKES).astype(np.uint8)
