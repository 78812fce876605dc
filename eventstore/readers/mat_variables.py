"""The variables of a MATLAB file that hold numbers, of whichever version the file is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod

from eventstore.readers.column_rows import Rows
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.datatypes import Sequences
from eventstore.readers.hdf5.file import open_hdf5
from eventstore.readers.hdf5.layouts import iter_datasets
from eventstore.readers.hdf5.superblock import find_signature
from eventstore.readers.mat_array import read_arrays
from eventstore.readers.protocol import ByteSource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variable:
    """A matrix of numbers.

    Args:
        name: its own, behind that of the structure it is in: ``TD.x``.
        shape: its dimensions.
        column: opens its numbers one after another, column after column.
        columns: opens its columns as rows.
    """

    name: str
    shape: tuple[int, ...]
    column: Callable[[], Rows]
    columns: Callable[[], Rows]

    @property
    def is_vector(self) -> bool:
        """Whether at most one dimension is longer than 1."""
        return sum(length > 1 for length in self.shape) <= 1 or 0 in self.shape


def read_variables(source: ByteSource) -> tuple[dict[str, Variable], str]:
    """Return the variables by name, and what is wrong with what follows them, if anything.

    Raises:
        FormatError: this is no MATLAB file of version 5, 6, 7 or 7.3.

    Examples:
        >>> from io import BytesIO
        >>> from scipy.io import savemat
        >>> stream = BytesIO()
        >>> savemat(stream, {"TD": {"x": [3, 4]}})
        >>> read_variables(ByteSource("a.mat", memoryview(stream.getvalue())))[0]["TD.x"].shape
        (1, 2)
    """
    if find_signature(source) >= 0:
        found = [_of_dataset(dataset) for dataset in iter_datasets(open_hdf5(source))]
        return {variable.name: variable for variable in found if variable is not None}, ""
    arrays, wrong = read_arrays(source)
    variables = {}
    for name, array in arrays.items():
        rows = prod(array.shape[:1])
        n_columns = prod(array.shape) // max(rows, 1)
        variables[name] = Variable(
            name=name,
            shape=array.shape,
            column=partial(array.rows, (prod(array.shape),)),
            columns=partial(array.rows, (n_columns, rows)),
        )
    return variables, wrong


def _of_dataset(dataset: Dataset) -> Variable | None:
    """Return a dataset as MATLAB sees it: its dimensions the other way round."""
    kind = dataset.kind
    if isinstance(kind, Sequences) or kind.kind not in "iufb" or kind.shape:
        return None
    flat = dataset.squeezed() or dataset
    return Variable(
        name=dataset.path.replace("/", "."),
        shape=dataset.shape[::-1],
        column=lambda: flat,
        columns=lambda: dataset,
    )
