"""The checksum is that of its author's own test vectors, and guards structures."""

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.checksum import check_sum, lookup3
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.protocol import ByteSource


@pytest.mark.parametrize(
    ("text", "expected"),
    # driver5() of lookup3.c, and what HDF5's own tests state for H5_checksum_lookup3.
    [(b"", 0xDEADBEEF), (b"Four score and seven years ago", 0x17770551)],
)
def test_known_sums(text: bytes, expected: int) -> None:
    assert lookup3(np.frombuffer(text, np.uint8)) == expected


@pytest.mark.parametrize("size", range(30))
def test_every_byte_counts(size: int) -> None:
    raw = np.arange(size, dtype=np.uint8)
    sums = {int(lookup3(raw))}
    for i in range(size):
        changed = raw.copy()
        changed[i] ^= 1
        sums.add(int(lookup3(changed)))
    assert len(sums) == size + 1


def test_a_structure_that_was_changed_is_refused() -> None:
    raw = b"..OHDR" + int(lookup3(np.frombuffer(b"OHDR", np.uint8))).to_bytes(4, "little")
    check_sum(Space(ByteSource("a.h5", memoryview(raw))), 2, 6)
    bad = Space(ByteSource("a.h5", memoryview(raw.replace(b"HD", b"HE"))))
    with pytest.raises(FormatError, match="at byte 2: a structure does not match its checksum"):
        check_sum(bad, 2, 6)
