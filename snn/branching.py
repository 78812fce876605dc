"""Paths that part and meet again: residual and skip connections within a chain."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from snn.layers import StatefulLayer
from snn.passage import Passage, pass_through

INPUT = "input"
"""Name of what goes into a `Branching`."""


class Branching(StatefulLayer):
    """Modules over time of which each takes the sum of what earlier ones made.

    It is a layer of a `SpikingSequential`, whose other modules follow one another. Its state is a
    list of those of its layers with memory, in their order.

    Args:
        modules: modules by name, each after its sources.
        sources: for a module the names whose outputs it takes the sum of, ``"input"`` among them;
            one that is not named here takes the module before it.
        outputs: names whose outputs are summed to that of the whole; absent: the last one's.

    Raises:
        InvalidInput: there is no module, or one is a `Branching` or hides a layer with memory.
        AlreadyExists: a module is called ``"input"``.
        NotFound: a source or an output is no module, or a source does not come before.

    Examples:
        >>> import torch
        >>> from snn.layers import IAF
        >>> block = Branching(
        ...     {"fc": nn.Linear(3, 3), "spikes": IAF(), "fc2": nn.Linear(3, 3), "spikes2": IAF()},
        ...     sources={"fc2": ("input", "spikes")},
        ...     outputs=("spikes", "spikes2"),
        ... )
        >>> block(torch.ones(2, 5, 3)).shape
        torch.Size([2, 5, 3])
    """

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        *,
        sources: Mapping[str, Sequence[str]] | None = None,
        outputs: Sequence[str] = (),
    ) -> None:
        super().__init__()
        if not modules:
            message = "a Branching without modules"
            raise InvalidInput(message, hint='name them: Branching({"fc": nn.Linear(3, 3)})')
        for name in sources or ():
            if name not in modules:
                what, hint = "module with sources", "sources are by the name of what takes them"
                raise NotFound.among(what, name, modules, hint=hint)
        known = [INPUT]
        self.sources: dict[str, tuple[str, ...]] = {}
        self.outputs = tuple(outputs) or (list(modules)[-1],)
        for name, module in modules.items():
            _check_module(name, module)
            given = tuple((sources or {}).get(name, (known[-1],)))
            _check_names(f"source of {name!r} before it", given, known)
            self.sources[name] = given
            self._add(name, module)
            known.append(name)
        _check_names("module to put out", self.outputs, known)

    def run(
        self, x: Float[Tensor, "b t *n"], state: Sequence[Any] | None = None
    ) -> tuple[Float[Tensor, "b t *m"], list[Any]]:
        """Return the output, and the states of the layers within after the last step.

        Raises:
            InvalidInput: the state is of another network, or paths of unequal shapes meet.
        """
        whole = self.passage("", x, state)
        return whole.y, whole.state

    def passage(self, name: str, x: Tensor, state: Sequence[Any] | None = None) -> Passage:
        """Return what went through, with what went through each module within.

        Args:
            name: name of the whole in its network.
            x: input of each time step, ``(B, T, …)``.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another network, or paths of unequal shapes meet.
        """
        inner = tuple(self._walk(x, state))
        made = {INPUT: x, **{within.name: within.y for within in inner}}
        after = [p.state for p in inner if isinstance(p.module, StatefulLayer)]
        return Passage(name, self, x, _sum("the output", made, self.outputs), after, inner)

    def _walk(self, x: Tensor, state: Sequence[Any] | None) -> Iterator[Passage]:
        modules = {name: self.get_submodule(name) for name in self.sources}
        n_states = sum(isinstance(module, StatefulLayer) for module in modules.values())
        if state is not None and len(state) != n_states:
            message = f"{len(state)} states for {n_states} layers of a Branching that have one"
            raise InvalidInput(message, hint="pass what run() of this network returned")
        states = iter(repeat(None) if state is None else state)
        made = {INPUT: x}
        for name, module in modules.items():
            begin = next(states) if isinstance(module, StatefulLayer) else None
            given = _sum(f"the input of {name!r}", made, self.sources[name])
            passage = pass_through(name, module, given, begin)
            made[name] = passage.y
            yield passage

    def _add(self, name: str, module: nn.Module) -> None:
        try:
            self.add_module(name, module)
        except KeyError as error:
            message = f"{name!r} cannot be the name of a module: {error.args[0]}"
            raise InvalidInput(message, hint="use letters and numbers, such as 'fc1'") from error


def _check_module(name: str, module: nn.Module) -> None:
    if name == INPUT:
        message = f"a module of a Branching is called {INPUT!r}, as what goes into all of them"
        raise AlreadyExists(message, hint="give it another name")
    hidden = [m for m in module.modules() if isinstance(m, StatefulLayer)]
    whole = isinstance(module, StatefulLayer) and not isinstance(module, Branching)
    if hidden and not whole:
        message = f"{name!r}, a {type(module).__name__}, holds layers with memory of its own"
        raise InvalidInput(message, hint="name its layers one by one, with their sources")


def _check_names(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    if not given:
        message = f"no {what}"
        raise InvalidInput(message, hint=f"name some of {', '.join(known)}")
    for name in given:
        if name not in known:
            hint = "modules go in an order in which each comes after its sources"
            raise NotFound.among(what, name, known, hint=hint)


def _sum(where: str, made: Mapping[str, Tensor], names: Sequence[str]) -> Tensor:
    total = made[names[0]]
    for name in names[1:]:
        if made[name].shape != total.shape:
            shapes = " and ".join(f"{n} {tuple(made[n].shape[2:])}" for n in (names[0], name))
            message = f"{where} is a sum of unequal shapes: {shapes}"
            raise InvalidInput(message, hint="give the paths that meet equal numbers of neurons")
        total = total + made[name]
    return total
