"""Reports, activity and cores as rows of text, for the terminal."""

from devices.fidelity import Report, Way
from devices.power import PowerEstimate
from devices.results import Mapping, SimResult


def summary(report: Report) -> list[tuple[str, str]]:
    """Return names and values of what a report says of the network as a whole.

    Examples:
        >>> report = Report(chip="speck2f", fits=False, n_samples=4, float_accuracy=0.5)
        >>> summary(report)[-1]
        ('accuracy, model', '50.0%')
    """
    rows = [
        ("fits", "yes" if report.fits else "no"),
        ("samples", f"{report.n_samples:,}"),
        ("accuracy, model", _share(report.float_accuracy, report.model_way)),
    ]
    shares = (
        ("accuracy, integers", report.integer_accuracy, report.integer_way),
        ("agreement with the model", report.agreement, None),
        ("accuracy, event by event", report.event_accuracy, report.event_way),
        ("agreement, event by event", report.event_agreement, None),
    )
    rows += [(name, _share(share, way)) for name, share, way in shares if share is not None]
    if report.silent_samples:
        rows.append(("samples without output spike", f"{report.silent_samples:,}"))
    if report.event_way is not None and report.event_way.median_decided is not None:
        steps = "" if report.n_steps is None else f" of {report.n_steps:g}"
        rows.append(("decided at time step", f"{report.event_way.median_decided:g}{steps}"))
    if report.worst_layer is not None:
        rows.append(("layer that loses most", report.worst_layer.name))
    if report.power is not None:
        rows += _power(report.power)
    return rows


def _share(share: float, way: Way | None) -> str:
    if way is None:
        return f"{share:.1%}"
    text = f"{share:.1%} ({100 * way.low:.1f} to {100 * way.high:.1f})"
    if way.difference is not None:
        d = way.difference
        text += f"; {100 * d.difference:+.1f} ({100 * d.low:+.1f} to {100 * d.high:+.1f}) points"
    return text


def _power(power: PowerEstimate) -> list[tuple[str, str]]:
    rows = []
    if power.synops_per_second is not None:
        rows.append(("synops a second", f"{power.synops_per_second:,.0f}"))
    if power.resting_mw is not None:
        rows.append(("power at rest, estimate", f"{power.resting_mw:g} mW"))
    if power.total_mw is not None:
        rows.append(("power, estimate", f"{power.total_mw:.3g} mW"))
    return rows


def layer_rows(report: Report) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: what it does in three ways, and what it costs alone.

    Of a chip that takes no single events, two ways, and how alike they are.
    """
    same = all(layer.event_spikes == layer.integer_spikes for layer in report.layers)
    if same and report.event_way is None:
        return _stepped_rows(report)
    head = ("layer", "model", "integers", "by event", "overlap", "alone", "synops")
    rows = [
        (
            layer.name,
            _number(layer.float_spikes),
            _number(layer.integer_spikes),
            _number(layer.event_spikes),
            "–" if layer.event_likeness is None else f"{layer.event_likeness.overlap:.0%}",
            "–" if layer.event_loss is None else f"{layer.event_loss.accuracy:.1%}",
            _number(layer.synops),
        )
        for layer in report.layers
    ]
    return [head, *rows]


def _stepped_rows(report: Report) -> list[tuple[str, ...]]:
    rows = [
        (
            layer.name,
            _number(layer.float_spikes),
            _number(layer.integer_spikes),
            "–" if layer.integer_likeness is None else f"{layer.integer_likeness.overlap:.0%}",
            f"{layer.silent_neurons:,} of {layer.n_neurons:,}",
            _number(layer.synops),
        )
        for layer in report.layers
    ]
    return [("layer", "model", "integers", "overlap", "silent neurons", "synops"), *rows]


def use_rows(report: Report) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: its core and how much of that it takes."""
    mapping = Mapping(chip=report.chip, uses=tuple(layer.use for layer in report.layers))
    return core_rows(mapping)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def activity_facts(
    result: SimResult, mapping: Mapping | None
) -> list[dict[str, str | int | float | None]]:
    """Return what each layer did during a simulation, by name; its core, where there are several.

    Args:
        result: what a simulation returned.
        mapping: which core computes which layer; None: the chip has no cores.
    """
    return [
        {
            "layer": activity.name,
            "core": core,
            "spikes_per_sample": round(float(activity.spikes.mean()), 2),
            "synops_per_sample": round(float(activity.synops.mean()), 1),
            "rate": round(activity.rate, 5),
            "silent_neurons": activity.silent_neurons,
            "neurons": activity.n_neurons,
        }
        for activity, core in zip(result.layers, _cores(result, mapping), strict=True)
    ]


def _cores(result: SimResult, mapping: Mapping | None) -> list[int | None]:
    return [None] * len(result.layers) if mapping is None else list(mapping.cores)


def activity_rows(result: SimResult, mapping: Mapping | None) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: what it did during a simulation.

    Args:
        result: what a simulation returned.
        mapping: which core computes which layer; None: the chip has no cores.
    """
    head = ("layer", "core", "spikes", "synops", "spikes/neuron/step", "silent neurons")
    rows = [
        (
            activity.name,
            "–" if core is None else str(core),
            _number(float(activity.spikes.mean())),
            _number(float(activity.synops.mean())),
            f"{activity.rate:.3f}",
            f"{activity.silent_neurons:,} of {activity.n_neurons:,}",
        )
        for activity, core in zip(result.layers, _cores(result, mapping), strict=True)
    ]
    return [head, *rows]


def core_rows(mapping: Mapping) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: its core and how much of that it takes.

    Examples:
        >>> core_rows(Mapping(chip="speck2f", uses=()))
        [('core', 'layer', 'weight words', 'state words', 'bias words')]
    """
    rows = [
        (
            str(use.core),
            use.layer,
            f"{use.kernel_words:,} of {use.kernel_capacity:,}",
            f"{use.neuron_words:,} of {use.neuron_capacity:,}",
            f"{use.bias_words:,} of {use.bias_capacity:,}",
        )
        for use in mapping.uses
    ]
    return [("core", "layer", "weight words", "state words", "bias words"), *rows]
