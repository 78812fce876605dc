"""The verb ``spikelake chip clock``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.cli_task import Datasets
from devices.cli_options import Fold, Limit
from devices.cli_xylo import Percentile, RoundBy, rounded_by
from eventstore.output import AsJson

if TYPE_CHECKING:
    from devices.xylo.cost_tally import CostTally


def add_clock(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("clock")(_clock)


def _clock(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, as `spikelake train` leaves it, a NIR file or a configuration.",
            show_default=False,
        ),
    ],
    *,
    chip: Annotated[str, typer.Option("--chip", help="A Xylo.")] = "xylo_audio3",
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="DATASET[@VERSION]/split:NAME",
            help="Samples to run, of a split or of a task (/task:NAME); only the worst case if "
            "absent.",
            show_default=False,
        ),
    ] = None,
    fold: Fold = "test",
    limit: Limit = 100,
    bins: Annotated[
        int | None,
        typer.Option(help="Time steps a sample; a run's recipe says so itself.", min=1),
    ] = None,
    pj_per_cycle: Annotated[
        float | None, typer.Option(help="Energy of a clock cycle in pJ, measured by you.")
    ] = None,
    resting_mw: Annotated[
        float | None, typer.Option(help="Power without any work in mW, measured by you.")
    ] = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    datasets: Datasets = None,
    as_json: AsJson = False,
) -> None:
    """Say which clock a Xylo needs for a network, its operations, and what it may draw."""
    from devices.chips import CHIPS
    from devices.model_files import net_of
    from devices.xylo.cost_tally import CostTally
    from devices.xylo.net import XyloNet
    from eventstore.errors import InvalidInput

    target = rounded_by(CHIPS[chip], model, round_by, percentile)
    net = net_of(model, target)
    if not isinstance(net, XyloNet):
        message = f"{chip} has no clock: it works event by event or in analogue circuits"
        raise InvalidInput(message, hint="name a Xylo: --chip xylo_audio3")
    tally = CostTally(net, pj_per_cycle=pj_per_cycle, resting_mw=resting_mw)
    tally.facts()  # refuses constants that make no sense before anything runs
    if split is not None:
        _run(tally, model, (split, fold, datasets), limit=limit, bins=bins)
    if as_json:
        typer.echo(json.dumps(tally.facts(), ensure_ascii=False))
    else:
        _show(tally, model)


def _run(
    tally: "CostTally",
    model: Path,
    where: tuple[str, str, str | None],
    *,
    limit: int,
    bins: int | None,
) -> None:
    from devices.model_files import round_of, samples_of
    from devices.xylo.program import compile_net
    from devices.xylo.simulate import run_net
    from snn.cli_tested import open_tested

    split, fold, datasets = where
    program = compile_net(tally.net)
    data = open_tested(split, round_of(model), datasets)
    for batch in samples_of(model, data, fold, limit=limit, bins=bins):
        frames = batch.x.numpy()
        tally.add(run_net(program, frames.reshape(*frames.shape[:2], -1), batch.length.numpy()))


def _show(tally: "CostTally", model: Path) -> None:
    from catalog.output import print_table
    from devices.xylo.held import held_findings
    from eventstore.output import print_findings

    facts = tally.facts()
    held = facts.pop("held", {})
    rows = [(_said(name), _shown(name, value)) for name, value in facts.items() if name != "chip"]
    print_table(f"{model} on {facts['chip']}", (), rows)
    findings = held_findings(held, max(tally.n_recordings, 1))
    if findings:
        print_findings(findings, as_json=False, where=str(model))


def _said(name: str) -> str:
    for unit in ("_hz", "_mw", "_s"):
        name = name.removesuffix(unit)
    return name.replace("_", " ").replace("synops", "operations")


def _shown(name: str, value: Any) -> str:  # noqa: ANN401 # a value of JSON
    if value is None:
        return "not known"
    if name.endswith("_hz"):
        return f"{value / 1e6:.3f} MHz"
    if name.endswith(("_mw", "_s")):
        return f"{value:g} {'mW' if name.endswith('_mw') else 's'}"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)
