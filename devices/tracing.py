"""Modules of one's own, read by running them once on shapes alone, without numbers.

Known modules become nodes; of what happens between them, sums become merges, and what only lays
axes out anew is followed. Anything else is refused, with the line of source that asked for it.
Batch and time get sizes that no layer has, so that each axis stays known whatever is reshaped.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from devices.graph_builder import GraphBuilder, Value
from devices.module_nodes import has_node, is_foreign_leaf
from devices.nodes import Flatten, Shape, Unflatten, size_of
from devices.own_forward import Followed, refuse_own_forward
from devices.refusal import refused
from eventstore.errors import InvalidInput
from snn.layers import StatefulLayer
from snn.sequential import SpikingSequential

Convert: TypeAlias = Callable[[GraphBuilder, str, nn.Module, Value], Value]

BATCH, TIME = 10_007, 20_011
"""Sizes of the two axes: primes beyond any number of features, and no memory behind them."""

ADD = frozenset({"add", "__add__", "__radd__"})
ADD_IN_PLACE = frozenset({"add_", "__iadd__"})
LAYOUT = frozenset(
    {
        "flatten",
        "reshape",
        "view",
        "squeeze",
        "unsqueeze",
        "unflatten",
        "ravel",
        "contiguous",
        "clone",
        "to",
        "float",
    }
)
WITHOUT_EFFECT = frozenset({"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"})
ASKS_NUMBERS = frozenset(
    {"__bool__", "__int__", "__float__", "__index__", "__array__", "item", "tolist", "numpy", "cpu"}
)
ANY_LAYOUT = (nn.Linear, nn.Identity, nn.Dropout, nn.AlphaDropout)


def trace(builder: GraphBuilder, path: str, module: nn.Module, x: Value, convert: Convert) -> Value:
    """Add what a module of one's own does to a graph.

    Args:
        builder: the graph so far.
        path: the module's path in the model; empty: it is the model.
        module: the module, whose ``forward`` takes one tensor and returns one.
        x: what goes into it.
        convert: adds a known module.

    Raises:
        InvalidInput: it does something that has no counterpart; says what and where.
    """
    tracer = _Tracer(builder, path, module, convert)
    with_time = any(isinstance(inner, StatefulLayer) for inner in module.modules())
    lead = (BATCH, TIME) if with_time else (BATCH * TIME,)
    given = torch.empty((*lead, *x.shape), device="meta")
    tracer.remember(given, x)
    with torch.no_grad(), tracer.leaves(), tracer:
        result = module(given)
    return tracer.found(result)


class _Tracer(TorchFunctionMode):
    """Knows which tensors stand for which values, and watches every function that takes one."""

    def __init__(
        self, builder: GraphBuilder, path: str, module: nn.Module, convert: Convert
    ) -> None:
        super().__init__()
        self._builder, self._path, self._root, self._convert = builder, path, module, convert
        self._values: dict[int, tuple[Tensor, Value]] = {}
        self._stale: dict[int, Tensor] = {}

    def remember(self, tensor: Tensor, value: Value) -> Tensor:
        self._values[id(tensor)] = (tensor, value)
        return tensor

    def found(self, result: object) -> Value:
        """Return what the module returned as a value."""
        if isinstance(result, Tensor) and id(result) in self._values:
            return self._value(result)
        said = f"{len(result)} values" if isinstance(result, tuple | list) else "no tensor of it"
        message = f"{self._named()} returns {said}, a network has one output"
        raise InvalidInput(message, hint="return the output of the last layer alone")

    @contextmanager
    def leaves(self) -> Iterator[None]:
        """Let known modules add their nodes instead of computing, for as long as this lasts."""
        kept: list[tuple[nn.Module, dict[str, Any], bool]] = []
        try:
            for name, module in self._root.named_modules():
                kept.append((module, dict(module.__dict__), module.training))
                module.training = False
                if name and _is_leaf(module):
                    path = _inner(self._path, name)
                    refuse_own_forward(path, module)
                    module.__dict__["forward"] = Followed(self._leaf, path, module)
                    if isinstance(module, StatefulLayer):
                        module.__dict__["run"] = partial(self._run, module)
            yield
        finally:
            for module, before, training in kept:
                for name in ("forward", "run"):
                    module.__dict__.pop(name, None)
                    if name in before:
                        module.__dict__[name] = before[name]
                module.training = training

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 # what the function returns
        kwargs = kwargs or {}
        tensors = [leaf for leaf in pytree.tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        known = [tensor for tensor in tensors if id(tensor) in self._values]
        self._refuse_stale(tensors)
        if not known:
            return func(*args, **kwargs)
        name = getattr(func, "__name__", str(func))
        if name in ADD | ADD_IN_PLACE:
            return self._add(name, func, args, kwargs)
        if name in WITHOUT_EFFECT:
            return known[0]
        if name in ASKS_NUMBERS:
            raise _asks_numbers(name)
        try:
            result = func(*args, **kwargs)
        except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            raise _failed(name, error) from error
        if name in LAYOUT and isinstance(result, Tensor):
            return self._laid_out(known[0], result)
        if any(isinstance(leaf, Tensor) for leaf in pytree.tree_leaves(result)):
            name = func.__self__.__name__ if name == "__get__" else name  # type: ignore[attr-defined]
            message = f"{_where()}: {name} has no counterpart on a chip"
            hint = "a chip has convolutions, linear layers, pooling, IAF neurons and sums: "
            raise InvalidInput(message, hint=f"{hint}use the modules of torch.nn and snn for them")
        return result

    def _add(
        self, name: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor:
        operands = [*args, *(kwargs[key] for key in ("input", "other") if key in kwargs)]
        others = [one for one in operands if not (isinstance(one, Tensor) or _is_zero(one))]
        values = [self._value(one) for one in operands if id(one) in self._values]
        if others or kwargs.get("alpha", 1) != 1 or kwargs.get("out") is not None:
            message = f"{_where()} adds a number"
            raise InvalidInput(message, hint="a constant is the bias of a layer with weights")
        if len(values) < sum(isinstance(one, Tensor) for one in operands):
            message = f"{_where()} adds a tensor that no layer made of the network's input"
            raise InvalidInput(message, hint="a constant is the bias of a layer with weights")
        merged = self._builder.merge(_inner(self._path, "merge"), values, where=_where())
        result: Tensor = func(*args, **kwargs)
        if name in ADD_IN_PLACE:
            self._forget_aliases(result)
        return self.remember(result, merged)

    def _refuse_stale(self, tensors: Iterable[Tensor]) -> None:
        if any(id(tensor) in self._stale for tensor in tensors):
            message = f"{_where()} uses what was changed in place before"
            raise InvalidInput(message, hint="write y = y + x instead of y += x")

    def _forget_aliases(self, changed: Tensor) -> None:
        memory = changed.untyped_storage()._cdata  # noqa: SLF001 # the only name of a storage
        for tensor, _ in list(self._values.values()):
            if tensor is not changed and tensor.untyped_storage()._cdata == memory:  # noqa: SLF001
                del self._values[id(tensor)]
                self._stale[id(tensor)] = tensor

    def _laid_out(self, x: Tensor, y: Tensor) -> Tensor:
        value, shape = self._value(x), tuple(y.shape[_leading(y) :])
        if shape == value.shape:
            return self.remember(y, value)
        if _leading(y) == 0 or size_of(shape) != size_of(value.shape):
            message = f"{_where()} mixes samples or time steps with features"
            raise InvalidInput(message, hint="keep (B, T, …), or (B·T, …) as flatten(0, 1) makes")
        if [n for n in shape if n != 1] == [n for n in value.shape if n != 1]:
            return self.remember(y, Value(value.name, shape))
        if len(shape) == 2 and len(value.shape) == 1:
            return self.remember(y, self._unflattened(value, shape))
        if len(shape) > 1:
            message = f"{_where()} makes {shape} of {value.shape}, which moves features to places"
            raise InvalidInput(message, hint="flatten all of a map: flatten(1) of (N, C, H, W)")
        name = self._builder.free_name(_inner(self._path, "flatten"))
        node = Flatten(name=name, input_shape=value.shape, output_shape=shape)
        return self.remember(y, self._builder.add(node, value))

    def _unflattened(self, value: Value, shape: Shape) -> Value:
        name = self._builder.free_name(_inner(self._path, "unflatten"))
        node = Unflatten(name=name, input_shape=value.shape, output_shape=shape)
        return self._builder.add(node, value)

    def _leaf(self, path: str, module: nn.Module, *args: Any, **kwargs: Any) -> Tensor:  # noqa: ANN401 # as called
        x = args[0] if len(args) == 1 and not kwargs else None
        self._refuse_stale([x] if isinstance(x, Tensor) else [])
        if not isinstance(x, Tensor) or id(x) not in self._values:
            why = f"{_where()} calls it with something else than one tensor made of the input"
            raise refused(path, module, "call it with one tensor, as a layer after another", why)
        value, lead = self._value(x), _leading(x)
        over_time = isinstance(module, StatefulLayer | SpikingSequential)
        fits = lead == (2 if over_time else 1) or isinstance(module, ANY_LAYOUT)
        if not fits and (over_time or has_node(module)):
            wanted, hint = "frames (N, …)", "put x.flatten(0, 1) before it"
            if over_time:
                wanted, hint = "(B, T, …)", "put x.unflatten(0, (batch, time)) before it"
            why = f"it takes {wanted}, not what {_where()} gives it"
            raise refused(path, module, f"{hint}, or use snn.Branching", why)
        out = self._convert(self._builder, path, module, value)
        return self.remember(torch.empty((*x.shape[:lead], *out.shape), device="meta"), out)

    def _run(self, module: StatefulLayer, x: Tensor, state: object = None) -> tuple[Tensor, None]:
        if state is not None:
            message = f"{_where()} carries a state from one run to the next"
            raise InvalidInput(message, hint="give the layer all time steps at once")
        return module(x), None

    def _value(self, tensor: Tensor) -> Value:
        return self._values[id(tensor)][1]

    def _named(self) -> str:
        return f"module {self._path or 'model'!r} ({type(self._root).__name__})"


def _failed(name: str, error: Exception) -> InvalidInput:
    """Return what to say of an error of torch, on tensors that have shapes and no numbers."""
    if isinstance(error, NotImplementedError):
        return _asks_numbers(name)
    message = f"{_where()}: {name} fails: {error}"
    return InvalidInput(message, hint="check input_shape, and run the model on such an input")


def _asks_numbers(name: str) -> InvalidInput:
    message = f"{_where()}: {name.strip('_')} asks for numbers, a chip cannot decide by them"
    return InvalidInput(message, hint="run the same layers on every input")


def _is_leaf(module: nn.Module) -> bool:
    if isinstance(module, nn.Flatten | nn.Unflatten):
        return False  # what they do to axes is followed
    return (
        isinstance(module, StatefulLayer | SpikingSequential)
        or has_node(module)
        or is_foreign_leaf(module)
    )


def _leading(tensor: Tensor) -> int:
    """Return how many axes count samples and time steps; 0: none that is known."""
    if tuple(tensor.shape[:2]) == (BATCH, TIME):
        return 2
    return int(tuple(tensor.shape[:1]) == (BATCH * TIME,))


def _is_zero(number: object) -> bool:
    return isinstance(number, int | float) and number == 0  # what sum() starts with


def _inner(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _where() -> str:
    """Return the line of the model's source that is being run."""
    ours, theirs = Path(__file__).parent, Path(torch.__file__).parent
    for frame in reversed(traceback.extract_stack()):
        file = Path(frame.filename)
        if ours not in file.parents and theirs not in file.parents:
            said = f" `{frame.line}`" if frame.line else ""
            return f"{file.name}:{frame.lineno}{said}"
    return "the model"
