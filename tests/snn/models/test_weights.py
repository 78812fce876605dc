import torch

from snn.models.weights import scaled_linear


def test_weights_spread_as_he_et_al_say_and_follow_the_seed() -> None:
    torch.manual_seed(0)
    layer = scaled_linear(400, 300)
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert abs(float(layer.weight.detach().std()) / (2 / 400) ** 0.5 - 1) < 0.02
    torch.manual_seed(0)
    scaled = scaled_linear(400, 300, torch.linspace(0.1, 1.0, 300))
    torch.testing.assert_close(scaled.weight, layer.weight * torch.linspace(0.1, 1.0, 300)[:, None])
    assert scaled.weight.requires_grad
