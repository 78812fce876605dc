"""Which core computes which layer: memories decide who may, a matching decides who does."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from devices.results import Mapping, QuantizedGraph
from devices.speck.chip import SpeckSpec
from devices.speck.core_words import Words
from devices.speck.mapping_search import balance_cores
from devices.speck.readout_spread import unreadable, words_to_read
from eventstore.errors import DoesNotFit

Search: TypeAlias = Literal["balance", "flow"]


def map_layers(
    q: QuantizedGraph,
    spec: SpeckSpec,
    *,
    search: Search = "balance",
    readout: bool | None = None,
) -> Mapping:
    """Give each layer a core of its own.

    Args:
        q: the network in integers.
        spec: the chip.
        search: ``"balance"``: of all assignments the one that leaves the fullest core the most
            memory (`devices.speck.mapping_search`); ``"flow"``: the first that a maximum flow
            finds, core for core what the vendor's open-source tools choose.
        readout: whether the core of the last layer must have room for its classes on the channels
            that the on-chip readout sees (`devices.speck.readout_spread`). None: where that is
            possible and the search is not ``"flow"``, so that the readout can be switched on
            without another mapping.

    Raises:
        DoesNotFit: no assignment exists; says which layers compete for which cores. Or the
            readout is asked for and cannot take the last layer.
    """
    names = [layer.name for layer in q.layers]
    words = [Words.of_layer(layer) for layer in q.layers]
    wanted = words
    if readout or (readout is None and search != "flow"):
        wanted = _with_readout(q, words, spec, required=readout is True)
    cores = _search(wanted, spec, search)
    if cores is None and readout is None:
        cores = _search(words, spec, search)
    if cores is None:
        message, remedy = describe_conflict(names, wanted if readout else words, spec)
        message = f"no assignment of layers to cores of {spec.name}: {message}"
        if readout and _search(words, spec, search) is not None:
            remedy = f"{remedy}; or leave the on-chip readout out and monitor the last core"
        raise DoesNotFit(message, hint=remedy)
    uses = tuple(
        need.on_core(name, core, spec) for name, core, need in zip(names, cores, words, strict=True)
    )
    return Mapping(chip=spec.name, uses=uses)


def _search(words: Sequence[Words], spec: SpeckSpec, search: Search) -> list[int] | None:
    if search == "flow":
        return assign_cores([need.candidates(spec) for need in words], spec.n_cores)
    return balance_cores(words, spec)


def _with_readout(
    q: QuantizedGraph, words: list[Words], spec: SpeckSpec, *, required: bool
) -> list[Words]:
    """Return the words of each layer, of the last as the readout needs it."""
    if not q.layers:
        return words
    message = unreadable(q.layers[-1], spec)
    if message is None:
        return [*words[:-1], words_to_read(q.layers[-1], spec)]
    if required:
        raise DoesNotFit(message, hint="leave the readout out, and monitor the last core")
    return words


def assign_cores(candidates: Sequence[Sequence[int]], n_cores: int) -> list[int] | None:
    """Return one core for each layer, none twice, or None where that is impossible.

    A maximum flow of unit capacities from layers to cores, found along shortest paths in order of
    insertion (Edmonds and Karp 1972), so that the same candidates always give the same answer.

    Args:
        candidates: the cores that may compute each layer.
        n_cores: how many cores there are.

    Examples:
        >>> assign_cores([[0, 1], [0]], 2)
        [1, 0]
        >>> assign_cores([[0], [0]], 2) is None
        True
    """
    owner: list[int | None] = [None] * n_cores
    core_of: list[int | None] = [None] * len(candidates)
    while path := _augmenting_path(candidates, owner, core_of):
        for layer, core in path:
            owner[core], core_of[layer] = layer, core
    found = [core for core in core_of if core is not None]
    return found if len(found) == len(candidates) else None


def _augmenting_path(
    candidates: Sequence[Sequence[int]], owner: list[int | None], core_of: list[int | None]
) -> list[tuple[int, int]]:
    """Return the shortest chain of reassignments that gives one more layer a core.

    A core that is taken passes the question on to the layer that holds it. The first free core
    reached ends the shortest chain.
    """
    queue = deque(layer for layer, core in enumerate(core_of) if core is None)
    asked_by: dict[int, int] = {}
    while queue:
        layer = queue.popleft()
        for core in candidates[layer]:
            if core in asked_by or core == core_of[layer]:
                continue
            asked_by[core] = layer
            holder = owner[core]
            if holder is None:
                return _trace(core, asked_by, core_of)
            queue.append(holder)
    return []


def _trace(core: int, asked_by: dict[int, int], core_of: list[int | None]) -> list[tuple[int, int]]:
    path = []
    taken: int | None = core
    while taken is not None:
        layer = asked_by[taken]
        path.append((layer, taken))
        taken = core_of[layer]
    return path


def explain_conflict(
    names: Sequence[str], candidates: Sequence[Sequence[int]], n_cores: int
) -> str:
    """Say which layers compete for too few cores (a violation of Hall's condition).

    Args:
        names: name of each layer.
        candidates: the cores that may compute each layer.
        n_cores: how many cores there are.

    Examples:
        >>> explain_conflict(["a", "b", "c"], [[0], [0], [1, 2]], 3)
        'layers a, b need a core each, but only core 0 has the memory for any of them'
    """
    rivals = _rivals(candidates, n_cores)
    cores = sorted({core for layer in rivals for core in candidates[layer]})
    listed = ", ".join(names[layer] for layer in rivals)
    if not cores:
        return f"layer {listed} fits in no core"
    where = f"core {cores[0]} has" if len(cores) == 1 else f"cores {_listed(cores)} have"
    return f"layers {listed} need a core each, but only {where} the memory for any of them"


def describe_conflict(
    names: Sequence[str], words: Sequence[Words], spec: SpeckSpec
) -> tuple[str, str]:
    """Say which layers compete for too few cores, what they need, and a change that mends it.

    Args:
        names: name of each layer.
        words: memory that each layer needs.
        spec: the chip, on which no assignment exists.

    Returns: the message, and a remedy that was tried: with it there is an assignment. Where no
        change of a single layer is enough, it says no more than that.
    """
    candidates = [need.candidates(spec) for need in words]
    rivals = _rivals(candidates, spec.n_cores)
    needs = "; ".join(f"{names[at]}: {_spelt(words[at])}" for at in rivals)
    message = f"{explain_conflict(names, candidates, spec.n_cores)} ({needs})"
    for remedy, smaller in _changes(names, words, rivals):
        if assign_cores([need.candidates(spec) for need in smaller], spec.n_cores) is not None:
            return message, f"{remedy}: then each layer finds a core"
    return message, "make several of these layers smaller, or remove one"


def _changes(
    names: Sequence[str], words: Sequence[Words], rivals: Sequence[int]
) -> Iterator[tuple[str, list[Words]]]:
    """Yield changes of a single layer, and the words of all layers with each."""
    for at in rivals:
        need = words[at]
        halved = Words(kernel=need.kernel // 2, neuron=need.neuron // 2, bias=need.bias // 2)
        unbiased = Words(kernel=need.kernel, neuron=need.neuron, bias=0)
        others = list(words)
        others[at] = halved
        yield f"halve the output features of layer {names[at]}", list(others)
        others[at] = unbiased
        yield f"train layer {names[at]} with bias=False", others


def _spelt(need: Words) -> str:
    return f"{need.kernel:,} words of weights, {need.neuron:,} of states, {need.bias:,} of biases"


def _rivals(candidates: Sequence[Sequence[int]], n_cores: int) -> list[int]:
    """Return layers with fewer cores between them than layers; without any one of them it works."""
    rivals = list(range(len(candidates)))
    for layer in list(rivals):
        fewer = [other for other in rivals if other != layer]
        if assign_cores([candidates[other] for other in fewer], n_cores) is None:
            rivals = fewer
    return rivals


def _listed(cores: Sequence[int]) -> str:
    return ", ".join(str(core) for core in cores)
