"""Every limit of a layer of neurons as one named rule: what is the case, the limit, the remedy."""

import numpy as np

from devices.rule import Broken, Rule
from devices.xylo.chip import XyloSpec
from devices.xylo.plan import PlannedLayer
from devices.xylo.shifts import rounded_shift, shift_of, time_error
from eventstore.findings import Severity

LARGE_ERROR = 0.1
"""Share by which a time constant may differ on the chip before that is a warning."""


def _neuron_kind(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    if layer.spiking.kind == "CubaLIF":
        return None
    return Broken(
        f"neurons {layer.spiking.name!r} are {layer.spiking.kind}, the chip has leaky neurons with "
        "synapses that decay",
        "train with snn.CubaLIF(tau_mem, tau_syn, dt), in snn.Recurrent(…) where they recur",
    )


def _synapses(layer: PlannedLayer, spec: XyloSpec) -> Broken | None:
    if layer.n_synapses <= spec.n_synapses:
        return None
    have = "one" if spec.n_synapses == 1 else str(spec.n_synapses)
    return Broken(
        f"{layer.n_synapses} synapses a neuron, hidden neurons of {spec.name} have {have}",
        "give tau_syn fewer time constants"
        + ("; Xylo Audio 2 and 3 have two" if spec.n_synapses == 1 else ""),
    )


def _fires(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    if layer.spiking.spike_threshold is not None:
        return None
    return Broken(
        f"neurons {layer.spiking.name!r} never spike",
        'spikes alone leave the chip: train with spiking outputs, such as synnet(readout="spikes")',
    )


def _threshold(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    lowest = layer.spiking.spike_threshold
    if lowest is None or lowest > 0:
        return None
    return Broken(
        f"spike threshold {lowest} of {layer.spiking.name!r} is not positive: the "
        "neuron would fire 31 × in every time step",
        "use a positive threshold: neurons start at zero",
    )


def _reset(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    spiking = layer.spiking
    if spiking.spike_threshold is None or spiking.reset == "subtract":
        return None
    does = f"are set to {spiking.v_reset}" if spiking.reset == "set" else "do not reset"
    return Broken(
        f"neurons {spiking.name!r} {does} after a spike, the chip's subtract their threshold",
        "train with reset='subtract'",
    )


def _lower_bound(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    low = layer.spiking.min_v_mem
    if low is None:
        return None
    return Broken(
        f"membranes of {layer.spiking.name!r} do not fall below {low}, those of the chip do",
        "train with min_v_mem=None",
    )


def _single_spike(layer: PlannedLayer, spec: XyloSpec) -> Broken | None:
    most = layer.spiking.max_spikes
    if most is None or most >= spec.max_hidden_spikes:
        return None
    return Broken(
        f"neurons {layer.spiking.name!r} fire at most {most} × a time step, hidden neurons of the "
        f"chip up to {spec.max_hidden_spikes} ×",
        f"train with max_spikes={spec.max_hidden_spikes} or None",
    )


def _finite(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    spiking, dynamics = layer.spiking, layer.spiking.dynamics
    numbers = [spiking.spike_threshold, spiking.thresholds, spiking.recurrent]
    numbers += [dynamics.tau_mem, dynamics.tau_syn, dynamics.bias] if dynamics else []
    for drive in layer.drives:
        numbers += [drive.linear.weight, drive.linear.bias]
    if all(np.isfinite(n).all() for n in numbers if n is not None):
        return None
    fix = "the training has diverged: lower the learning rate, clip gradients"
    return Broken("weights, biases, thresholds or times are infinite or not a number", fix)


def _times(layer: PlannedLayer) -> list[tuple[str, np.ndarray]]:
    dynamics = layer.spiking.dynamics
    if dynamics is None:
        return []
    found = [("tau_mem", dynamics.tau_mem)]
    return found if dynamics.tau_syn is None else [*found, ("tau_syn", dynamics.tau_syn)]


def _short_time(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    dynamics = layer.spiking.dynamics
    if dynamics is None or dynamics.bit_shift:
        return None
    short = [(name, float(tau.min())) for name, tau in _times(layer) if tau.min() <= dynamics.dt]
    if not short:
        return None
    said = " and ".join(f"{name} of {1000 * tau:.3g} ms" for name, tau in short)
    return Broken(
        f"{said} in steps of {1000 * dynamics.dt:.3g} ms: decays on the chip last longer than a "
        "step",
        "use longer time constants or a shorter dt, or train with bit_shift=True",
    )


def _long_time(layer: PlannedLayer, spec: XyloSpec) -> Broken | None:
    dynamics = layer.spiking.dynamics
    if dynamics is None:
        return None
    longest = max(float(tau.max()) for _, tau in _times(layer))
    if not np.isfinite(longest) or longest <= 0:
        return None  # said by finite
    shift = int(rounded_shift(shift_of(np.array([longest]), dynamics.dt))[0])
    if shift <= spec.dash_top:
        return None
    return Broken(
        f"a time constant of {longest:.3g} s is a bit shift of {shift}, the chip's end at "
        f"{spec.dash_top}",
        f"use at most {dynamics.dt * 2.0**spec.dash_top:.3g} s, or a longer dt",
    )


def _worst_time(layer: PlannedLayer) -> tuple[str, float, float] | None:
    """Return name, seconds and error of the time constant that differs most on the chip."""
    dynamics = layer.spiking.dynamics
    if dynamics is None or dynamics.bit_shift:
        return None
    worst = None
    for name, tau in _times(layer):
        flat = tau.ravel().astype(np.float64)
        if not (np.isfinite(flat).all() and (flat > dynamics.dt).all()):
            return None  # said by other rules
        errors = time_error(flat, dynamics.dt)
        at = int(np.abs(errors).argmax())
        if worst is None or abs(errors[at]) > abs(worst[2]):
            worst = (name, float(flat[at]), float(errors[at]))
    return worst


def _rounded_time(layer: PlannedLayer, *, large: bool) -> Broken | None:
    worst = _worst_time(layer)
    if worst is None or (abs(worst[2]) > LARGE_ERROR) != large or abs(worst[2]) < 0.0005:
        return None
    name, tau, error = worst
    return Broken(
        f"{name} of {1000 * tau:.4g} ms becomes {1000 * tau * (1 + error):.4g} ms "
        f"({error:+.1%}) as a bit shift",
        "train with bit_shift=True: decays are then those of the chip",
    )


def _far_time(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    return _rounded_time(layer, large=True)


def _near_time(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    return _rounded_time(layer, large=False)


def _linear_bias(layer: PlannedLayer, _: XyloSpec) -> Broken | None:
    biases = {drive.linear.name: drive.linear.bias for drive in layer.drives}
    named = [name for name, bias in biases.items() if bias is not None and bias.any()]
    if not named:
        return None
    return Broken(
        f"the bias of {', '.join(map(repr, named))} goes through a synapse, the chip adds biases "
        "to membranes: the same once the synapse has settled, not before",
        "use nn.Linear(…, bias=False) and give the neurons a bias: snn.CubaLIF(bias=…)",
    )


LAYER_RULES: tuple[Rule[PlannedLayer, XyloSpec], ...] = (
    Rule(name="neuron-kind", test=_neuron_kind),
    Rule(name="synapses", test=_synapses),
    Rule(name="neurons-silent", test=_fires),
    Rule(name="threshold", test=_threshold),
    Rule(name="reset", test=_reset),
    Rule(name="lower-bound", test=_lower_bound),
    Rule(name="finite", test=_finite),
    Rule(name="time-too-short", test=_short_time),
    Rule(name="time-too-long", test=_long_time),
    Rule(name="time-rounded", test=_far_time, severity=Severity.WARNING),
    Rule(name="time-rounded", test=_near_time, severity=Severity.INFO),
    Rule(name="linear-bias", test=_linear_bias, severity=Severity.WARNING),
)
"""Limits of a single layer."""

HIDDEN_RULES: tuple[Rule[PlannedLayer, XyloSpec], ...] = (
    Rule(name="single-spike", test=_single_spike, severity=Severity.WARNING),
)
"""Limits of a layer that is not the output."""
