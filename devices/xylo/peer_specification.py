"""Specifications of the vendor's tools, as their mappers return them, as ours."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float64

from devices.xylo.specification import XyloSpecification
from eventstore.errors import InvalidInput

NEEDED = ("weights_in", "weights_rec", "weights_out", "dash_mem", "dash_syn", "dash_mem_out",
          "dash_syn_out", "threshold", "threshold_out")  # fmt: skip
"""Entries that every specification of theirs has."""


def from_peers(spec: Mapping[str, Any], *, dt: float | None = None) -> XyloSpecification:
    """Return a specification of the vendor's tools with tables for all hidden neurons.

    Theirs for Audio 3 and IMU are for the first neurons that take inputs and the last that reach
    outputs; biases of hidden neurons are called ``bias`` or ``bias_hidden``.

    Args:
        spec: arrays by name, before or after their quantiser.
        dt: time step in seconds; None: as their specification says.

    Raises:
        InvalidInput: an entry is missing, or tables do not fit together.

    Examples:
        >>> theirs = {name: np.ones(2) for name in NEEDED} | {"dt": 0.01, "aliases": [[1], []],
        ...     "weights_in": np.ones((3, 1, 1)), "weights_rec": np.zeros((2, 2, 1)),
        ...     "weights_out": np.ones((1, 2))}
        >>> floats = from_peers(theirs)
        >>> floats.w_in[0, :, 0].tolist(), floats.w_out[:, 0].tolist(), floats.aliases
        ([1.0, 0.0], [0.0, 1.0], ((1,), ()))
    """
    step = spec.get("dt") if dt is None else dt
    missing = [name for name in NEEDED if name not in spec]
    if missing or step is None:
        message = f"the specification has no {', '.join(missing or ['dt'])}"
        raise InvalidInput(message, hint="give what their mapper returned; dt=0.01 sets the step")
    n = len(_floats(spec, "threshold"))
    w_rec = _floats(spec, "weights_rec").reshape(n, n, -1)
    w_in, w_out = _outer_weights(spec, w_rec.shape)
    aliases = spec.get("aliases") or [()] * n
    return XyloSpecification(
        dt=float(step),
        w_in=w_in,
        w_rec=w_rec,
        w_out=w_out,
        dash_mem=_floats(spec, "dash_mem"),
        dash_syn=_dash_syn(spec, n, w_rec.shape[2]),
        dash_mem_out=_floats(spec, "dash_mem_out"),
        dash_syn_out=_floats(spec, "dash_syn_out"),
        threshold=_floats(spec, "threshold"),
        threshold_out=_floats(spec, "threshold_out"),
        bias_hidden=_optional(spec, "bias_hidden" if "bias_hidden" in spec else "bias"),
        bias_out=_optional(spec, "bias_out"),
        aliases=tuple(tuple(int(target) for target in targets) for targets in aliases),
    )


def _outer_weights(
    spec: Mapping[str, Any], shape: tuple[int, ...]
) -> tuple[Float64[np.ndarray, "i h s"], Float64[np.ndarray, "h o"]]:
    """Return weights from inputs and to outputs, with rows and columns for all hidden neurons."""
    n, n_out = shape[0], len(_floats(spec, "threshold_out"))
    given, last = _floats(spec, "weights_in"), _floats(spec, "weights_out")
    given = given.reshape(*given.shape[:2], -1)
    too_many = max(given.shape[1], len(last)) > n
    if too_many or given.shape[2] != shape[2] or last.shape[1:] != (n_out,):
        message = f"weights of {given.shape} and {last.shape} do not fit {n} hidden neurons of "
        message += f"{shape[2]} synapses and {n_out} outputs"
        raise InvalidInput(message, hint="are they of one network?")
    w_in, w_out = np.zeros((len(given), n, shape[2])), np.zeros((n, n_out))
    w_in[:, : given.shape[1]] = given
    w_out[n - len(last) :] = last
    return w_in, w_out


def _floats(spec: Mapping[str, Any], name: str) -> Float64[np.ndarray, "*n"]:
    return np.asarray(spec[name], np.float64)


def _optional(spec: Mapping[str, Any], name: str) -> np.ndarray | None:
    return None if spec.get(name) is None else _floats(spec, name)


def _dash_syn(spec: Mapping[str, Any], n: int, n_syn: int) -> Float64[np.ndarray, "h s"]:
    names = ("dash_syn", "dash_syn_2")[:n_syn]
    columns = [_floats(spec, name) if name in spec else np.zeros(n) for name in names]
    sizes = [column.size for column in columns]
    if set(sizes) != {n} or (n_syn == 2 and not columns[1].any()):
        said = " and ".join(f"{name} of {size}" for name, size in zip(names, sizes, strict=True))
        message = f"decays of {n_syn} synapses of {n} neurons are {said}"
        message += ", all 0" if set(sizes) == {n} else ""
        hint = "their mapper of Audio 3 mixes up two synapses: set dash_syn and dash_syn_2, one a "
        raise InvalidInput(message, hint=f"{hint}neuron, or start from the model")
    return np.stack(columns, axis=1)
