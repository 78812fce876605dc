"""Words of a layer, as addresses are laid out."""

from devices.speck.chip import SPECK2C_MINI, SPECK2F
from devices.speck.core_words import Words


def test_the_largest_seven_by_seven_kernel_just_fits() -> None:
    words = Words.of((10, 16, 7, 7), (10, 1, 1), has_bias=True)
    assert (words.kernel, words.neuron, words.bias) == (16 * 1024, 10, 10)
    assert words.candidates(SPECK2F) == list(range(9))


def test_a_layer_with_biases_has_two_cores_of_a_mini_chip() -> None:
    words = Words.of((10, 2, 3, 3), (10, 8, 8), has_bias=True)
    assert words.candidates(SPECK2C_MINI) == [3, 4]
    assert words.candidates(SPECK2F) == list(range(9))
