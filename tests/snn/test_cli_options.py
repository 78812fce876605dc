import torch

from snn.cli_options import use_threads


def test_threads_are_set_where_asked() -> None:
    before = torch.get_num_threads()
    try:
        use_threads(before + 1)
        assert torch.get_num_threads() == before + 1
        use_threads(None)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
