"""Processes that train as one; two of them, with gloo, as torchrun would start them."""

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.processes import Team, joined

CPU = torch.device("cpu")

START = """
import json, sys
import torch
from torch import nn
from eventstore.errors import SpikelakeError
from snn.processes import joined

CPU = torch.device("cpu")

def say(value):
    print(json.dumps(value), flush=True)

try:
    with joined(CPU, timeout_s=20.0) as team:
        main(team)
except SpikelakeError as error:
    say(str(error))
    raise SystemExit(3)
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def of_two(body: str) -> list[tuple[int, list[Any]]]:
    """Run a body ``main(team)`` in two processes; return exit status and lines of each."""
    shared = {
        **os.environ,
        "GLOO_SOCKET_IFNAME": "lo",
        "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", body + START],
            stdout=subprocess.PIPE,
            text=True,
            env=shared | {"RANK": str(rank)},
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=90)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    lines = [[json.loads(line) for line in out.splitlines()] for out in said]
    return list(zip([process.returncode for process in running], lines, strict=True))


def test_one_alone_sends_nothing() -> None:
    with joined(CPU) as team:
        assert team == Team(torch_device=CPU)
        assert team.is_first
        parameter = nn.Parameter(torch.ones(2))
        parameter.grad = torch.full((2,), 3.0)
        team.mean_gradients([parameter], 5)
        assert parameter.grad.tolist() == [3.0, 3.0]
        assert (team.of_first("a"), team.of_all("b")) == ("a", ["b"])
        assert team.sum(torch.ones(1)).item() == 1


def test_half_an_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InvalidInput, match="but not RANK, MASTER_ADDR, MASTER_PORT"), joined(CPU):
        pass


def test_two_processes_agree() -> None:
    body = """
def main(team):
    torch.manual_seed(team.rank)
    model = nn.Linear(2, 1, bias=False)
    team.share_weights(model)
    say(model.weight.flatten().tolist())
    say([team.rank, team.size, team.is_first])
    say(team.of_first({"epoch": 3} if team.is_first else None))
    say(team.of_all(team.rank * 10))
    say(team.sum(torch.tensor([1.0, team.rank])).tolist())

    used, unused, of_one = (nn.Parameter(torch.zeros(2)) for _ in range(3))
    # The mean over 3 samples of the first process, and over 1 of the second.
    used.grad = torch.tensor([1.0, 2.0]) if team.is_first else torch.tensor([5.0, 6.0])
    of_one.grad = torch.ones(2) if team.is_first else None
    team.mean_gradients([used, unused, of_one], 3 if team.is_first else 1)
    say([None if p.grad is None else p.grad.tolist() for p in (used, unused, of_one)])

    # A step of which the second has no share; what it has from before counts for nothing.
    used.grad = torch.full((2,), 7.0)
    team.mean_gradients([used], 2 if team.is_first else 0)
    say(used.grad.tolist())
"""
    (first_status, first), (second_status, second) = of_two(body)
    assert (first_status, second_status) == (0, 0)
    assert (first.pop(1), second.pop(1)) == ([0, 2, True], [1, 2, False])
    assert first == second
    assert first[1:] == [
        {"epoch": 3},
        [0, 10],
        [2.0, 1.0],
        [[2.0, 3.0], None, [0.75, 0.75]],
        [7.0, 7.0],
    ]


def test_an_error_of_one_ends_the_other_with_a_reason() -> None:
    body = """
def main(team):
    if not team.is_first:
        raise SystemExit(7)
    team.sum(torch.ones(1))
"""
    (first_status, said), (second_status, _) = of_two(body)
    assert (first_status, second_status) == (3, 7)
    assert said[-1].startswith("another process of this training does not answer: ")
    assert said[-1].endswith("mend that, then go on with resume")
