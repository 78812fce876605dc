"""Biases on the chip's slow clock, which adds them once a tick, whatever a time step is."""

from dataclasses import replace

import numpy as np

from devices.results import QuantizedGraph, QuantizedLayer
from eventstore.errors import DoesNotFit, InvalidInput
from eventstore.findings import Finding, Severity, finding_at

BIAS_RANGE = (-128, 127)


def on_slow_clock(q: QuantizedGraph, *, dt: float, tick: float) -> QuantizedGraph:
    """Return the network whose biases are those of one tick of the slow clock.

    A bias b a time step of ``dt`` is the same current as b · tick / dt a tick. The slow clock
    ticks once a time step where both are equal, and then nothing changes. What is returned is to
    be configured; simulations in time steps take the network as it was.

    Args:
        q: the network, with biases of one time step of the model.
        dt: length of a time step in seconds, as the model was trained.
        tick: period of the slow clock in seconds.

    Raises:
        InvalidInput: dt or tick is not positive.
        DoesNotFit: a bias of one tick leaves 8 bits; says up to which tick they stay.

    Examples:
        >>> q = QuantizedGraph(chip="speck2f", input_shape=(1,), layers=(), links=())
        >>> on_slow_clock(q, dt=0.001, tick=0.002).layers
        ()
    """
    if not (0 < dt < np.inf and 0 < tick < np.inf):
        message = f"dt {dt} s and tick {tick} s are not both positive"
        raise InvalidInput(message, hint="give both in seconds, such as dt=0.001, tick=0.001")
    return replace(q, layers=tuple(_on_tick(layer, dt, tick) for layer in q.layers))


def check_slow_clock(q: QuantizedGraph, *, dt: float, tick: float) -> list[Finding]:
    """Return how much of each layer's biases rounding to whole numbers a tick changes."""
    found = []
    for before, after in zip(q.layers, on_slow_clock(q, dt=dt, tick=tick).layers, strict=True):
        if before.bias is None or after.bias is None or not before.bias.any():
            continue
        exact = before.bias * (tick / dt)
        lost = float(np.abs(exact - after.bias).max())
        if lost > 0:
            gone = int(((after.bias == 0) & (before.bias != 0)).sum())
            message = f"biases a tick of {tick:g} s are off by up to {lost:.2g}, {gone} of "
            message += f"{len(exact)} round to nothing"
            fix = f"let the slow clock tick every {dt:g} s, or a multiple of it"
            found.append(
                finding_at(Severity.WARNING, before.name, message, "slow-clock-rounding", fix)
            )
    return found


def _on_tick(layer: QuantizedLayer, dt: float, tick: float) -> QuantizedLayer:
    if layer.bias is None:
        return layer
    biases = np.rint(layer.bias * (tick / dt))
    if biases.size and not (BIAS_RANGE[0] <= biases.min() and biases.max() <= BIAS_RANGE[1]):
        most = float(np.abs(layer.bias.astype(np.int16)).max())
        message = f"biases of layer {layer.name!r} become {biases.min():g} … {biases.max():g} a "
        message += f"tick of {tick:g} s, a core holds {BIAS_RANGE[0]} … {BIAS_RANGE[1]}"
        hint = f"let the slow clock tick at least every {BIAS_RANGE[1] / most * dt:.3g} s"
        raise DoesNotFit(message, hint=hint)
    return replace(layer, bias=biases.astype(np.int8))
