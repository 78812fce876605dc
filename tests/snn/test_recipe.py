from pathlib import Path

import pytest

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.transforms.frames import FramesByBins
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import Recipe, load_recipe, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_package_loads_and_builds(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.about
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    recipe.build_model(10, (2, 34, 34))


def test_evaluation_leaves_augmentation_out(tiny_recipe: Recipe) -> None:
    assert tiny_recipe.evaluation_pipeline == Pipeline(FramesByBins(n_bins=4))


def test_digest_covers_everything_but_nothing_else(tiny_recipe: Recipe) -> None:
    assert tiny_recipe.digest == Recipe.from_dict(tiny_recipe.to_dict()).digest
    assert tiny_recipe.with_seed(1).digest != tiny_recipe.digest
    assert tiny_recipe.with_seed(1).training.seed == 1


def test_a_recipe_may_be_a_file(recipe_file: Path) -> None:
    assert load_recipe(str(recipe_file)).name == "mine"


def test_typos_are_answered(recipe_file: Path, tiny_recipe: Recipe) -> None:
    with pytest.raises(NotFound, match="nmnist-conv") as caught:
        load_recipe("nmnist-cnv")
    assert caught.value.hint == "did you mean 'nmnist-conv'?"
    text = recipe_file.read_text()
    recipe_file.write_text(text.replace("batch_size", "batch"))
    with pytest.raises(FormatError, match="batch_size"):
        load_recipe(str(recipe_file))
    recipe_file.write_text("name = ")
    with pytest.raises(FormatError, match="not a recipe"):
        load_recipe(str(recipe_file))
    recipe_file.write_text(text.replace("pools", "pooling"))
    with pytest.raises(InvalidInput, match="pooling"):
        load_recipe(str(recipe_file)).build_model(3, (2, 6, 8))
