"""Every limit of the network as a whole as one named rule: what is the case, limit and remedy."""

from collections.abc import Iterable

from devices.nodes import INPUT
from devices.rule import Broken, Rule
from devices.xylo.chip import XyloSpec
from devices.xylo.layout import XyloLayout
from devices.xylo.plan import PlannedLayer, XyloPlan
from eventstore.findings import Severity


def _inputs(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n = layout.plan.n_inputs
    if n <= spec.n_inputs:
        return None
    return Broken(
        f"{n:,} inputs, {spec.name} has {spec.n_inputs}",
        f"use a raster of at most {spec.n_inputs} channels",
    )


def _front_end(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n = layout.plan.n_inputs
    if not spec.front_end < n <= spec.n_inputs:
        return None
    return Broken(
        f"{n} inputs, the chip's own front end gives {spec.front_end}",
        f"send the others from the host, or train on {spec.front_end} channels",
    )


def _outputs_exist(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    if layout.plan.layers:
        return None
    fix = "build it from nn.Linear and snn.CubaLIF: two pairs of them or more"
    return Broken("there is no layer of neurons", fix)


def _several_outputs(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    outputs = layout.plan.outputs
    if outputs.total() <= 1:
        return None
    return Broken(
        f"the spikes of {_named(outputs)} leave the network in one sum, output neurons cannot be "
        "summed",
        "end in one layer of neurons: put nn.Linear and snn.CubaLIF after the sum",
    )


def _hidden_missing(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    last = layout.plan.output
    if last is None or (INPUT not in last.sources and layout.hidden):
        return None
    return Broken(
        f"inputs drive the output neurons {last.spiking.name!r} at once, on the chip they reach "
        "hidden neurons alone",
        "put a hidden layer, nn.Linear and snn.CubaLIF, between them",
    )


def _output_feeds(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    last = layout.plan.output
    fed = layout.plan.targets(last.spiking.name) if last is not None else ()
    if not fed:
        return None
    return Broken(
        f"output neurons feed {_named(layer.name for layer in fed)}, on the chip they feed nothing",
        "give the network an output layer of its own, which feeds nothing",
    )


def _output_recurrent(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    last = layout.plan.output
    if last is None or last.spiking.recurrent is None:
        return None
    return Broken(
        f"output neurons {last.spiking.name!r} are recurrent, on the chip hidden neurons alone are",
        "make the layer before them recurrent instead",
    )


def _output_synapses(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    last = layout.plan.output
    if last is None or last.n_synapses <= 1:
        return None
    return Broken(
        f"{last.n_synapses} synapses an output neuron, those of the chip have one",
        "give tau_syn of the last neurons one time constant",
    )


def _output_spikes(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    last, most = layout.plan.output, spec.max_output_spikes
    if last is None or last.spiking.max_spikes == most:
        return None
    return Broken(
        f"output neurons of the chip fire at most {most} × a time step, those of the model more",
        f"train the last neurons with max_spikes={most}",
    )


def _hidden_count(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n = layout.n_hidden
    if n <= spec.n_hidden:
        return None
    sizes = " + ".join(str(layer.spiking.n_neurons) for layer in layout.hidden)
    return Broken(
        f"{sizes} = {n:,} hidden neurons, {spec.name} has {spec.n_hidden:,}"
        if len(layout.hidden) > 1
        else f"{n:,} hidden neurons, {spec.name} has {spec.n_hidden:,}",
        "use fewer neurons or layers",
    )


def _output_count(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n = _n_outputs(layout.plan)
    if n <= spec.n_outputs:
        return None
    return Broken(
        f"{n} output neurons, {spec.name} has {spec.n_outputs}",
        f"use at most {spec.n_outputs} classes",
    )


def _output_tested(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n = _n_outputs(layout.plan)
    if not spec.tested_outputs < n <= spec.n_outputs:
        return None
    return Broken(
        f"{n} output neurons: the vendor's tools warn above {spec.tested_outputs}",
        f"use at most {spec.tested_outputs}, or ask the vendor",
    )


def _input_reach(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n, most = layout.n_reached, spec.input_reach
    if most is None or n <= most:
        return None
    taking = [layer for layer in layout.hidden if INPUT in layer.sources]
    return Broken(
        f"inputs drive hidden neurons up to number {n:,} ({_sized(taking)}), on the chip the first "
        f"{most} alone",
        f"use at most {most} neurons in the layers that take the input",
    )


def _output_reach(layout: XyloLayout, spec: XyloSpec) -> Broken | None:
    n, most = layout.n_reaching, spec.output_reach
    if most is None or n <= most:
        return None
    senders = layout.senders()
    sending = [layer for layer in layout.hidden if layer.spiking.name in senders]
    return Broken(
        f"outputs are driven by neurons as far as {n:,} from the last hidden one "
        f"({_sized(sending)}), on the chip by the last {most} alone",
        f"use at most {most} neurons in the layers that drive the output",
    )


def _one_step(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    steps = {layer.spiking.dynamics.dt for layer in layout.plan.layers if layer.spiking.dynamics}
    if len(steps) <= 1:
        return None
    said = ", ".join(f"{1000 * dt:g} ms" for dt in sorted(steps))
    return Broken(f"layers have time steps of {said}", "give all neurons the same dt")


def _paths_apart(layout: XyloLayout, _: XyloSpec) -> Broken | None:
    depth = {INPUT: -1}  # inputs arrive in the step they come in, spikes of neurons one later
    apart: list[str] = []
    for layer in layout.plan.layers:
        depth[layer.spiking.name] = 1 + max((depth.get(s, 0) for s in layer.sources), default=0)
        found = {depth.get(source, 0) for source in layer.sources}
        if len(found) > 1:
            apart.append(f"{max(found) - min(found)} before {layer.name!r}")
    if not apart:
        return None
    return Broken(
        f"branches meet apart by time steps: {', '.join(apart)}; each layer of the chip is one "
        "step behind the layer before it, in the model none is",
        "worth a look at the report: it says what the lag costs",
    )


def _n_outputs(plan: XyloPlan) -> int:
    return plan.output.spiking.n_neurons if plan.output is not None else 0


def _sized(layers: Iterable[PlannedLayer]) -> str:
    return ", ".join(f"{layer.name!r} has {layer.spiking.n_neurons:,}" for layer in layers)


def _named(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


NET_RULES: tuple[Rule[XyloLayout, XyloSpec], ...] = (
    Rule(name="no-layers", test=_outputs_exist),
    Rule(name="inputs", test=_inputs, where="input"),
    Rule(name="front-end", test=_front_end, severity=Severity.INFO, where="input"),
    Rule(name="several-outputs", test=_several_outputs),
    Rule(name="hidden-missing", test=_hidden_missing),
    Rule(name="output-feeds", test=_output_feeds),
    Rule(name="output-recurrent", test=_output_recurrent),
    Rule(name="output-synapses", test=_output_synapses),
    Rule(name="output-spikes", test=_output_spikes, severity=Severity.INFO),
    Rule(name="hidden-count", test=_hidden_count, where="network"),
    Rule(name="output-count", test=_output_count),
    Rule(name="outputs-untested", test=_output_tested, severity=Severity.WARNING),
    Rule(name="input-reach", test=_input_reach, where="input"),
    Rule(name="output-reach", test=_output_reach, where="output"),
    Rule(name="one-dt", test=_one_step, where="network"),
    Rule(name="paths-apart", test=_paths_apart, severity=Severity.INFO, where="network"),
)
"""Limits of the network as a whole."""
