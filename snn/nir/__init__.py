"""Networks as graphs of the Neuromorphic Intermediate Representation (NIR), and back.

``nodes``   the node kinds of NIR          ``file``     graphs in HDF5 files, both dialects
``exporting`` a network as a graph         ``importing`` a graph as a network
``writers`` how each peer means its files  ``wiring``   a graph's nodes in order
``check``   what a peer would lose         ``peers``    what is known of each
``kept``    what NIR has no word for       ``neurons``, ``foreign`` layers and nodes of neurons
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from snn.nir.check import check_nir
    from snn.nir.exporting import to_nir
    from snn.nir.file import read_nir, write_nir
    from snn.nir.importing import from_nir
    from snn.nir.nodes import NIRGraph

__all__ = ["NIRGraph", "check_nir", "from_nir", "read_nir", "to_nir", "write_nir"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "NIRGraph": "snn.nir.nodes",
        "check_nir": "snn.nir.check",
        "from_nir": "snn.nir.importing",
        "read_nir": "snn.nir.file",
        "to_nir": "snn.nir.exporting",
        "write_nir": "snn.nir.file",
    },
)
