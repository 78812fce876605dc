"""The LIF layer in JAX, as its users write one: ``lax.scan``, a custom derivative, ``jit``."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from bench_lif_rivals import ALPHA, Pass


def jax_lif(x: Tensor, gradient: Tensor) -> Callable[[], Pass]:
    """Return a call that does forward and backward, compiled as one, over time-major arrays."""
    import jax
    import jax.numpy as jnp

    run = _compiled()
    arrays = [jnp.asarray(one.transpose(0, 1).contiguous().numpy()) for one in (x, gradient)]

    def call() -> Pass:
        y, grad = jax.block_until_ready(run(*arrays))
        return _batch_first(y), _batch_first(grad)

    return call


def _compiled() -> Callable[..., tuple[object, object]]:
    import jax
    import jax.numpy as jnp

    @jax.custom_jvp  # type: ignore[untyped-decorator]  # not installed where types are checked
    def spike(v: jax.Array) -> jax.Array:
        return (v >= 1).astype(v.dtype)

    @spike.defjvp  # type: ignore[untyped-decorator]
    def surrogate(
        primals: tuple[jax.Array], tangents: tuple[jax.Array]
    ) -> tuple[jax.Array, jax.Array]:
        (v,), (dv,) = primals, tangents
        return spike(v), jnp.exp(-2 * jnp.abs(v - 1)) * dv

    def step(v: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        v = ALPHA * v + (1 - ALPHA) * x
        s = spike(v)
        return v - s, s

    def layer(x: jax.Array) -> jax.Array:
        spikes: jax.Array = jax.lax.scan(step, jnp.zeros_like(x[0]), x)[1]
        return spikes

    @jax.jit  # type: ignore[untyped-decorator]
    def both(x: jax.Array, gradient: jax.Array) -> tuple[object, object]:
        y, back = jax.vjp(layer, x)
        return y, back(gradient)[0]

    return both  # type: ignore[no-any-return]  # jax.jit is untyped to mypy


def _batch_first(array: Any) -> Tensor:
    return torch.utils.dlpack.from_dlpack(array).transpose(0, 1)
