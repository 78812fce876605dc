"""The verbs of training and evaluation, each family in a file ``snn/cli_*.py``."""

import typer

from snn import cli_evaluate, cli_nir, cli_robustness, cli_train


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for family in (cli_train, cli_evaluate, cli_robustness, cli_nir):
        family.register(app)
