"""``report.html``: one file that shows what a demo run did, with nothing loaded from elsewhere."""

from collections.abc import Sequence
from html import escape
from string import Template
from typing import TypeAlias

import numpy as np

from devices.demo.facts import DemoFacts, Example
from devices.demo.pictures import event_picture, training_curve

Row: TypeAlias = dict[str, str | int | float]


def report_page(facts: DemoFacts) -> str:
    """Return the report as a complete HTML document."""
    return PAGE.substitute(
        headline=_headline(facts),
        simulated=SIMULATED if facts.data.simulated else "",
        data=_data(facts),
        examples="".join(_example(example) for example in facts.examples),
        runs=_runs(facts),
        curve=training_curve(facts.runs),
        confusion=_confusion(facts),
        chip=escape(facts.chip.chip),
        agreement=f"{100 * facts.chip.agreement:.1f}",
        event_accuracy=f"{100 * facts.chip.event_accuracy:.1f}",
        chip_seed=facts.runs[0].seed,
        layers=_table(facts.chip.layers),
        findings=_findings(facts),
        config=escape(facts.chip.config_file),
        seconds=_table([{"stage": k, "seconds": f"{v:.1f}"} for k, v in facts.seconds.items()]),
        versions=_table([{"package": k, "version": v} for k, v in facts.versions.items()]),
    )


def _headline(facts: DemoFacts) -> str:
    tiles = (
        (f"{facts.data.n_recordings:,}", "recordings"),
        (f"{facts.data.n_events / 1e6:.2f} M", "events"),
        (f"{100 * facts.test_accuracy:.1f} %", "test accuracy, float"),
        (f"{100 * facts.chip_accuracy:.1f} %", "on the simulated chip"),
        (f"{facts.points_lost:.1f}", "points lost to the chip"),
        (f"{sum(facts.seconds.values()):.0f} s", "from files to report"),
    )
    return "".join(f"<li><b>{value}</b><span>{name}</span></li>" for value, name in tiles)


def _data(facts: DemoFacts) -> str:
    data = facts.data
    ratio = data.source_bytes / max(data.stored_bytes, 1)
    per_event = data.stored_bytes / max(data.n_events, 1)
    rows: list[Row] = [
        {"": "cite as", " ": data.reference},
        {"": "folder", " ": data.folder},
        {"": "source files", " ": f"{data.source_bytes / 1e6:.1f} MB of events"},
        {
            "": "store",
            " ": f"{data.stored_bytes / 1e6:.1f} MB, {per_event:.2f} bytes per event, "
            f"{ratio:.1f} times smaller",
        },
    ]
    folds: list[Row] = [{"fold": f, **counts} for f, counts in data.fold_counts.items()]
    return _table(rows) + _table(folds)


def _example(example: Example) -> str:
    slices = example.counts.shape[0]
    right = example.label == example.predicted
    mark = "right" if right else "wrong"
    alt = f"events of {example.sample_id} in {slices} slices of time"
    return (
        f'<figure class="{mark}"><img src="{event_picture(example.counts)}" alt="{escape(alt)}">'
        f"<figcaption><b>{escape(example.label)}</b> chip says {escape(example.predicted)}"
        f"{'' if right else ' ✗'}<code>{escape(example.sample_id)}</code></figcaption></figure>"
    )


def _runs(facts: DemoFacts) -> str:
    return _table(
        [
            {
                "seed": run.seed,
                "epochs": len(run.epochs),
                "epoch chosen": run.best_epoch,
                "test accuracy (%)": f"{100 * run.test_accuracy:.1f}",
                "chip (%)": f"{100 * run.chip_accuracy:.1f}",
                "training (s)": f"{run.seconds:.0f}",
            }
            for run in facts.runs
        ]
    )


def _confusion(facts: DemoFacts) -> str:
    names = facts.label_names
    share = facts.confusion / np.maximum(facts.confusion.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = []
    for i, name in enumerate(names):
        cells = "".join(
            f'<td style="--s:{share[i, j]:.3f}" class="{"hit" if i == j else "miss"}">'
            f"{facts.confusion[i, j] or ''}</td>"
            for j in range(len(names))
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    corner = '<th scope="col">true \\ said</th>'
    body = "".join(rows)
    header = f"<thead><tr>{corner}{head}</tr></thead>"
    return f'<table class="confusion">{header}<tbody>{body}</tbody></table>'


def _findings(facts: DemoFacts) -> str:
    if not facts.chip.findings:
        return "<p>Every rule of the chip holds.</p>"
    items = "".join(
        f'<li class="{escape(f["severity"])}"><b>{escape(f["where"])}</b> {escape(f["message"])}'
        f"{' — ' + escape(f['fix']) if f['fix'] else ''}</li>"
        for f in facts.chip.findings
    )
    return f"<ul>{items}</ul>"


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in rows[0])
    header = f"<thead><tr>{head}</tr></thead>" if any(name.strip() for name in rows[0]) else ""
    body = "".join(
        "<tr>" + "".join(_cell(value) for value in row.values()) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table>{header}<tbody>{body}</tbody></table></div>'


def _cell(value: str | float) -> str:
    text = str(value)
    number = text.replace(",", "").replace(".", "").replace("-", "").replace("+", "").isdigit()
    return f"<td{' class=n' if number else ''}>{escape(text)}</td>"


SIMULATED = (
    '<p class="note">These recordings are <b>simulated</b>: handwritten digits that ship with '
    "scikit-learn, moved along three saccades before a model of an event camera. The accuracies "
    "show that the way works; they say nothing about recorded data.</p>"
)

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>spikelake: from recordings to a chip</title>
<style>
:root { --ink: #1c2430; --soft: #5a6675; --line: #d9dee5; --blue: #2660c9; --orange: #d65820; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; color: var(--ink);
  font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; background: #fff; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { max-width: 46rem; } code { font-size: .85em; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
  list-style: none; padding: 0; margin: 1.5rem 0; }
.tiles li { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.tiles b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .85rem; }
.note { border-left: 4px solid var(--orange); padding: .5rem .9rem; background: #fdf4ef; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; }
th { color: var(--soft); font-weight: 600; } td.n { text-align: right; }
.examples { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
figure { margin: 0; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
figure.wrong { border-color: var(--orange); }
figure img { display: block; width: 100%; image-rendering: pixelated;
  border-bottom: 1px solid var(--line); }
figcaption { padding: .4rem .7rem; font-size: .9rem; }
figcaption b { font-size: 1.1rem; } figcaption code { display: block; color: var(--soft); }
svg { max-width: 100%; height: auto; }
.confusion td { text-align: right; min-width: 2.2rem; border: 1px solid #fff; }
.confusion .hit { background: rgb(38 96 201 / calc(var(--s) * 60%)); }
.confusion .miss { background: rgb(214 88 32 / min(100%, calc(var(--s) * 300%))); }
li.error { color: #a3210f; } li.warning { color: #8a4b00; }
</style>
</head>
<body>
<h1>From recordings to a chip</h1>
<p>What <code>spikelake demo</code> did: raw recordings were ingested into a zarr store, versioned,
split, streamed into a spiking network, and the trained network was quantised, mapped and simulated
on the $chip.</p>
<ul class="tiles">$headline</ul>
$simulated
<h2>Data</h2>
$data
<h2>Recordings</h2>
<p>One test recording per class, three equal slices of time from left to right. Blue: ON (brighter),
orange: OFF (darker).</p>
<div class="examples">$examples</div>
<h2>Training</h2>
<p>The epoch (dot) is chosen on recordings held out from the training fold; the test fold is looked
at once.</p>
$runs
$curve
<h2>Confusion on the simulated chip</h2>
<p>Test recordings by true class (rows) and the class said (columns), all seeds together.</p>
<div class="wide">$confusion</div>
<h2>On the chip: $chip</h2>
<p>The network of seed $chip_seed in 8-bit weights and 16-bit thresholds and states, stepped in
integers: all weights that arrive in a time step are summed, then the neurons fire. So it agrees
with the float network on $agreement % of the test recordings. Event by event, as the chip itself
works, one spike at most for each event, $event_accuracy % are right. The rules followed are the
documented ones; no silicon was at hand to confirm them. Configuration: <code>$config</code></p>
$layers
$findings
<h2>Time</h2>
$seconds
<h2>Versions</h2>
$versions
</body>
</html>
""")
