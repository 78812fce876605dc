"""SpikingJelly's cache of frames, one npz file a sample, without the torchvision it asks for.

Its data sets inherit torchvision's ``DatasetFolder``, which lists the files of class folders and
calls a loader of SpikingJelly's for each. A stand-in of a few lines does that here; all that takes
time, reading and unpacking the files and padding the batches, is SpikingJelly's own.
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from torch.utils.data import DataLoader, Dataset

from bench_peers import BATCH, WINDOW_US


class ClassFolders(Dataset[Any]):
    """What SpikingJelly uses of ``torchvision.datasets.DatasetFolder``.

    Args:
        root: a folder with one folder a class.
        loader: makes a sample of a file.
        others: what the original has beside that.
    """

    def __init__(self, root: Path, loader: Any, **others: Any) -> None:
        del others
        self.loader = loader
        folders = sorted(folder for folder in Path(root).iterdir() if folder.is_dir())
        self.samples = [
            (file, label)
            for label, folder in enumerate(folders)
            for file in sorted(folder.iterdir())
        ]

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self.samples)

    def __getitem__(self, item: int) -> tuple[Any, int]:
        """Load a sample."""
        path, label = self.samples[item]
        return self.loader(path), label


def stand_in_for_torchvision() -> None:
    """Let ``import spikingjelly.datasets`` find the names it imports."""
    unused: Any = None
    modules: dict[str, dict[str, Any]] = {
        "torchaudio": {},
        "torchvision": {"transforms": unused},
        "torchvision.datasets": {"DatasetFolder": ClassFolders},
        "torchvision.datasets.utils": dict.fromkeys(
            ("check_integrity", "download_url", "extract_archive", "verify_str_arg"), unused
        ),
    }
    for name, contents in modules.items():
        module = ModuleType(name)
        vars(module).update(contents)
        sys.modules.setdefault(name, module)


def spikingjelly_nmnist(files: Path, root: Path) -> Any:
    """Return its N-MNIST data set in frames of equal time; it writes them when it is made.

    Args:
        files: folder with ``Train``, as the public archive has it.
        root: where it keeps what it makes.
    """
    stand_in_for_torchvision()
    from spikingjelly.datasets.n_mnist import NMNIST

    (files / "Test").mkdir(exist_ok=True)  # it converts both parts or none
    events = root / "events_np"
    events.mkdir(parents=True)
    NMNIST.create_raw_from_extracted(files, events)
    return NMNIST(str(root), train=True, data_type="frame", duration=WINDOW_US)


def spikingjelly_batches(dataset: Any, workers: int = 0) -> DataLoader[Any]:
    """Return shuffled batches, padded by SpikingJelly's own function."""
    from spikingjelly.datasets.utils import pad_sequence_collate

    return DataLoader(
        dataset,
        batch_size=BATCH,
        shuffle=True,
        collate_fn=pad_sequence_collate,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
