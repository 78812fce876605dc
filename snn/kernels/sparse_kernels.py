"""Convolve maps that are mostly zeros: each number that is not spreads over the outputs it reaches.

Maps of spikes and of events hold a few percent of numbers that are not zero. They are found a
vector at a time. Where maps lie channels-last, the outputs that one number reaches in one row lie
side by side, and so do the weights that it is multiplied with, once kernels are packed in reverse:
a row is one run of products that are added.
"""

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from eventstore.jit import INTERPRETED, inner_kernel, lean_kernel
from snn.kernels.lines import LINE_BYTES
from snn.kernels.membrane import Array
from snn.kernels.prefetch import prefetch_row


class Geometry(NamedTuple):
    """Sizes of a convolution, as kernels take them.

    Args:
        height: rows of an input map.
        width: columns of an input map.
        inputs: channels of an input map.
        out_height: rows of an output map.
        out_width: columns of an output map.
        outputs: channels of an output map.
        kernel_y: rows of a kernel.
        kernel_x: columns of a kernel.
        stride_y: step of a kernel in y.
        stride_x: step of a kernel in x.
        padding_y: zeros above and below an input map.
        padding_x: zeros left and right of an input map.
        planar: 1 where each channel of an input map lies by itself; 0: channels-last.
    """

    height: int
    width: int
    inputs: int
    out_height: int
    out_width: int
    outputs: int
    kernel_y: int
    kernel_x: int
    stride_y: int
    stride_x: int
    padding_y: int
    padding_x: int
    planar: int = 0


def column_order(geometry: Geometry) -> list[int]:
    """Return columns of a kernel in the order that they are packed in.

    One number meets every ``stride_x``-th of them, from the right to the left.

    Examples:
        >>> column_order(Geometry(1, 8, 1, 1, 2, 1, 1, 5, 1, 2, 0, 0))
        [4, 2, 0, 3, 1]
    """
    step = geometry.stride_x
    return sorted(range(geometry.kernel_x), key=lambda kx: (kx % step, -kx))


@intrinsic
def _add_scaled(  # noqa: PLR0917 # as the kernel below
    _: Any,  # noqa: ANN401 # numba's own types
    into: Any,  # noqa: ANN401
    at: Any,  # noqa: ANN401
    source: Any,  # noqa: ANN401
    start: Any,  # noqa: ANN401
    length: Any,  # noqa: ANN401
    factor: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        lanes = LINE_BYTES * 8 // signature.args[0].dtype.bitwidth
        first = [
            builder.gep(_data(context, builder, signature, args, array), [args[array + 1]])
            for array in (0, 2)
        ]
        intp = args[4].type
        whole = builder.lshr(args[4], ir.Constant(intp, lanes.bit_length() - 1))
        with cgutils.for_range(builder, whole) as loop:
            offset = builder.mul(loop.index, ir.Constant(intp, lanes))
            _add_vector(builder, first, offset, args[5], lanes)
        done = builder.mul(whole, ir.Constant(intp, lanes))
        while lanes > 1:  # what is left: half a vector, a quarter, …
            lanes //= 2
            more = builder.and_(args[4], ir.Constant(intp, lanes))
            with builder.if_then(builder.icmp_unsigned("!=", more, ir.Constant(intp, 0))):
                _add_vector(builder, first, done, args[5], lanes)
            done = builder.add(done, more)
        return context.get_dummy_value()

    number = into.dtype if into.dtype == source.dtype else types.undefined  # refused
    return types.void(into, types.intp, source, types.intp, types.intp, number), generate


def _data(context: Any, builder: Any, signature: Any, args: Any, array: int) -> Any:  # noqa: ANN401
    """Return the address of an array's first number."""
    proxy = cgutils.create_struct_proxy(signature.args[array])  # type: ignore[no-untyped-call]
    return proxy(context, builder, value=args[array]).data


def _add_vector(builder: Any, first: list[Any], offset: Any, factor: Any, lanes: int) -> None:  # noqa: ANN401
    """Add one vector times a factor to another, each product rounded once with its sum."""
    vector = ir.VectorType(factor.type, lanes)
    unset = ir.Constant(vector, ir.Undefined)
    place = ir.Constant(ir.IntType(32), 0)
    factors = builder.insert_element(unset, factor, place)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    factors = builder.shuffle_vector(factors, unset, everywhere)
    into, source = (builder.bitcast(builder.gep(p, [offset]), vector.as_pointer()) for p in first)
    before, added = builder.load(into, typ=vector), builder.load(source, typ=vector)
    product = builder.fmul(factors, added, flags=("contract",))
    stored = builder.store(builder.fadd(before, product, flags=("contract",)), into)
    before.align = added.align = stored.align = 4


@intrinsic
def _nonzeros(_: Any, array: Any, at: Any) -> Any:  # noqa: ANN401 # numba's own types
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        lanes = LINE_BYTES * 8 // signature.args[0].dtype.bitwidth
        data = _data(context, builder, signature, args, 0)
        vector = ir.VectorType(context.get_value_type(signature.args[0].dtype), lanes)
        place = builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer())
        loaded = builder.load(place, typ=vector)
        loaded.align = 4
        found = builder.fcmp_unordered("!=", loaded, ir.Constant(vector, [0.0] * lanes))
        return builder.zext(builder.bitcast(found, ir.IntType(lanes)), ir.IntType(64))

    return types.int64(array, types.intp), generate


@intrinsic
def _lowest(_: Any, mask: Any) -> Any:  # noqa: ANN401 # numba's own types
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@inner_kernel
def add_run(  # noqa: PLR0917 # a kernel takes no keywords
    into: Array, at: int, source: Array, start: int, length: int, factor: float
) -> None:
    """Add a run of numbers times a factor to another run.

    Examples:
        >>> import numpy as np
        >>> into = np.ones(3, np.float32)
        >>> add_run(into, 1, np.arange(4, dtype=np.float32), 2, 2, np.float32(10))
        >>> into.tolist()
        [1.0, 21.0, 31.0]
    """
    if INTERPRETED:  # the interpreter has no such instruction
        into[at : at + length] += source[start : start + length] * factor
    else:
        _add_scaled(into, at, source, start, length, factor)  # type: ignore[call-arg]  # numba gives one


@inner_kernel
def find_nonzeros(numbers: Array, start: int, lanes: int) -> int:
    """Return which of so many numbers are not zero, a bit each; what is past the end, is zero."""
    left = len(numbers) - start
    found = 0
    if INTERPRETED or left < lanes:
        for lane in range(min(left, lanes)):
            if numbers[start + lane] != 0:
                found |= 1 << lane
    else:
        found = _nonzeros(numbers, start)  # type: ignore[call-arg]
    return found


@inner_kernel
def next_bit(bits: int) -> int:
    """Return the place of the lowest bit that is set; there is one."""
    if INTERPRETED:
        place = 0
        while not bits >> place & 1:
            place += 1
        return place
    return _lowest(bits)  # type: ignore[call-arg]


@lean_kernel
def spread(  # noqa: PLR0917 # a kernel takes no keywords
    x: Array, weight: Array, bias: Array, y: Array, geometry: Geometry, frames: tuple[int, int]
) -> None:
    """Convolve some frames.

    Args:
        x: input maps, ``(N, H·W·C)`` or, planar, ``(N, C·H·W)``.
        weight: packed kernels, flat: input channel, row, column in `column_order`, output channel.
        bias: of each output channel; empty: none.
        y: output maps ``(N, OH·OW·O)``.
        geometry: sizes of the convolution.
        frames: first frame, and the one after the last.
    """
    for n in range(frames[0], frames[1]):
        y[n] = 0
        for at in range(0, y.shape[1] if len(bias) else 0, max(1, len(bias))):
            for channel in range(len(bias)):
                y[n, at + channel] = bias[channel]
        _meet_all(x[n], weight, y[n], geometry, True)


@lean_kernel
def gather(
    x: Array, gradient: Array, weight: Array, geometry: Geometry, frames: tuple[int, int]
) -> None:
    """Add what some frames make of the gradient of packed kernels.

    Args:
        x: input maps, ``(N, H·W·C)`` or, planar, ``(N, C·H·W)``.
        gradient: of the output maps, ``(N, OH·OW·O)``.
        weight: gradient of the kernels, packed as `spread` takes them.
        geometry: sizes of the convolution.
        frames: first frame, and the one after the last.
    """
    for n in range(frames[0], frames[1]):
        prefetch_row(gradient[n])
        _meet_all(x[n], weight, gradient[n], geometry, False)


@inner_kernel
def _meet_all(numbers: Array, weight: Array, out: Array, geometry: Geometry, forward: bool) -> None:
    """Let every number of an input map that is not zero meet the outputs that it reaches."""
    lanes = LINE_BYTES // numbers.itemsize
    for start in range(0, len(numbers), lanes):
        bits = find_nonzeros(numbers, start, lanes)
        while bits:
            at = start + next_bit(bits)
            bits &= bits - 1
            _meet(numbers[at], at, weight, out, geometry, forward)


@inner_kernel
def steps_in(length: int, step: int) -> int:
    """Return how many whole steps are in a length; most steps are of 1, and divisions slow."""
    return length if step == 1 else length // step


@inner_kernel
def _meet(  # noqa: PLR0917 # a kernel takes no keywords
    value: float, at: int, weight: Array, out: Array, geometry: Geometry, forward: bool
) -> None:
    """Let one number of an input map meet each row of outputs that it reaches."""
    size = geometry.outputs
    if geometry.planar:
        n_pixels = geometry.height * geometry.width
        channel, pixel = at // n_pixels, at % n_pixels
    else:
        pixel, channel = at // geometry.inputs, at % geometry.inputs
    y = pixel // geometry.width + geometry.padding_y
    x = pixel % geometry.width + geometry.padding_x
    step_y, step_x = geometry.stride_y, geometry.stride_x
    kernel_y, kernel_x = geometry.kernel_y, geometry.kernel_x
    first_y = max(0, steps_in(y - kernel_y + step_y, step_y))
    first_x = max(0, steps_in(x - kernel_x + step_x, step_x))
    last_x = min(geometry.out_width - 1, steps_in(x, step_x))
    last_y = min(geometry.out_height - 1, steps_in(y, step_y))
    # Of the columns that are ≡ x modulo the step, the largest comes first; those ≡ less, before.
    left = x - steps_in(x, step_x) * step_x
    largest = steps_in(kernel_x - 1 - left, step_x)
    before = 0
    for other in range(left):
        before += steps_in(kernel_x - 1 - other, step_x) + 1
    column = before + largest - steps_in(x, step_x) + first_x
    length = (last_x - first_x + 1) * size
    if length <= 0:
        return
    for row in range(first_y, last_y + 1):
        ky = y - row * step_y
        at_weight = ((channel * kernel_y + ky) * kernel_x + column) * size
        at_out = (row * geometry.out_width + first_x) * size
        if forward:
            add_run(out, at_out, weight, at_weight, length, value)
        else:
            add_run(weight, at_weight, out, at_out, length, value)


@lean_kernel
def count_nonzeros(numbers: Array, part: tuple[int, int]) -> int:
    """Return how many numbers of a part are not zero.

    Examples:
        >>> import numpy as np
        >>> count_nonzeros(np.array([0, 1, 0, 2], np.float32), (1, 4))
        2
    """
    found = 0
    for number in numbers[part[0] : part[1]]:
        found += number != 0
    return found
