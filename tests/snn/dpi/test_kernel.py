from snn.dpi.kernel import DpiVariant, backward_kernel, forward_kernel


def test_kernels_are_made_once_a_variant() -> None:
    assert forward_kernel(True, False) is forward_kernel(True, False)
    variant = DpiVariant(recurrent=True, detached=True, surrogate=0, learns=False, double=True)
    assert backward_kernel(variant) is backward_kernel(variant)
