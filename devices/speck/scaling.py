r"""Which scale takes a layer's floats to integers: the joint one of the rule, or a better one.

A layer computes the same spikes for any scale s > 0 on weights, biases, threshold and lower bound
together. So only rounding and the ends of the integer ranges cost anything. The rule takes the
largest s at which nothing leaves its range, so a large lower bound, a large threshold or one
outlying weight rounds all other weights to nothing. A part that may be clipped no longer limits s:

- lower bound: exact as long as no membrane falls below the clipped bound, $-2^{15} / s$;
- weights and biases: the outliers saturate, the bulk is rounded more finely;
- threshold: saturates, so neurons fire earlier by the share that it loses.

Of scales from the joint one up to the limit of the parts that stay whole, eight an octave, that
with the least error is taken:

$$ E(s) = \frac{\sum_i (o_i - q_i / s)^2}{\sum_i o_i^2} + (1 - q_{thr} / (s\,thr))^2 $$

over weights and biases o and their integers q. The joint scale is one of them, so that E is never
larger than by the rule; where nothing gets better, the rule's integers are kept bit for bit.
"""

from dataclasses import dataclass

import numpy as np

from devices.speck.chip import SpeckSpec, signed_range

STEPS_AN_OCTAVE = 8
OCTAVES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """What of a layer may be clipped to the ends of its range; by default nothing.

    Args:
        clip_weights: weights and biases.
        clip_lower_bound: the smallest membrane state; most often exact.
        clip_threshold: the threshold; last resort, as it changes when neurons fire.

    Examples:
        >>> Scaling(clip_lower_bound=True).follows_rule
        False
    """

    clip_weights: bool = False
    clip_lower_bound: bool = False
    clip_threshold: bool = False

    @property
    def follows_rule(self) -> bool:
        """Whether nothing may be clipped, so that the scale is the documented one."""
        return not (self.clip_weights or self.clip_lower_bound or self.clip_threshold)


RULE = Scaling()
"""The documented rule."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerFloats:
    """Parameters of a layer that share one scale.

    Args:
        weight: weights, with the factor for averages computed as sums.
        bias: biases, or None.
        threshold: membrane value at which a neuron fires.
        lower_bound: value below which the membrane cannot fall, or None.
    """

    weight: np.ndarray
    bias: np.ndarray | None
    threshold: float
    lower_bound: float | None

    @property
    def weights(self) -> np.ndarray:
        """Weights and biases in one axis."""
        parts = [self.weight.ravel()] + ([] if self.bias is None else [self.bias.ravel()])
        return np.concatenate(parts)


def largest_scale(values: np.ndarray, bits: int) -> np.float32:
    """Return the largest factor that keeps all values within so many bits; infinite for zeros.

    Examples:
        >>> float(largest_scale(np.array([-1.0, 0.5], np.float32), 8))
        128.0
    """
    low, high = (np.float32(bound) for bound in signed_range(bits))
    least, most = np.float32(values.min()), np.float32(values.max())
    if abs(least) <= abs(most) * abs(low / high):
        return np.float32(np.inf) if most == 0 else np.float32(abs(high / most))
    return np.float32(abs(low / least))


def limit(floats: LayerFloats, spec: SpeckSpec, scaling: Scaling) -> np.float32:
    """Return the largest scale at which no part leaves its range that may not be clipped."""
    found = np.float32(np.inf)
    if not scaling.clip_weights:
        found = min(found, largest_scale(floats.weight, spec.weight_bits))
        if floats.bias is not None:
            found = min(found, largest_scale(floats.bias, spec.weight_bits))
    states = [0.0]
    if floats.lower_bound is not None and not scaling.clip_lower_bound:
        states.append(floats.lower_bound)
    if not scaling.clip_threshold:
        states.append(floats.threshold)
    return min(found, largest_scale(np.array(states, np.float32), spec.state_bits))


def choose_scale(floats: LayerFloats, spec: SpeckSpec, scaling: Scaling) -> np.float32:
    """Return the scale of a layer.

    Args:
        floats: its parameters.
        spec: the chip.
        scaling: what may be clipped.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> one = np.ones((1, 1, 1, 1), np.float32)
        >>> floats = LayerFloats(weight=one, bias=None, threshold=1.0, lower_bound=-32768.0)
        >>> options = (RULE, Scaling(clip_lower_bound=True))
        >>> [round(float(choose_scale(floats, SPECK2F, option))) for option in options]
        [1, 1]
        >>> floats = LayerFloats(weight=one * 0.3, bias=None, threshold=1.0, lower_bound=-32768.0)
        >>> [float(choose_scale(floats, SPECK2F, option)) > 100 for option in options]
        [False, True]
    """
    joint = limit(floats, spec, RULE)
    if scaling.follows_rule or not np.isfinite(joint):
        return joint
    most = min(limit(floats, spec, scaling), joint * np.float32(2**OCTAVES))
    steps = np.arange(OCTAVES * STEPS_AN_OCTAVE) / STEPS_AN_OCTAVE
    scales = (joint * np.exp2(steps)).astype(np.float32)
    scales = np.append(scales[scales <= most], most)
    errors = [rounding_error(floats, spec, scale) for scale in scales]
    return np.float32(scales[int(np.argmin(errors))])


def rounding_error(floats: LayerFloats, spec: SpeckSpec, scale: np.float32) -> float:
    """Return the error E of the integers at a scale, as the module defines it."""
    weights = floats.weights.astype(np.float64)
    kept = to_integers(floats.weights, scale, spec.weight_range) / float(scale)
    size = float((weights**2).sum())
    lost = float(((weights - kept) ** 2).sum()) / size if size else 0.0
    threshold = to_integers(np.array(floats.threshold, np.float32), scale, spec.state_range)
    return lost + float(1 - threshold / (float(scale) * floats.threshold)) ** 2


def to_integers(values: np.ndarray, scale: np.float32, bounds: tuple[int, int]) -> np.ndarray:
    """Return values times scale, rounded half to even, clipped to bounds."""
    return np.clip(np.rint(values * scale), *bounds)
