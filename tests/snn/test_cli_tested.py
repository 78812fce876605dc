"""What a command tests on."""

from typing import Any

import pytest

from snn.cli_tested import open_tested


class _Task:
    def __init__(self, *, cross_validate: bool) -> None:
        self.record = self
        self.cross_validate = cross_validate

    def round(self, name: str) -> str:
        return name


def test_a_split_is_opened_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.folder.open_split", lambda reference: ("split", reference))
    found: Any = open_tested("d@1.0.0/split:s", "b")
    assert found == ("split", "d@1.0.0/split:s")


@pytest.mark.parametrize(("cross_validate", "of_round"), [(True, "b"), (False, "")])
def test_of_a_task_that_cross_validates_a_run_is_tested_on_its_round(
    monkeypatch: pytest.MonkeyPatch, cross_validate: bool, of_round: str
) -> None:
    task = _Task(cross_validate=cross_validate)
    monkeypatch.setattr("catalog.cli_task.open_quietly", lambda *_: task)
    found: Any = open_tested("d@1.0.0/task:t", "b")
    assert found == of_round
