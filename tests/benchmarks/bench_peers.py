"""Sinabs and Tonic as their users use them; imported in the benchmark environment alone."""

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn
from torch.utils.data import DataLoader

N_BINS = 20
WINDOW_US = 10_000
BATCH = 32
BINS: Mapping[str, Any] = {"n_time_bins": N_BINS}
# Without include_incomplete, Tonic drops the events after the last whole window.
WINDOWS: Mapping[str, Any] = {"time_window": WINDOW_US, "include_incomplete": True}


class RefuseSamna:
    """An import hook that refuses samna, whose public package runs pip when it is imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse one name; leave all others to the hooks that follow."""
        if name.split(".", maxsplit=1)[0] in {"samna", "samnagui"}:
            message = f"{name} is not for the benchmarks"
            raise ImportError(message)
        return None


def refuse_samna() -> None:
    """Make any import of samna fail from here on."""
    sys.meta_path.insert(0, RefuseSamna())


def tonic_nmnist(files: Path, *transforms: Any, frames: Mapping[str, Any] = BINS) -> Any:
    """Return Tonic's own N-MNIST data set over extracted files, as frames."""
    import tonic

    class NMNIST(tonic.datasets.NMNIST):  # type: ignore[misc]  # tonic ships no types
        """Tonic's class, less the download of the 60,000 recordings it insists on."""

        def _check_exists(self) -> bool:
            return True

    to_frame = tonic.transforms.ToFrame(sensor_size=NMNIST.sensor_size, **frames)
    chain = tonic.transforms.Compose([*transforms, to_frame])
    return NMNIST(str(files), train=True, transform=chain)


def tonic_batches(dataset: Any, workers: int = 0) -> DataLoader[Any]:
    """Return shuffled batches, collated as Tonic's guides do it.

    Args:
        dataset: frames by sample.
        workers: processes that load. They live from epoch to epoch, and see what a memory cache
            held when they began.
    """
    import tonic

    return DataLoader(
        dataset,
        batch_size=BATCH,
        shuffle=True,
        collate_fn=tonic.collation.PadTensors(batch_first=True),
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def sinabs_conv_net() -> nn.Sequential:
    """Return the benchmark's convolutional net with Sinabs' layers, over ``(B·T, C, H, W)``."""
    from sinabs.layers import IAFSqueeze

    def spiking() -> nn.Module:
        layer: nn.Module = IAFSqueeze(num_timesteps=N_BINS)
        return layer

    def block(n_in: int, n_out: int) -> list[nn.Module]:
        conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        return [conv, spiking(), nn.AvgPool2d(2)]

    convolutions = [*block(2, 8), *block(8, 16), *block(16, 32)]
    return nn.Sequential(
        *convolutions, nn.Flatten(), nn.Linear(32 * 4 * 4, 10, bias=False), spiking()
    )
