import pytest

from eventstore.errors import InvalidInput, NotFound
from snn.models import MODELS
from snn.models.inputs import check_choice, check_input, check_positive


def test_a_shape_of_other_data_names_the_recipe_that_is_needed() -> None:
    with pytest.raises(
        InvalidInput, match=r"time steps of shape \(C\), not \(2, 34, 34\)"
    ) as caught:
        check_input("spiking_mlp", (2, 34, 34), "C")
    assert "rasters of audio" in str(caught.value.hint)
    with pytest.raises(InvalidInput, match=r"\(C, H, W\), not \(64,\)") as caught:
        check_input("conv_net", (64,), "C, H, W")
    assert "frames of images" in str(caught.value.hint)


@pytest.mark.parametrize("name", sorted(["conv_net", "spiking_mlp", "synnet", "wavesense"]))
def test_every_builder_refuses_data_it_is_not_for(name: str) -> None:
    wrong = (64,) if name == "conv_net" else (2, 34, 34)
    with pytest.raises(InvalidInput, match=f"{name} takes time steps of shape"):
        MODELS[name](10, wrong)


def test_names_and_numbers_are_refused_with_the_builder() -> None:
    with pytest.raises(NotFound, match="no readout of synnet 'spike'") as caught:
        check_choice("synnet", "readout", "spike", ("spikes", "potential"))
    assert caught.value.hint == "did you mean 'spikes'?"
    with pytest.raises(InvalidInput, match=r"dt=0 of synnet is not above 0"):
        check_positive("synnet", tau=0.1, dt=0)
    with pytest.raises(InvalidInput, match="dt=nan"):
        check_positive("synnet", dt=float("nan"))
