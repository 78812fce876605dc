"""Public names that import their module on first use, so that importing a package costs nothing."""

import importlib
from collections.abc import Callable, Mapping

from eventstore.errors import NotFound


def lazy_exports(
    package: str, table: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return a module's ``__getattr__`` and ``__dir__`` for a table ``name -> module``.

    Args:
        package: the package's ``__name__``, for messages.
        table: where each public name lives: ``"module"``, or ``"module:name"`` if it has
            another name there.

    Examples:
        >>> getattr_, dir_ = lazy_exports("demo", {"OrderedDict": "collections"})
        >>> getattr_("OrderedDict").__name__
        'OrderedDict'
    """

    def load(name: str) -> object:
        if name not in table:
            raise AttributeError(NotFound.among(f"attribute of {package}", name, table).message)
        module, _, attribute = table[name].partition(":")
        return getattr(importlib.import_module(module), attribute or name)

    return load, lambda: sorted(table)
