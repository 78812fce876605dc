import torch
from torch import nn

from snn.layers import IAF
from snn.passage import Passage, innermost, pass_through


def test_modules_without_memory_see_all_time_steps_at_once() -> None:
    seen: list[torch.Size] = []
    module = nn.Flatten()
    module.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    x = torch.rand(2, 3, 4, 5)
    passage = pass_through("flat", module, x)
    assert seen == [torch.Size([6, 4, 5])]
    assert torch.equal(passage.y, x.flatten(2))
    assert (passage.name, passage.state, passage.inner) == ("flat", None, ())


def test_layers_with_memory_go_on_where_they_ended() -> None:
    layer, x = IAF(spike_threshold=3.0), torch.rand(2, 7, 4)
    first = pass_through("iaf", layer, x[:, :4])
    rest = pass_through("iaf", layer, x[:, 4:], first.state)
    assert torch.equal(torch.cat([first.y, rest.y], 1), layer(x))
    assert torch.equal(rest.state.v_mem, layer.run(x)[1].v_mem)


def test_passages_within_others_are_named_by_their_way() -> None:
    def passage(name: str, *inner: Passage) -> Passage:
        return Passage(name, nn.Identity(), torch.zeros(1, 1), torch.zeros(1, 1), None, inner)

    deep = [passage("a"), passage("b", passage("c"), passage("d", passage("e")))]
    assert [p.name for p in innermost(deep)] == ["a", "b.c", "b.d.e"]
