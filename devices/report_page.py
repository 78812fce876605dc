"""A report as a page: one HTML file that shows what a chip costs, with nothing loaded elsewhere."""

import json
from collections.abc import Sequence
from html import escape

from devices.fidelity import LayerFidelity, Report, Way
from devices.report_plots import bars_plot, lines_plot
from devices.report_style import PAGE

MODEL, STEPPED, EVENT = "model", "by step", "by event"


def report_page(report: Report, *, title: str, about: str) -> str:
    """Return a report as a complete HTML document.

    Args:
        report: the report.
        title: what was put on the chip, such as the name of a run.
        about: on what samples, in a sentence.
    """
    fits = f"{title} on {report.chip}" if report.fits else f"{title} does not fit {report.chip}"
    return PAGE.substitute(
        title=escape(fits),
        said=escape(json.dumps(_said(report), ensure_ascii=False)),
        about=escape(about),
        tiles="".join(
            f"<li><b>{escape(v)}</b><span>{escape(n)}</span></li>" for v, n in _tiles(report)
        ),
        findings=_findings(report),
        accuracy=_accuracy(report),
        layers=_layers(report) if report.layers else "",
        chip=_chip(report) if report.layers else "",
    )


def _said(report: Report) -> dict[str, object]:
    """Return what a program that finds the page, such as the viewer, tells of it."""
    told = ("chip", "fits", "data", "fold", "float_accuracy", "integer_accuracy", "event_accuracy")
    return {name: getattr(report, name) for name in told}


def _tiles(report: Report) -> list[tuple[str, str]]:
    tiles = [(_percent(report.float_accuracy), f"right in floats, of {report.n_samples:,}")]
    if report.integer_accuracy is not None:
        tiles.append((_percent(report.integer_accuracy), "in integers, time step by time step"))
    if report.event_accuracy is not None:
        tiles.append((_percent(report.event_accuracy), "in integers, event by event"))
    if report.worst_layer is not None:
        tiles.append((report.worst_layer.name, "loses most"))
    if report.layers:
        synops = sum(layer.synops for layer in report.layers)
        tiles.append((f"{synops / 1e6:,.2f} M", "synaptic operations a sample"))
    return tiles


def _findings(report: Report) -> str:
    if not report.findings:
        return "<p>Every rule of the chip holds, and nothing stands out.</p>"
    items = "".join(
        f'<li class="{escape(f.severity.name.lower())}"><b>{escape(f.where)}</b> '
        f"{escape(f.message)}{f' <i>{escape(f.fix)}</i>' if f.fix else ''}</li>"
        for f in report.findings
    )
    return f'<ul class="findings">{items}</ul>'


def _accuracy(report: Report) -> str:
    ways = (
        ("floats", MODEL, report.model_way),
        ("integers, by step", STEPPED, report.integer_way),
        ("integers, by event", EVENT, report.event_way),
    )
    known = [(name, colour, way) for name, colour, way in ways if way is not None]
    head = ("", "right", "95 % interval", "difference to floats", "p", "silent", "decided at")
    rows = [(name, *_way_cells(way, report)) for name, _, way in known]
    curves = [(name, _class(colour), way.accuracy_after_step) for name, colour, way in known]
    plot = lines_plot(curves, "time step", "accuracy if the decision were taken so early")
    return _table(head, rows) + plot


def _way_cells(way: Way, report: Report) -> tuple[str, ...]:
    d = way.difference
    return (
        _percent(way.accuracy),
        f"{100 * way.low:.1f} to {100 * way.high:.1f} %",
        "–"
        if d is None
        else f"{100 * d.difference:+.1f} ({100 * d.low:+.1f} to {100 * d.high:+.1f})",
        "–" if d is None else f"{d.p_value:.3f}",
        str(way.silent_samples),
        _decided(way, report),
    )


def _decided(way: Way, report: Report) -> str:
    if way.median_decided is None:
        return "never"
    text = f"step {way.median_decided:g}"
    if report.seconds_per_sample and report.n_steps:
        step_ms = 1000 * report.seconds_per_sample / report.n_steps
        text += f", {way.median_decided * step_ms:.0f} ms"
    return text


def _layers(report: Report) -> str:
    layers = report.layers
    head = (
        "layer", "spikes: floats", "by step", "by event", "overlap", "correlation",
        "silent neurons", "alone: right", "decisions changed", "outputs moved",
    )  # fmt: skip
    names = [layer.name for layer in layers]
    spikes = bars_plot(
        names,
        [
            ("floats", _class(MODEL), [layer.float_spikes for layer in layers]),
            ("integers, by step", _class(STEPPED), [layer.integer_spikes for layer in layers]),
            ("integers, by event", _class(EVENT), [layer.event_spikes for layer in layers]),
        ],
        "spikes a sample, by layer",
    )
    return (
        "<h2>Layers</h2>"
        + _table(head, [_layer_cells(layer, report) for layer in layers])
        + "<h3>Spikes a sample</h3>"
        + spikes
        + _alone(layers)
    )


def _layer_cells(layer: LayerFidelity, report: Report) -> tuple[str, ...]:
    like, loss = layer.event_likeness, layer.event_loss
    worst = report.worst_layer
    mark = " ◀" if worst is not None and worst.name == layer.name else ""
    return (
        f"{layer.name}{mark}",
        f"{layer.float_spikes:,.0f}",
        f"{layer.integer_spikes:,.0f}",
        f"{layer.event_spikes:,.0f}",
        "–" if like is None else _percent(like.overlap),
        "–" if like is None or like.correlation is None else f"{like.correlation:.3f}",
        f"{layer.silent_neurons:,} of {layer.n_neurons:,}",
        "–" if loss is None else _percent(loss.accuracy),
        "–" if loss is None else _percent(loss.changed),
        "–" if loss is None else _percent(loss.shift),
    )


def _alone(layers: Sequence[LayerFidelity]) -> str:
    pairs = [(one.integer_loss, one.event_loss) for one in layers]
    stepped = [100 * pair[0].lost for pair in pairs if pair[0] is not None]
    by_event = [100 * pair[1].lost for pair in pairs if pair[1] is not None]
    if len(by_event) < len(layers) or len(stepped) < len(layers):
        return ""
    series = [("by step", _class(STEPPED), stepped), ("by event", _class(EVENT), by_event)]
    plot = bars_plot([one.name for one in layers], series, "points lost by each layer alone", " pt")
    return "<h3>Accuracy lost with one layer alone in integers, in points</h3>" + plot


def _chip(report: Report) -> str:
    head = ("layer", "core", "weight words", "state words", "bias words", "SynOps", "SynOps/s")
    total = sum(one.synops for one in report.layers) or 1.0
    rows = "".join(
        f"<tr><td>{escape(one.name)}</td><td class=n>{one.use.core}</td>"
        + _fill(one.use.kernel_words, one.use.kernel_capacity)
        + _fill(one.use.neuron_words, one.use.neuron_capacity)
        + _fill(one.use.bias_words, one.use.bias_capacity)
        + f"<td class=n>{one.synops:,.0f} ({one.synops / total:.0%})</td>"
        + f"<td class=n>{_rate(one.synops_per_second)}</td></tr>"
        for one in report.layers
    )
    table = _framed(head, rows)
    return "<h2>Cores and memory</h2>" + table + "<h2>Power, estimated</h2>" + _power(report)


def _fill(used: int, capacity: int) -> str:
    if not capacity:
        return "<td>none</td>"
    share = used / capacity
    bar = f'<span class="fill"><i style="width:{min(share, 1.0):.1%}"></i></span>'
    return f'<td class=use title="{share:.1%}">{bar} {used:,} of {capacity:,}</td>'


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _power(report: Report) -> str:
    power = report.power
    if power is None:
        return ""
    rows = []
    if power.resting_mw is not None:
        rows.append(("at rest", f"{power.resting_mw:g} mW", power.resting_source))
    per_op = "not known: no figure of this chip is published that could be cited; give your own"
    if power.pj_per_synop is not None:
        per_op = f"{power.pj_per_synop:g} pJ, given by the user"
    rows.append(("energy of an operation", per_op, ""))
    if power.synops_per_second is not None:
        rows.append(("operations a second", f"{power.synops_per_second:,.0f}", "simulated"))
    if power.dynamic_uj_per_sample is not None:
        rows.append(
            ("energy of a sample", f"{power.dynamic_uj_per_sample:,.3g} µJ", "dynamic only")
        )
    if power.total_mw is not None and power.dynamic_mw is not None:
        text = f"{power.total_mw:.3g} mW, of which {power.dynamic_mw:.3g} mW dynamic"
        rows.append(("while samples follow one another", text, "estimate"))
    return _table(("", "", "source"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = "".join(
        "<tr>"
        + "".join(f"<td{_kind(i, cell)}>{escape(cell)}</td>" for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return _framed(head, body)


def _framed(head: Sequence[str], body: str) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    header = f"<thead><tr>{heads}</tr></thead>"
    return f'<div class="wide"><table>{header}<tbody>{body}</tbody></table></div>'


def _kind(index: int, cell: str) -> str:
    return " class=n" if index and cell[:1] in "0123456789+-–" else ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _class(name: str) -> str:
    return {MODEL: "c1", STEPPED: "c2", EVENT: "c3"}[name]
