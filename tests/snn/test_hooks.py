from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from snn.hooks import is_watched


def test_each_kind_of_hook_counts_until_it_is_removed() -> None:
    layer = nn.Linear(2, 1)
    assert not is_watched(layer)
    for register in (
        layer.register_forward_hook,
        layer.register_forward_pre_hook,
        layer.register_full_backward_hook,
        layer.register_full_backward_pre_hook,
    ):
        handle = register(lambda *_: None)
        assert is_watched(layer)
        handle.remove()
        assert not is_watched(layer)


def test_a_hook_on_all_modules_counts() -> None:
    handle = register_module_forward_hook(lambda *_: None)
    try:
        assert is_watched(nn.Linear(2, 1))
    finally:
        handle.remove()
    assert not is_watched(nn.Linear(2, 1))
