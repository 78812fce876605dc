"""Pages about coming from another library: nothing of it forgotten, and weights arrive."""

import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import snn
from snn.surrogate import ArcTan, Gaussian, Surrogate, Triangular

PAGES = Path(__file__).parents[2] / "docs" / "migration"

NAMES: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "peer_names.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("page", NAMES)
def test_nothing_of_the_peer_is_forgotten(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    asked = [name for names in NAMES[page].values() for name in names.split()]
    assert [name for name in asked if f"`{name}" not in text and f".{name}" not in text] == []


@pytest.mark.parametrize("page", NAMES)
def test_code_of_both_stands_side_by_side_and_what_is_missing_here_is_told(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    assert text.count("half of the comparison") >= 2
    assert text.count("```python\n") >= 2
    assert re.search(
        r"^## What \w+ has and we have not\n\n(- .*\n(  .*\n)*){3}", text, re.MULTILINE
    )


def test_every_page_here_is_about_a_peer_that_is_listed() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(NAMES)


def test_weights_of_sinabs_arrive(shared_oracles: Path) -> None:
    vectors = np.load(shared_oracles / "speck_seed.npz")
    theirs = {
        name.removeprefix("float/"): torch.from_numpy(vectors[name])
        for name in vectors
        if name.startswith("float/")
    }
    model = snn.SpikingSequential(
        nn.Conv2d(2, 8, 3, bias=False),
        snn.IAF(min_v_mem=-1.0),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 16, 3, bias=False),
        snn.IAF(min_v_mem=-1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(576, 10, bias=False),
        snn.IAF(min_v_mem=-1.0),
    )
    own = model.state_dict()
    carried = {name: value for name, value in theirs.items() if name in own}
    assert sorted(carried) == ["0.weight", "3.weight", "7.weight"]
    model.load_state_dict(own | carried)
    frames = torch.from_numpy(vectors["input"]).float()[None]
    assert torch.equal(model(frames)[0].detach(), torch.from_numpy(vectors["float_out"]))


def test_constants_of_rockpool_arrive(shared_oracles: Path) -> None:
    vectors = np.load(shared_oracles / "rockpool_layers.npz")
    theirs = {
        name.removeprefix("LIF_hetero|p_"): torch.from_numpy(vectors[name])
        for name in vectors
        if name.startswith("LIF_hetero|p_")
    }
    assert len(set(theirs["tau_mem"].tolist())) > 1
    lif = snn.CubaLIF(
        tau_mem=theirs["tau_mem"],
        tau_syn=list(theirs["tau_syn"].T),
        spike_threshold=theirs["threshold"],
        bias=theirs["bias"],
        surrogate=snn.Heaviside(width=0.5),
    )
    spikes = lif(torch.from_numpy(vectors["x"])).detach()
    assert torch.equal(spikes, torch.from_numpy(vectors["LIF_hetero|y"]))


@pytest.mark.parametrize("threshold", [1.0, 0.5])
def test_surrogates_of_spikingjelly_at_another_threshold(threshold: float) -> None:
    """Ours are divided by the threshold, as the page says, to be its functions of v − θ."""
    v = torch.linspace(-1, 2, 50, dtype=torch.float64)
    x = v - threshold
    pairs: list[tuple[Surrogate, torch.Tensor]] = [
        (ArcTan(width=0.5 / threshold), 1 / (1 + (math.pi * x).square())),
        (Triangular(width=1 / threshold, scale=threshold), (1 - x.abs()).clamp_min(0)),
        (
            Gaussian(width=1 / (2 * math.sqrt(2)) / threshold),
            2 / math.sqrt(math.pi) * torch.exp(-4 * x.square()),
        ),
    ]
    for ours, wanted in pairs:
        torch.testing.assert_close(ours.h(v / threshold) / threshold, wanted)
