"""The verb ``spikelake chip report``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_task import Datasets
from catalog.output import print_table
from devices.cli_options import Fold, Limit, SplitName
from devices.cli_speck import Clip, Order, Search, chip_set
from devices.cli_xylo import Percentile, RoundBy, rounded_by
from eventstore.output import AsJson, print_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devices.fidelity import Report
    from eventstore.selection import Selection
    from snn.task_data import TrainedOn
    from snn.tasks import Run


def add_report(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("report")(_report)


def _report(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, as `spikelake train` leaves it, or a NIR file (.nir).",
            show_default=False,
        ),
    ],
    *,
    split: SplitName,
    chip: Annotated[
        str, typer.Option("--chip", help="Name of the chip; see `spikelake chip list`.")
    ] = "speck2f",
    fold: Fold = "test",
    limit: Limit = 0,
    bins: Annotated[
        int | None,
        typer.Option(help="Frames a sample, of a NIR file; a run's recipe says so itself.", min=1),
    ] = None,
    clip: Clip = None,
    search: Search = None,
    order: Order = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    alone: Annotated[
        bool, typer.Option(help="Run each layer alone in integers too, which takes twice the time.")
    ] = True,
    pj_per_synop: Annotated[
        float | None,
        typer.Option(help="Energy of a synaptic operation in pJ; none is published for Speck."),
    ] = None,
    resting_mw: Annotated[
        float | None, typer.Option(help="Power at rest in mW; as published if absent.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON file to write.", show_default=False, dir_okay=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Page to write.", show_default=False, dir_okay=False)
    ] = None,
    datasets: Datasets = None,
    as_json: AsJson = False,
) -> None:
    """Compare a network with its integers on samples; exit with 1 if it does not fit.

    In floats, in integers time step by time step, and event by event as the chip works: accuracy
    with intervals, each layer's spikes, memory and synaptic operations, the layer that loses most,
    when decisions stand, and power as far as it is known.
    """
    from devices.model_files import network_of, samples_of
    from devices.power import PowerConstants
    from devices.report_file import write_report
    from devices.report_options import ReportOptions
    from devices.report_page import report_page
    from eventstore.durable import DurableFolder
    from snn.cli_tested import open_tested
    from snn.task_data import selections_for

    network, run = network_of(model)
    data = open_tested(split, run.round if run else "", datasets)
    samples = samples_of(model, data, fold, limit=limit, bins=bins)
    options = ReportOptions(
        by_layer=alone,
        seconds_per_sample=_seconds(selections_for(data, fold, limit=limit)),
        power=PowerConstants(resting_mw=resting_mw, pj_per_synop=pj_per_synop),
    )
    asked = chip_set(chip, clip=clip, search=search, order=order)
    target = rounded_by(asked, model, round_by, percentile)
    found = target.report(network, samples, options)
    found = replace(found, data=str(data.reference), fold=fold)
    if out is not None:
        write_report(found, out)
    if html is not None:
        page = report_page(found, title=_title(run, model), about=_about(found, data, fold))
        folder = DurableFolder(html.parent)
        folder.stage(html.name, [page.encode()])
        folder.settle()
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        _print(found, str(model), [path for path in (out, html) if path is not None])
    if not found.fits:
        raise typer.Exit(1)


def _seconds(selections: "Sequence[Selection]") -> float | None:
    """Return the mean time of samples."""
    lengths = [int(us) for one in selections for us in one.t_stop - one.t_start]
    mean = sum(lengths) / len(lengths) / 1e6 if lengths else 0.0
    return mean if mean > 0 else None


def _title(run: "Run | None", model: Path) -> str:
    return model.stem if run is None else f"{run.recipe.name}, seed {run.seed}"


def _about(found: "Report", data: "TrainedOn", fold: str) -> str:
    about = f"{found.n_samples:,} samples of {fold} of {data.reference}"
    if found.seconds_per_sample is not None and found.n_steps is not None:
        about += f", {1000 * found.seconds_per_sample:.0f} ms and {found.n_steps:g} time steps each"
    return about


def _print(found: "Report", name: str, written: list[Path]) -> None:
    from devices.tables import layer_rows, summary, use_rows

    print_table(f"{name} on {found.chip}", (), summary(found))
    if found.layers:
        head, *rows = layer_rows(found)
        print_table("spikes a sample", head, rows)
        head, *rows = use_rows(found)
        print_table("cores", head, rows)
    if found.findings:
        print_findings(found.findings, as_json=False, where=name)
    if written:
        typer.echo(f"wrote {', '.join(map(str, written))}")
