r"""Round a specification to the integers of a chip: one scale for all neurons, or one for each.

Weights into a neuron, its threshold and its bias share a scale s, so that the neuron fires as
before. The scale is as large as all of them allow:

$$ s = \min\left( \frac{127}{\max |w|}, \frac{32767}{\theta}, \frac{32767}{\max |b|} \right) $$

over the weights into all hidden neurons (``"global"``) or into the neuron (``"channel"``), and
apart from that over those into output neurons. Every number is rounded once, half to even.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float64

from devices.xylo.chip import XyloSpec
from devices.xylo.net import XyloNet
from devices.xylo.shifts import rounded_shift
from devices.xylo.specification import XyloSpecification
from eventstore.errors import InvalidInput

Method: TypeAlias = Literal["global", "channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """How floats become integers.

    Args:
        method: one scale for all hidden neurons and one for all outputs (``"global"``), or one for
            each neuron (``"channel"``), which leaves smaller errors.
        percentile: the largest weight is taken as that below which so many percent of those that
            are not zero lie; what is larger is clipped. 100: nothing is.

    Raises:
        InvalidInput: the method is unknown, or the percentile not above 0 and at most 100.

    Examples:
        >>> Rounding(method="global").percentile
        100.0
    """

    method: Method = "channel"
    percentile: float = 100.0

    def __post_init__(self) -> None:
        if self.method not in {"global", "channel"}:
            message = f"unknown method {self.method!r} of rounding"
            raise InvalidInput(message, hint="use 'global' or 'channel'")
        if not 0 < self.percentile <= 100:
            message = f"percentile {self.percentile} is not above 0 and at most 100"
            raise InvalidInput(message, hint="99.5 clips the largest 0.5 % of the weights")


BY_CHANNEL = Rounding()
"""Rounding of a network where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scales:
    """What floats are multiplied with.

    Args:
        hidden: one a hidden neuron.
        output: one an output neuron.
    """

    hidden: Float64[np.ndarray, " h"]
    output: Float64[np.ndarray, " o"]


def choose_scales(
    floats: XyloSpecification, spec: XyloSpec, rounding: Rounding = BY_CHANNEL
) -> Scales:
    """Return the scales of hidden and of output neurons."""
    return Scales(
        hidden=_scales(
            incoming(floats), floats.threshold, floats.bias_hidden, spec=spec, rounding=rounding
        ),
        output=_scales(
            floats.w_out, floats.threshold_out, floats.bias_out, spec=spec, rounding=rounding
        ),
    )


def incoming(floats: XyloSpecification) -> Float64[np.ndarray, "w h"]:
    """Return all weights into each hidden neuron, a column each."""
    n = floats.w_rec.shape[0]
    parts = [floats.w_in, floats.w_rec]
    return np.concatenate([part.transpose(0, 2, 1).reshape(-1, n) for part in parts])


def quantize(floats: XyloSpecification, spec: XyloSpec, rounding: Rounding = BY_CHANNEL) -> XyloNet:
    """Return a specification in the integers of a chip.

    Args:
        floats: the network, as `specification_of` made it.
        spec: the chip.
        rounding: whose scale is whose, and what may be clipped.

    Examples:
        >>> from devices.graph import graph_from_model
        >>> from devices.xylo.chip import XYLO_AUDIO3
        >>> from devices.xylo.specification import specification_of
        >>> from snn.models.synnet import synnet
        >>> graph = graph_from_model(synnet(3, (16,)), (16,))
        >>> net = quantize(specification_of(graph, XYLO_AUDIO3), XYLO_AUDIO3)
        >>> int(abs(net.w_in).max()), net.n_hidden, net.n_out
        (127, 72, 3)
    """
    scales = choose_scales(floats, spec, rounding)
    hidden, output = scales.hidden, scales.output
    top, most = spec.weight_top, spec.state_top
    return XyloNet(
        chip=spec.name,
        dt=floats.dt,
        w_in=_whole(floats.w_in * hidden[:, None], top).astype(np.int8),
        w_rec=_whole(floats.w_rec * hidden[:, None], top).astype(np.int8),
        w_out=_whole(floats.w_out * output, top).astype(np.int8),
        dash_mem=rounded_shift(floats.dash_mem).astype(np.int8),
        dash_syn=rounded_shift(floats.dash_syn).astype(np.int8),
        dash_mem_out=rounded_shift(floats.dash_mem_out).astype(np.int8),
        dash_syn_out=rounded_shift(floats.dash_syn_out).astype(np.int8),
        threshold=_whole(floats.threshold * hidden, most).astype(np.int16),
        threshold_out=_whole(floats.threshold_out * output, most).astype(np.int16),
        bias_hidden=_bias(floats.bias_hidden, hidden, most),
        bias_out=_bias(floats.bias_out, output, most),
        aliases=floats.aliases,
        layers=floats.layers,
    )


def _scales(
    weights: np.ndarray,
    threshold: np.ndarray,
    bias: np.ndarray | None,
    *,
    spec: XyloSpec,
    rounding: Rounding,
) -> np.ndarray:
    size = np.abs(weights)
    drift = np.zeros_like(threshold) if bias is None else np.abs(bias)
    room = np.maximum(threshold, drift) / spec.state_top
    if rounding.method == "global":
        whole = _scales_of_columns(size.reshape(-1, 1), room.max(keepdims=True), spec, rounding)
        return np.repeat(whole, len(threshold))
    return _scales_of_columns(size, room, spec, rounding)


def _scales_of_columns(
    size: np.ndarray, room: np.ndarray, spec: XyloSpec, rounding: Rounding
) -> np.ndarray:
    """Return the largest scale of each column of weights, with room in 16 bits for the rest."""
    largest = size.max(axis=0, initial=0.0)
    if rounding.percentile < 100:
        for column in np.flatnonzero(largest):
            there = size[:, column]
            largest[column] = np.percentile(there[there > 0], rounding.percentile)
    with np.errstate(divide="ignore"):  # no weights limit nothing
        scales: np.ndarray = np.minimum(spec.weight_top / largest, 1 / room)
    return scales


def _whole(scaled: np.ndarray, top: int) -> np.ndarray:
    return np.clip(np.round(scaled), -top, top)


def _bias(bias: np.ndarray | None, scale: np.ndarray, top: int) -> np.ndarray | None:
    return None if bias is None else _whole(bias * scale, top).astype(np.int16)
