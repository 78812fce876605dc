"""Rounding as the vendor's tools do it, defects and all: to compare files with theirs.

`devices.xylo.quantize` is what networks should be rounded with. This does otherwise, as they do:

* the bias of outputs has the scale of hidden neurons (``"global"``);
* a threshold of outputs that is too large also shrinks the weights between hidden neurons;
* thresholds that are too large rescale integers that were rounded already (``"global"``);
* the bias of hidden neurons with one synapse is not scaled at all (``"channel"``);
* a bias that is large makes the weights coarse, though it has 16 bits;
* fuzzy scales leave weights that do not fit 8 bits, which wrap around in their files; here they
  are refused.
"""

import numpy as np

from devices.xylo.chip import XyloSpec
from devices.xylo.net import XyloNet
from devices.xylo.quantize import Method, incoming
from devices.xylo.specification import XyloSpecification
from eventstore.errors import DoesNotFit

Tables = dict[str, np.ndarray]


def round_as_peers(
    floats: XyloSpecification, spec: XyloSpec, method: Method, *, fuzzy: bool = False
) -> XyloNet:
    """Return a specification in integers, as the vendor's tools would round it.

    Args:
        floats: the network.
        spec: the chip.
        method: ``"global"`` or ``"channel"``, as their functions are called.
        fuzzy: take the mean of weights and twice their deviation for the largest (``"global"``).

    Raises:
        DoesNotFit: a number does not fit its bits; theirs would wrap around.
    """
    top, most = spec.weight_top, spec.state_top
    made = (
        _global(floats, top, most, fuzzy=fuzzy)
        if method == "global"
        else _by_channel(floats, top, most)
    )
    for name in ("dash_mem", "dash_syn", "dash_mem_out", "dash_syn_out"):
        made[name] = np.round(getattr(floats, name))
    arrays = {name: _narrow(name, made[name]) for name in made}
    return XyloNet(
        chip=spec.name,
        dt=floats.dt,
        w_in=arrays["w_in"],
        w_rec=arrays["w_rec"],
        w_out=arrays["w_out"],
        dash_mem=arrays["dash_mem"],
        dash_syn=arrays["dash_syn"],
        dash_mem_out=arrays["dash_mem_out"],
        dash_syn_out=arrays["dash_syn_out"],
        threshold=arrays["threshold"],
        threshold_out=arrays["threshold_out"],
        bias_hidden=arrays["bias_hidden"],
        bias_out=arrays["bias_out"],
        aliases=floats.aliases,
        layers=floats.layers,
    )


def _narrow(name: str, values: np.ndarray) -> np.ndarray:
    dtype = np.int16 if name.startswith(("threshold", "bias")) else np.int8
    bounds = np.iinfo(dtype)
    if values.min(initial=0) < bounds.min or values.max(initial=0) > bounds.max:
        worst = values.flat[np.abs(values).argmax()]
        message = f"{name} rounds to {worst:.0f}, which does not fit {np.dtype(dtype)}"
        raise DoesNotFit(message, hint="round it with devices.xylo.quantize, which clips or scales")
    return values.astype(dtype)


def _biases(floats: XyloSpecification) -> tuple[np.ndarray, np.ndarray]:
    hidden, output = floats.bias_hidden, floats.bias_out
    return (
        np.zeros_like(floats.threshold) if hidden is None else hidden,
        np.zeros_like(floats.threshold_out) if output is None else output,
    )


def _largest(values: np.ndarray, *, fuzzy: bool) -> float:
    there = values[values != 0]
    if not there.size:
        return 0.0
    return float(np.abs(there.mean()) + 2 * there.std() if fuzzy else np.abs(there).max())


def _global(floats: XyloSpecification, top: int, most: int, *, fuzzy: bool) -> Tables:
    bias, bias_out = _biases(floats)
    found = (
        max(_largest(incoming(floats).ravel(), fuzzy=fuzzy), _largest(bias, fuzzy=fuzzy)),
        max(_largest(floats.w_out, fuzzy=fuzzy), _largest(bias_out, fuzzy=fuzzy)),
    )
    scale, scale_out = (top / largest if largest else 1.0 for largest in found)
    made = {
        "w_in": np.round(floats.w_in * scale),
        "w_rec": np.round(floats.w_rec * scale),
        "w_out": np.round(floats.w_out * scale_out),
        "threshold": np.round(floats.threshold * scale),
        "threshold_out": np.round(floats.threshold_out * scale_out),
        "bias_hidden": np.round(bias * scale),
        "bias_out": np.round(bias_out * scale),
    }
    for name, others in (
        ("threshold", ("threshold", "w_in", "w_rec")),
        ("threshold_out", ("threshold_out", "w_out", "w_rec")),
    ):
        highest = np.abs(made[name].max())
        if highest > most:
            for other in others:
                made[other] = np.round(made[other] * (most / highest))
    return made


def _by_channel(floats: XyloSpecification, top: int, most: int) -> Tables:
    bias, bias_out = _biases(floats)
    scale = _channel_scale(incoming(floats), floats.threshold, top, most)
    scale_out = _channel_scale(floats.w_out, floats.threshold_out, top, most)
    return {
        "w_in": np.round(floats.w_in * scale[:, None]),
        "w_rec": np.round(floats.w_rec * scale[:, None]),
        "w_out": np.round(floats.w_out * scale_out),
        "threshold": np.round(floats.threshold * scale),
        "threshold_out": np.round(floats.threshold_out * scale_out),
        "bias_hidden": np.round(bias * (1.0 if floats.w_in.shape[2] == 1 else scale)),
        "bias_out": np.round(bias_out * scale_out),
    }


def _channel_scale(weights: np.ndarray, threshold: np.ndarray, top: int, most: int) -> np.ndarray:
    largest = np.abs(weights).max(axis=0)
    scale = np.divide(top, largest, out=np.ones_like(largest), where=largest > 0)
    too_high = np.abs(threshold * scale) > most
    fitted: np.ndarray = np.where(too_high, most / np.abs(threshold), scale)
    return fitted
