"""The bit-packed codec under the name zarr knows it by: installed, any zarr-python reads the store.

zarr finds it by the entry point ``spikelake.bitpack`` of the group ``zarr.codecs``; nothing here
is imported until a store that names it is opened with zarr. `EventStore` does not come this way.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer
from zarr.dtype import ZDType

from eventstore.bitpack import decode_into, encode
from eventstore.codecs import BITPACK
from eventstore.errors import InvalidInput

_IN_MEMORY: dict[str, np.dtype] = {
    "bool": np.dtype(np.uint8),
    "uint16": np.dtype(np.uint16),
    "int64": np.dtype(np.int64),
}


@dataclass(frozen=True)
class BitPack(ArrayBytesCodec):
    """zarr codec of the chunks that `eventstore.bitpack.encode` makes; it has no settings.

    Examples:
        >>> BitPack.from_dict({"name": "spikelake.bitpack"}).to_dict()
        {'name': 'spikelake.bitpack'}
    """

    is_fixed_size = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make the codec from metadata.

        Raises:
            InvalidInput: the metadata states a setting: it is of a later release.
        """
        if data.get("configuration"):
            message = f"{BITPACK} has no settings, found {data['configuration']}"
            raise InvalidInput(message, hint="upgrade spikelake")
        return cls()

    def to_dict(self) -> dict[str, Any]:
        """Return the codec as it stands in metadata."""
        return {"name": BITPACK}

    def validate(
        self,
        *,
        shape: tuple[int, ...],
        dtype: ZDType[Any, Any],
        chunk_grid: Any,  # noqa: ANN401  # its class moves between zarr's releases
    ) -> None:
        """Refuse types that are never encoded, when an array is made or opened.

        Raises:
            InvalidInput: another type than ``bool``, ``uint16`` and ``int64``.
        """
        _in_memory(dtype.to_native_dtype())

    def compute_encoded_size(self, input_byte_length: int, _chunk_spec: ArraySpec) -> int:
        """Refuse: the size depends on the values."""
        raise NotImplementedError

    def _decode_sync(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        native = chunk_spec.dtype.to_native_dtype()
        values = np.empty(chunk_spec.shape, _in_memory(native))
        decode_into(chunk_bytes.to_bytes(), values.reshape(-1))
        return chunk_spec.prototype.nd_buffer.from_numpy_array(values.view(native))

    def _encode_sync(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        values = np.ascontiguousarray(chunk_array.as_numpy_array()).reshape(-1)
        values = values.view(_in_memory(values.dtype))
        return chunk_spec.prototype.buffer.from_bytes(encode(values))

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        return self._decode_sync(chunk_bytes, chunk_spec)

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        return self._encode_sync(chunk_array, chunk_spec)


def _in_memory(native: np.dtype) -> np.dtype:
    found = _IN_MEMORY.get(native.name)
    if found is None:
        message = f"{BITPACK} cannot hold {native}"
        raise InvalidInput(message, hint=f"it holds {', '.join(_IN_MEMORY)}")
    return found
