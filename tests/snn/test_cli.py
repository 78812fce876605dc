import typer

from snn.cli import register


def test_all_verbs_are_there() -> None:
    app = typer.Typer()
    register(app)
    verbs = {command.name for command in app.registered_commands}
    assert verbs >= {"train", "evaluate", "robustness"}
