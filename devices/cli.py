"""The verbs ``spikelake chip list | check | quantize | simulate``; the others join them here."""

import json
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from catalog.cli_task import Datasets
from catalog.output import print_table
from devices.cli_clock import add_clock
from devices.cli_config import add_config
from devices.cli_deploy import add_deploy
from devices.cli_export import add_export
from devices.cli_listen import add_listen
from devices.cli_mismatch import add_mismatch
from devices.cli_options import Fold, Limit, SplitName
from devices.cli_report import add_report
from devices.cli_speck import (
    Clip,
    Order,
    Split,
    chip_set,
    refuse_clip,
    simulation_findings,
)
from devices.cli_spoken import add_spoken
from devices.cli_steps import prepared, way_of
from devices.cli_tune import add_tune
from devices.cli_xylo import Percentile, RoundBy, rounded_by, watched
from eventstore.findings import has_errors
from eventstore.output import AsJson, print_findings, print_record

app = typer.Typer(name="chip", help="Put a trained network on a neuromorphic chip.")

Model: TypeAlias = Annotated[
    Path,
    typer.Argument(
        help="Folder of a run, as `spikelake train` leaves it, or a NIR file (.nir).",
        show_default=False,
    ),
]
ChipName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--chip",
        help="Name of the chip, see `spikelake chip list`; speck2f if absent, or that of a "
        "configuration.",
    ),
]
Out: TypeAlias = Annotated[
    Path | None, typer.Option(help="File to write.", show_default=False, dir_okay=False)
]


def register(root: typer.Typer) -> None:
    """Add the verbs to the command line."""
    root.add_typer(app, no_args_is_help=True)


@app.command("list")
def list_chips(*, as_json: AsJson = False) -> None:
    """List the chips with their limits."""
    from devices.chips import CHIPS

    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name in CHIPS:
        limits = CHIPS[name].limits()
        alike.setdefault(tuple(limits), []).append(name)
        if as_json:
            typer.echo(json.dumps({"name": name, "limits": dict(limits)}, ensure_ascii=False))
    if not as_json:
        for same, names in alike.items():
            print_table(", ".join(names), (), same)


@app.command("check")
def check(
    model: Model,
    *,
    chip: ChipName = None,
    clip: Clip = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    as_json: AsJson = False,
) -> None:
    """Say every rule of a chip that a network breaks; exit with 1 if there is one."""
    from devices.config_file import read_config
    from devices.model_files import chip_name_of, graph_of, is_config

    refuse_clip(model, clip)
    target = rounded_by(chip_set(chip_name_of(model, chip), clip=clip), model, round_by, percentile)
    if is_config(model):
        findings = target.check_config(read_config(model))
    else:
        findings = target.check(graph_of(model))
    fits = not has_errors(findings)
    if findings:
        print_findings(findings, as_json=as_json, where=str(model))
    said = f"{model}: {'fits' if fits else 'does not fit'} {target.name}"
    record = {"status": "ok" if fits else "error", "chip": target.name, "fits": fits}
    print_record(record, as_json=as_json, said=said)
    if not fits:
        raise typer.Exit(1)


@app.command("quantize")
def quantize(
    model: Model,
    *,
    chip: ChipName = None,
    clip: Clip = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Turn a network into the integers of a chip; with --out, save them as .npz."""
    import numpy as np

    from devices.integer_tables import fact_rows, integer_arrays, integer_facts
    from devices.model_files import chip_name_of, net_of

    refuse_clip(model, clip)
    asked = chip_set(chip_name_of(model, chip), clip=clip)
    target = rounded_by(asked, model, round_by, percentile)
    q = net_of(model, target)
    if out is not None:
        with out.open("wb") as file:  # by its name alone, numpy would add a suffix to it
            np.savez_compressed(file, allow_pickle=False, **integer_arrays(q))
    if as_json:
        for facts in integer_facts(q):
            typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        head, *rows = fact_rows(integer_facts(q))
        print_table(f"{model} on {target.name}", head, rows)
        if out is not None:
            typer.echo(f"wrote {out}")


@app.command("simulate")
def simulate(
    model: Model,
    *,
    split: SplitName,
    chip: ChipName = None,
    fold: Fold = "test",
    limit: Limit = 100,
    bins: Annotated[
        int | None,
        typer.Option(help="Frames a sample; a run's recipe says so itself.", min=1),
    ] = None,
    by_event: Annotated[
        bool, typer.Option("--by-event", help="Event by event instead of time steps.")
    ] = False,
    order: Order = None,
    clip: Clip = None,
    split_layer: Split = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    datasets: Datasets = None,
    as_json: AsJson = False,
) -> None:
    """Run samples through the integers of a network and say what each layer does."""
    from devices.model_files import chip_name_of, round_of, samples_of
    from devices.results import SimResult
    from devices.tables import activity_facts, activity_rows
    from devices.xylo.held import held_findings
    from snn.cli_tested import open_tested

    refuse_clip(model, clip)
    target = rounded_by(
        chip_set(chip_name_of(model, chip), clip=clip, order=order), model, round_by, percentile
    )
    q, mapping = prepared(model, target, split_layer)
    way, held = watched(target, way_of(target, by_event=by_event or order is not None))
    results, labels = [], []
    data = open_tested(split, round_of(model), datasets)
    for batch in samples_of(model, data, fold, limit=limit, bins=bins):
        results.append(way(q, batch.x.numpy(), batch.length.numpy()))
        labels.append(batch.label.numpy())
    result = SimResult.joined(results)
    right = sum(int((r.predictions == y).sum()) for r, y in zip(results, labels, strict=True))
    n, findings = len(result.output), simulation_findings(model, target, q, result)
    findings += held_findings(held, len(result.output))
    record = {
        "chip": target.name,
        "n_samples": n,
        "accuracy": right / n,
        "silent_samples": int(result.silent_outputs.sum()),
        "findings": [finding.to_dict() for finding in findings],
    }
    said = f"{target.name}: {right} of {n} samples right ({right / n:.1%})"
    print_record(record, as_json=as_json, said=said)
    if as_json:
        for facts in activity_facts(result, mapping):
            typer.echo(json.dumps(facts))
    else:
        head, *rows = activity_rows(result, mapping)
        print_table("a sample, on average", head, rows)
        if findings:
            print_findings(findings, as_json=False, where=str(model))


add_clock(app)
add_config(app)
add_deploy(app)
add_export(app)
add_mismatch(app)
add_report(app)
add_tune(app)
add_spoken(app)
add_listen(app)
