"""Label formats of other tools, in and out.

``protocol``  what a format is       ``choose``  the format that a file is in
``lines``  lines of text files       ``frames``  numbers of frames to µs and back
``aermanager`` ``bids`` ``cvat`` ``dvs_gesture`` ``prophesee``  a format each

Readers are strict: a line that is not what the format says is refused by path and line, and what a
format says that has no place here is told of in a finding. Nothing is ever unpickled, and XML with
a document type is refused.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports
from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from catalog.labels.formats.protocol import LabelFormat

__all__ = ["LABEL_FORMATS", "LabelFormat"]

LABEL_FORMATS: Registry["LabelFormat"] = Registry(
    "label format",
    "spikelake.label_formats",
    {
        "aermanager": Entry("catalog.labels.formats.aermanager:FORMAT"),
        "bids": Entry("catalog.labels.formats.bids:FORMAT"),
        "cvat": Entry("catalog.labels.formats.cvat:FORMAT"),
        "dvs-gesture": Entry("catalog.labels.formats.dvs_gesture:FORMAT"),
        "prophesee": Entry("catalog.labels.formats.prophesee:FORMAT"),
    },
)
"""Every known label format by name."""

__getattr__, __dir__ = lazy_exports(__name__, {"LabelFormat": "catalog.labels.formats.protocol"})
