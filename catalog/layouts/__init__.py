"""Layouts: what the files of a dataset mean, as they are published.

``protocol``  what a layout is            ``options``  their options, from TOML or a command line
``class_folders``  labels are folders, folds the top ones
``paths``     patterns of paths, with lists (``name_lists``) and labels ``beside`` recordings
``spike_rows``  SHD and SSC             ``mnist_images``  MNIST's images as spikes
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports
from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from catalog.layouts.protocol import Layout, LayoutFacts

__all__ = ["LAYOUTS", "Layout", "LayoutFacts"]

LAYOUTS: Registry["Layout"] = Registry(
    "layout",
    "spikelake.layouts",
    {
        "class-folders": Entry("catalog.layouts.class_folders:LAYOUT"),
        "paths": Entry("catalog.layouts.paths:LAYOUT"),
        "s-mnist": Entry("catalog.layouts.mnist_images:LAYOUT"),
        "shd": Entry("catalog.layouts.spike_rows:LAYOUT"),
    },
)
"""Every known layout by name."""

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Layout": "catalog.layouts.protocol",
        "LayoutFacts": "catalog.layouts.protocol",
    },
)
