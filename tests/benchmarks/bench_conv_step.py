"""One training step of a convolutional LIF net in three libraries, from equal weights."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

import snn
from bench_conv_alone import convolutions_alone, run_dense
from bench_data import Bench
from bench_lif_rivals import NAMES, TAU_STEPS, sinabs_slope, spikingjelly_lif
from bench_rows import Row, Target
from bench_timing import LEAD_S, Spread, take_turns
from eventstore.loader import Loader
from eventstore.transforms import FramesByBins, Pipeline

BATCH, STEPS, CLASSES = 16, 30, 10
CHANNELS = (2, 12, 32)
KERNEL, POOL, SIDE_AT_END = 5, 2, 5
BARS = {"sinabs": 4.0, "spikingjelly": 3.0}
SHARE_AT_MOST = 25
TURNS_A_ROUND = 4


@dataclass(frozen=True, kw_only=True)
class Net:
    """A net, and how it gets from a batch of frames to scores.

    Args:
        module: what is trained.
        scores: from frames ``(B, T, C, H, W)`` to spikes of each class, ``(B, 10)``.
    """

    module: nn.Module
    scores: Callable[[Tensor], Tensor]

    def weights(self) -> list[Tensor]:
        """Return the weights of convolutions and the linear layer, in order."""
        return [m.weight for m in self.module.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def measure(bench: Bench) -> list[Row]:
    """Time forward, cross-entropy and backward to the weights, on recorded digits."""
    frames, labels = _batch(bench)
    nets = conv_nets()
    agree = _agreement(nets, frames, labels)
    steps: dict[str, Callable[[], object]] = {
        name: conv_step(net, frames, labels) for name, net in nets.items()
    }
    steps["convolutions"] = convolutions_alone(nets["ours"].module, frames)
    steps["dense"] = convolutions_alone(nets["ours"].module, frames, run_dense)
    seconds = take_turns(steps, rounds=TURNS_A_ROUND * bench.rounds, warmup=3, lead_s=LEAD_S)
    note = (
        f"2×34×34, conv {CHANNELS[1]} (5×5), LIF, average pooling 2, conv {CHANNELS[2]} (5×5), "
        f"LIF, pooling 2, linear {CLASSES}, LIF; N-MNIST in {STEPS} bins, batch {BATCH}; "
        "cross-entropy of spike counts, gradients to all weights, no optimiser. The neurons of "
        "lif-layer with inputs that are not normalised. SpikingJelly runs multi-step, time-major. "
        "Each turn begins with steps that are not timed. "
        f"{agree}"
    )
    return [*_step_rows(seconds, note), _share_row(seconds)]


def _step_rows(seconds: dict[str, Spread], note: str) -> list[Row]:
    return [
        Row(
            name="conv-lif-step",
            quantity="forward and backward of a conv LIF net, N-MNIST, 30 bins, batch 16",
            unit="ms",
            better="lower",
            ours=seconds["ours"].scaled(1e3),
            peer=seconds[name].scaled(1e3),
            peer_name=NAMES[name],
            target=Target(of="ratio", bound=bar),
            note=note,
        )
        for name, bar in BARS.items()
    ]


def _share_row(seconds: dict[str, Spread]) -> Row:
    step, alone = seconds["ours"], seconds["convolutions"]
    return Row(
        name="conv-lif-share",
        quantity="the same, share of our step outside its convolutions and linear layer",
        unit="%",
        better="lower",
        ours=Spread.exactly(100 * (1 - alone.median / step.median)),
        target=Target(of="ours", bound=SHARE_AT_MOST),
        note=(
            "neurons, pooling, loss and whatever lies between. The convolutions and the linear "
            "layer alone, forward and backward on inputs and gradients of the same shape and "
            f"layout, took {alone.median * 1e3:.1f} of {step.median * 1e3:.1f} ms; medians. They "
            "skip the zeros of their input; as torch has them, they would take "
            f"{seconds['dense'].median * 1e3:.1f} ms."
        ),
    )


def _batch(bench: Bench) -> tuple[Tensor, Tensor]:
    pipeline = Pipeline(FramesByBins(n_bins=STEPS))
    batch = next(iter(Loader(bench.nmnist_selection(), pipeline, batch_size=BATCH)))
    return batch.x.float(), batch.label


def conv_nets() -> dict[str, Net]:
    """Return the net in each library, with the same weights."""
    torch.manual_seed(0)
    nets = {"ours": _our_net(), "sinabs": _sinabs_net(), "spikingjelly": _spikingjelly_net()}
    first, *others = (net.weights() for net in nets.values())
    with torch.no_grad():
        for layer, (weight, *copies) in enumerate(zip(first, *others, strict=True)):
            # Wide enough that neurons of every layer spike.
            weight.normal_(0, (0.5 if layer == 0 else 1.0) / math.sqrt(weight[0].numel()))
            for copy in copies:
                copy.copy_(weight)
    return nets


def _our_net() -> Net:
    slope = snn.SingleExponential(width=0.5, scale=0.5)

    def spiking() -> nn.Module:
        tau = TAU_STEPS * 1e-3
        return snn.LIF(tau, 1e-3, max_spikes=1, surrogate=slope, norm_input=False)

    net = snn.SpikingSequential(*_layers(nn.Conv2d, nn.AvgPool2d, nn.Flatten, nn.Linear, spiking))
    return Net(module=net, scores=lambda frames: net(frames).sum(1))


def _sinabs_net() -> Net:
    import sinabs
    from sinabs import activation
    from sinabs.layers import LIFSqueeze

    def spiking() -> nn.Module:
        layer: nn.Module = LIFSqueeze(
            num_timesteps=STEPS,
            tau_mem=float(TAU_STEPS),
            spike_fn=activation.SingleSpike,
            surrogate_grad_fn=sinabs_slope(),
            norm_input=False,
        )
        return layer.requires_grad_(False)

    net = nn.Sequential(*_layers(nn.Conv2d, nn.AvgPool2d, nn.Flatten, nn.Linear, spiking))

    def scores(frames: Tensor) -> Tensor:
        sinabs.reset_states(net)
        sinabs.zero_grad(net)
        spikes: Tensor = net(frames.flatten(0, 1))
        return spikes.view(-1, STEPS, CLASSES).sum(1)

    return Net(module=net, scores=scores)


def _spikingjelly_net() -> Net:
    from spikingjelly.activation_based import functional, layer

    def spiking() -> nn.Module:
        node: nn.Module = spikingjelly_lif(decay_input=False)
        return node

    net = nn.Sequential(
        *_layers(layer.Conv2d, layer.AvgPool2d, layer.Flatten, layer.Linear, spiking)
    )
    functional.set_step_mode(net, "m")

    def scores(frames: Tensor) -> Tensor:
        functional.reset_net(net)
        spikes: Tensor = net(frames.transpose(0, 1).contiguous())
        return spikes.sum(0)

    return Net(module=net, scores=scores)


def _layers(
    conv: Callable[..., nn.Module],
    pool: Callable[..., nn.Module],
    flatten: Callable[..., nn.Module],
    linear: Callable[..., nn.Module],
    spiking: Callable[[], nn.Module],
) -> list[nn.Module]:
    """Return the layers of the net, as a library calls them."""
    features = CHANNELS[-1] * SIDE_AT_END**2
    blocks = [
        module
        for n_in, n_out in itertools.pairwise(CHANNELS)
        for module in (conv(n_in, n_out, KERNEL, bias=False), spiking(), pool(POOL))
    ]
    return [*blocks, flatten(), linear(features, CLASSES, bias=False), spiking()]


def conv_step(net: Net, frames: Tensor, labels: Tensor) -> Callable[[], Tensor]:
    """Return a call that does forward and backward, and returns the scores."""

    def run() -> Tensor:
        net.module.zero_grad()
        scores = net.scores(frames)
        torch.autograd.backward(nn.functional.cross_entropy(scores, labels))
        return scores.detach()

    return run


def _agreement(nets: dict[str, Net], frames: Tensor, labels: Tensor) -> str:
    """Say how far spike counts and weight gradients agree with ours."""
    scores = {name: conv_step(net, frames, labels)() for name, net in nets.items()}
    grads = {
        name: torch.cat([w.grad.flatten() for w in net.weights() if w.grad is not None])
        for name, net in nets.items()
    }
    said = [
        f"{NAMES[name]}: {int((scores[name] != scores['ours']).sum())} of "
        f"{scores['ours'].numel()} counts differ, gradients by "
        f"{float((grads[name] - grads['ours']).norm() / grads['ours'].norm()):.0e} relative"
        for name in ("sinabs", "spikingjelly")
    ]
    count = float(scores["ours"].mean())
    return f"From equal weights, {count:.1f} output spikes on average; {'; '.join(said)}."
