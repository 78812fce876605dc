"""Digest of the code that transforms consist of, so that what old code made is never taken for new.

Taken of the code as it is loaded, not of its file: it is right for a class typed into a notebook,
for a module edited after it was imported, and for one loaded anew. From a class it goes to its
methods, and from each function to all that it names: functions, kernels, classes, constants. It
follows what lies in the package of the transform or in ours; of others it takes the version.
"""

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

OURS = "eventstore"

PLAIN = int | float | complex | str | bytes | None


def code_digest(values: Iterable[object]) -> str:
    """Return the digest of the code that these values' classes consist of, in hex.

    Args:
        values: transforms; equal code gives an equal digest, whatever process or place it is in.

    Examples:
        >>> from eventstore.transforms import Denoise, Downsample
        >>> digest = code_digest([Denoise(filter_time_us=5)])
        >>> digest == code_digest([Denoise(filter_time_us=9)])
        True
        >>> digest == code_digest([Downsample(factor=2)])
        False
    """
    facts: dict[str, str] = {}
    for value in values:
        _Walk(_top(type(value)), facts).take(type(value))
    lines = (f"{name} {facts[name]}\n" for name in sorted(facts))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class _Walk:
    """Collects facts about code, from one package into ours, each piece once."""

    def __init__(self, package: str, facts: dict[str, str]) -> None:
        self._packages = {package, OURS}
        self._facts = facts

    def take(self, value: object) -> None:
        """Take in a function, kernel or class and what it needs."""
        value = getattr(value, "py_func", value)  # a kernel's own function
        if isinstance(value, type | FunctionType) and _top(value) in self._packages:
            name = f"{value.__module__}:{value.__qualname__}"
            if name not in self._facts:
                self._facts[name] = ""
                self._facts[name] = self._of(value)
        elif isinstance(value, ModuleType | type | FunctionType):
            self._note_version(_top(value))

    def _of(self, value: "type | FunctionType") -> str:
        if isinstance(value, FunctionType):
            return self._of_function(value)
        for base in value.__bases__:
            self.take(base)
        members = sorted(vars(value).items())
        return "; ".join(f"{name}={self._of_member(member)}" for name, member in members)

    def _of_member(self, member: object) -> str:
        for attribute in ("fget", "func", "__func__", "py_func"):  # of properties, class methods, …
            member = getattr(member, attribute, None) or member
        if isinstance(member, type):
            self.take(member)
        if isinstance(member, FunctionType):
            # What dataclasses write follows from the fields.
            made = member.__code__.co_filename == "<string>"
            return "" if made else self._of_function(member)
        return _constant(member)

    def _of_function(self, function: FunctionType) -> str:
        cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        for value in (*cells, *defaults):
            self.take(value)
        for annotation in function.__annotations__.values():
            self._take_annotation(annotation, function.__globals__)
        facts = [_of_code(function.__code__), *map(_constant, (*cells, *defaults))]
        facts += [
            self._of_name(function.__globals__, code, name)
            for code in _codes(function.__code__)
            for name in code.co_names
        ]
        return " ".join(facts)

    def _take_annotation(self, annotation: object, names: dict[str, Any]) -> None:
        """Take in the classes of arguments: their methods are what a function calls on them."""
        if isinstance(annotation, str):
            for name in re.findall(r"\w+", annotation):
                self.take(names.get(name))
        self.take(annotation)
        for part in getattr(annotation, "__args__", ()):
            self._take_annotation(part, names)

    def _of_name(self, names: dict[str, Any], code: CodeType, name: str) -> str:
        """Take in what a name in a function's code stands for, where it is one of its module's."""
        if name not in names:
            return ""
        value = names[name]
        if isinstance(value, ModuleType) and _top(value) in self._packages:
            for attribute in code.co_names:  # one of its module's, of which all may be meant
                self.take(getattr(value, attribute, None))
        self.take(value)
        return f"{name}={_constant(value)}"

    def _note_version(self, package: str) -> None:
        if package not in sys.builtin_module_names and package not in sys.stdlib_module_names:
            version = getattr(sys.modules.get(package), "__version__", "")
            self._facts[f"{package} version"] = str(version)


def _top(value: object) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return str(name).partition(".")[0]


def _is_filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and that of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _of_code(code: CodeType) -> str:
    parts = [code.co_code.hex(), *code.co_names, *code.co_varnames]
    return " ".join([*parts, *map(_constant, code.co_consts)])


def _constant(value: object) -> str:
    """Return a text of a value that is the same in every process; of others their type."""
    match value:
        case CodeType():
            text = _of_code(value)
        case tuple() | list():
            text = f"[{', '.join(map(_constant, value))}]"
        case set() | frozenset():
            text = f"{{{', '.join(sorted(map(_constant, value)))}}}"
        case dict():
            pairs = sorted(f"{_constant(k)}: {_constant(v)}" for k, v in value.items())
            text = f"{{{', '.join(pairs)}}}"
        case np.ndarray() | np.generic():
            text = f"{value.dtype}{value.shape} {value.tobytes().hex()}"
        case _ if is_dataclass(value) and not isinstance(value, type):
            text = _constant({field.name: getattr(value, field.name) for field in fields(value)})
        case _ if isinstance(value, PLAIN | np.dtype):
            text = repr(value)
        case _:
            named = value if isinstance(value, type | FunctionType) else type(value)
            text = f"{named.__module__}:{named.__qualname__}"
    return text
