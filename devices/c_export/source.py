"""Two files of C99 that hold a network, and the tables in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstore.errors import AlreadyExists, InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class CSource:
    """The two files of a network.

    Args:
        name: what all names in them begin with, and what the files are called.
        header: text of ``NAME.h``.
        source: text of ``NAME.c``.
        table_bytes: size of the constants.
        state_bytes: size of the state, as compilers that align to the width of a type lay it out.
    """

    name: str
    header: str
    source: str
    table_bytes: int
    state_bytes: int

    def write(self, folder: Path, *, overwrite: bool = False) -> tuple[Path, Path]:
        """Write both files into a folder, which is made if it is missing.

        Args:
            folder: where to.
            overwrite: replace files of these names.

        Raises:
            AlreadyExists: one of the files is there.
        """
        paths = self.plan_paths(folder, overwrite=overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, (self.header, self.source), strict=True):
            path.write_text(text, encoding="ascii")
        return paths

    def plan_paths(self, folder: Path, *, overwrite: bool = False) -> tuple[Path, Path]:
        """Return the files that `write` would write.

        Args:
            folder: where to.
            overwrite: they may be there.

        Raises:
            AlreadyExists: one of the files is there.
        """
        paths = (folder / f"{self.name}.h", folder / f"{self.name}.c")
        for path in paths:
            if path.exists() and not overwrite:
                message = f"{path} is there already"
                hint = "choose another folder or name, or replace it: --overwrite"
                raise AlreadyExists(message, hint=hint)
        return paths


def c_type(values: np.ndarray) -> str:
    """Return the narrowest type of C that holds whole numbers.

    Examples:
        >>> c_type(np.array([0, 255])), c_type(np.array([-129])), c_type(np.array([70000]))
        ('uint8_t', 'int16_t', 'uint32_t')
    """
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    sign = "" if low < 0 else "u"
    for bits in (8, 16, 32, 64):
        top = 2 ** (bits - 1) if low < 0 else 2**bits
        if high < top and low >= -top:
            return f"{sign}int{bits}_t"
    message = f"values {low} … {high} are wider than 64 bits"
    raise InvalidInput(message, hint="export a network whose sums stay below 2^63")


def c_table(name: str, values: np.ndarray, *, kind: str | None = None) -> str:
    """Return a table of constants; one zero where there is no value, as C has no empty tables.

    Examples:
        >>> print(c_table("w", np.array([1, -2])), end="")
        static const int8_t w[2] = {
            1, -2
        };
    """
    flat = values.ravel().astype(np.int64)
    flat = flat if flat.size else np.zeros(1, np.int64)
    words = list(map(str, flat.tolist()))
    lines = [", ".join(words[i : i + 16]) for i in range(0, len(words), 16)]
    body = ",\n    ".join(lines)
    return f"static const {kind or c_type(flat)} {name}[{flat.size}] = {{\n    {body}\n}};\n"


def width_of(kind: str) -> int:
    """Return how many bytes a value of a type takes.

    Examples:
        >>> width_of("uint16_t")
        2
    """
    return int(kind.strip("uint_")) // 8
