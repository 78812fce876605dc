"""Networks drawn at random, and the chip vendor's simulator that judges what we make of them.

Kept apart from the tests because several of them, and the benchmark, hold our simulator to it.
"""

from typing import Any, Literal, get_args

import numpy as np

from devices.xylo.net import XyloNet

Style = Literal["calm", "wild", "dense"]
STYLES: tuple[Style, ...] = get_args(Style)


def drawn_net(
    rng: np.random.Generator,
    *,
    n_syn: int,
    style: Style,
    chip: str = "xylo_audio2",
    n_hidden: int | None = None,
    w_rec: np.ndarray | None = None,
) -> XyloNet:
    """Draw a network: calm ones seldom saturate, wild ones often, dense ones have all weights."""
    i, h, o = int(rng.integers(1, 17)), int(rng.integers(1, 40)), int(rng.integers(1, 9))
    h = n_hidden or h
    share = 1.0 if style == "dense" else float(rng.uniform(0.02, 0.7))
    top = 30 if style == "calm" else 128

    def weights(*shape: int) -> np.ndarray:
        drawn = rng.integers(-top, top, shape) * (rng.random(shape) < share)
        return drawn.astype(np.int8)

    low = -200 if style == "wild" and rng.random() < 0.3 else 50
    shift = 8 if style == "wild" else 2
    has_bias, aliased = rng.random() < 0.5, rng.random() < 0.5
    bias = 32768 if style == "wild" and rng.random() < 0.3 else 100
    n_aliases = rng.integers(0, 3, h) * (rng.random(h) < 0.4) * aliased
    others = [[j for j in range(h) if j != k] for k in range(h)]
    return XyloNet(
        chip=chip,
        dt=0.01,
        w_in=weights(i, h, n_syn),
        w_rec=weights(h, h, n_syn) if w_rec is None else w_rec,
        w_out=weights(h, o),
        weight_shift_in=int(rng.integers(0, shift)),
        weight_shift_rec=int(rng.integers(0, shift)),
        weight_shift_out=int(rng.integers(0, shift)),
        dash_mem=rng.integers(0, 16, h).astype(np.int8),
        dash_syn=rng.integers(0, 16, (h, n_syn)).astype(np.int8),
        dash_mem_out=rng.integers(0, 16, o).astype(np.int8),
        dash_syn_out=rng.integers(0, 16, o).astype(np.int8),
        threshold=rng.integers(low, 3000, h).astype(np.int16),
        threshold_out=rng.integers(low, 3000, o).astype(np.int16),
        bias_hidden=rng.integers(-bias, bias, h).astype(np.int16) if has_bias else None,
        bias_out=rng.integers(-bias, bias, o).astype(np.int16) if has_bias else None,
        aliases=tuple(tuple(rng.permutation(others[k])[: n_aliases[k]].tolist()) for k in range(h)),
    )


def drawn_rasters(
    rng: np.random.Generator, net: XyloNet, *, batch: int, n_steps: int
) -> np.ndarray:
    """Draw inputs that are mostly empty or mostly full, now and then above what the chip takes."""
    most = int(rng.choice([1, 3, 15, 40]))
    drawn = rng.integers(0, most + 1, (batch, n_steps, net.n_in))
    return drawn * (rng.random(drawn.shape) < rng.uniform(0.05, 1.0))


class Judge:
    """The vendor's simulator on one of our networks."""

    def __init__(self, net: XyloNet) -> None:
        import xylosim.v2 as xylosim

        # The layer holds bare pointers to its synapses: they must outlive it.
        self.net = net
        self.synapses: list[list[list[Any]]] = [
            [
                [
                    xylosim.XyloSynapse(int(target), int(synapse), int(row[target, synapse]))
                    for target, synapse in zip(*np.nonzero(row), strict=True)
                ]
                for row in matrix
            ]
            for matrix in (net.w_in, net.w_rec, net.w_out[:, :, None])
        ]
        self.layer = xylosim.XyloLayer(
            *self.synapses,
            aliases=[list(targets) for targets in net.aliases],
            threshold=net.threshold.tolist(),
            threshold_out=net.threshold_out.tolist(),
            has_bias=net.bias_hidden is not None or net.bias_out is not None,
            bias=_or_zeros(net.bias_hidden, net.n_hidden),
            bias_out=_or_zeros(net.bias_out, net.n_out),
            weight_shift_inp=net.weight_shift_in,
            weight_shift_rec=net.weight_shift_rec,
            weight_shift_out=net.weight_shift_out,
            dash_mem=net.dash_mem.tolist(),
            dash_mem_out=net.dash_mem_out.tolist(),
            dash_syns=net.dash_syn.tolist(),
            dash_syns_out=net.dash_syn_out[:, None].tolist(),
            name="judge",
        )

    def run(self, raster: np.ndarray) -> dict[str, np.ndarray]:
        """Run one recording from zero; return output and traces by the names of ours."""
        self.layer.reset_all()
        output = np.array(self.layer.evolve(raster.tolist()))
        currents = [self.layer.rec_i_syn, self.layer.rec_i_syn2][: self.net.n_syn]
        return {
            "output": output,
            "v_mem": np.array(self.layer.rec_v_mem).T,
            "i_syn": np.array(currents).transpose(2, 0, 1),
            "spikes": np.array(self.layer.rec_recurrent_spikes),
            "v_mem_out": np.array(self.layer.rec_v_mem_out).T,
            "i_syn_out": np.array(self.layer.rec_i_syn_out).T,
        }


def _or_zeros(bias: np.ndarray | None, n: int) -> list[int]:
    return [0] * n if bias is None else [int(value) for value in bias]
