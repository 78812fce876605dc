"""``spikelake serve``."""

import json
from dataclasses import replace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.cli_serve import serve
from catalog.dataset import Dataset
from catalog.viewer.serving import Address, Server
from catalog.viewer.shown import Shown
from eventstore.errors import InvalidInput, NotFound


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the verb up to where it would wait for questions."""
    given: list[Address] = []

    def interrupted(self: Server) -> None:
        """Answer nothing, and end as by Ctrl-C."""
        raise KeyboardInterrupt

    def made(shown: Shown, address: Address) -> Server:
        given.append(address)
        return Server(shown, replace(address, port=0))

    monkeypatch.setattr(Server, "run", interrupted)
    monkeypatch.setattr("catalog.viewer.serving.Server", made)

    def invoke(*arguments: object) -> tuple[Result, list[Address]]:
        app = typer.Typer()
        app.command()(serve)
        return CliRunner().invoke(app, [str(a) for a in arguments]), given

    return invoke


def test_it_says_where_and_how(animals: Dataset, run: Any) -> None:
    said, given = run(animals.root)
    assert said.exit_code == 0, said.output
    assert "http://127.0.0.1:" in said.output
    assert "/#token=" in said.output
    assert "read only" in said.output
    assert given == [Address()]
    said, given = run(f"{animals.root}@draft", "--edit", "--allow-host", "localhost:9000", "--json")
    record = json.loads(said.output)
    assert record.pop("url").startswith("http://127.0.0.1:")
    assert record == {"status": "ok", "edit": True, "public": False}
    assert given[-1] == Address(edit=True, more_hosts=("localhost:9000",))


def test_a_clone_without_its_events_is_shown_and_says_how_to_fetch_them(
    animals: Dataset, run: Any
) -> None:
    for file in (animals.root / "events.zarr/events").rglob("c/0"):
        file.unlink()
        file.symlink_to("nowhere")
    said, _ = run(animals.root)
    assert said.exit_code == 0, said.output
    fetch = f"spikelake dataset get {animals.root}"
    assert f"not on this machine; they come with: {fetch}" in said.output
    assert json.loads(run(animals.root, "--json")[0].output)["fetch"] == fetch


def test_others_reach_it_only_with_a_warning(animals: Dataset, run: Any) -> None:
    assert "warning: other machines reach it" in run(animals.root, "--host", "0.0.0.0")[0].output


def test_what_is_no_dataset_is_refused(animals: Dataset, run: Any) -> None:
    assert isinstance(run(animals.root / "none")[0].exception, NotFound)
    refused = run(f"{animals.root}@1.0.0/split:official")[0].exception
    assert isinstance(refused, InvalidInput)
    assert str(refused.hint).endswith("animals@1.0.0")
