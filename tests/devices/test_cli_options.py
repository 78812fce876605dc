import typer
from typer.testing import CliRunner

from devices.cli_options import Fold, Limit, SplitName


def test_a_verb_takes_the_samples_of_a_split() -> None:
    app = typer.Typer()

    @app.command()
    def verb(split: SplitName, fold: Fold = "test", limit: Limit = 0) -> None:
        typer.echo(f"{split} {fold} {limit}")

    run = CliRunner().invoke
    assert run(app, ["--split", "a/split:b", "--limit", "5"]).output == "a/split:b test 5\n"
    assert run(app, ["--split", "a/split:b", "--limit", "-1"]).exit_code == 2
    assert run(app, []).exit_code == 2
