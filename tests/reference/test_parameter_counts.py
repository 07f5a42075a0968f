"""Parameter counts of every shipped model against what was published or counted in its weights."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from planner.catalog.architecture import architecture_inputs, architecture_of
from planner.catalog.runs import load_runs
from planner.domain.architecture import Architecture, LanguageModel
from planner.domain.evidence import value_of
from planner.engine.architecture import ParameterCounts, parameter_counts
from planner.errors import ProfileError

PROFILES = Path(__file__).parents[2] / "profiles"
FILES = sorted((PROFILES / "models").glob("*.toml"))
ALL = [path.stem for path in FILES]
MODELS = [path.stem for path in FILES if "inexpressible_because" not in path.read_text(encoding="utf-8")]

#: Counted in the released weights; kept here as well, so that a profile and its figure cannot drift together.
COUNTED = {
    "bloom-176b": 176_247_271_424,
    "deepseek-v2": 235_741_434_880,
    "deepseek-v3": 671_026_419_200,
    "falcon-180b": 179_522_565_120,
    "glm-4-9b": 9_399_951_360,
    "gpt-oss-120b": 116_829_156_672,
    "kimi-k2": 1_026_408_232_448,
    "llama-2-7b": 6_738_415_616,
    "llama-3-8b": 8_030_261_248,
    "llama-3-70b": 70_553_706_496,
    "llama-3.1-405b": 405_853_388_800,
    "llama-3.2-1b": 1_235_814_400,
    "mixtral-8x7b": 46_702_792_704,
    "mixtral-8x22b": 140_630_071_296,
    "qwen2-72b": 72_706_203_648,
    "qwen3-235b-a22b": 235_093_634_560,
    "yi-34b": 34_388_917_248,
}
#: A shape that explains its difference is still the model's shape.
EXPLAINED_TOLERANCE = 0.02
#: Active parameters are published with two digits, so half of the last one is up to this much; a profile says
#: where it is more.
ACTIVE_TOLERANCE = 0.025
#: Models whose published parameters nobody read.
UNPUBLISHED = {"glm-5.2", "minimax-m3", "step-3.7-flash"}


@cache
def language_model(name: str) -> LanguageModel:
    """Return a shipped model."""
    return LanguageModel.model_validate(tomllib.loads((PROFILES / "models" / f"{name}.toml").read_text()))


def counts(name: str) -> ParameterCounts:
    """Return what the engine counts for a shipped model."""
    return parameter_counts(architecture_inputs(architecture_of(language_model(name))))


@pytest.mark.parametrize("name", sorted({*MODELS} - UNPUBLISHED))
def test_total_agrees_with_publication(name: str) -> None:
    """Exact where the publication is, within its rounding otherwise, or the profile says why not."""
    model = language_model(name)
    published = value_of(model.published_parameters)
    assert published is not None, f"{name} ships no published_parameters"
    difference = abs(float(counts(name).total) - published)
    if model.parameters_differ_because is None:
        assert difference <= model.parameters_rounding
    else:
        assert difference > model.parameters_rounding, f"{name} explains a difference that it does not have"
        assert difference < EXPLAINED_TOLERANCE * published


@pytest.mark.parametrize(
    "name", [name for name in MODELS if language_model(name).published_active_parameters]
)
def test_active_agrees_with_publication(name: str) -> None:
    """Publishers count a token's embedding, leave it out, or the head as well; one of the three agrees."""
    model = language_model(name)
    published = value_of(model.published_active_parameters)
    assert published is not None
    counted = counts(name)
    without = counted.active - counted.embedding
    conventions = (float(counted.active), float(without), float(without - counted.output_head))
    tolerance = model.active_parameters_rounding or ACTIVE_TOLERANCE * published
    assert min(abs(active - published) for active in conventions) <= tolerance


@pytest.mark.parametrize("name", MODELS)
def test_dense_models_use_every_parameter(name: str) -> None:
    """Active is total without experts, and less with them."""
    counted = counts(name)
    if architecture_of(language_model(name)).mixture is None:
        assert counted.active == counted.total
    else:
        assert counted.active < counted.total


@pytest.mark.parametrize(("name", "counted"), COUNTED.items())
def test_total_is_the_number_in_the_weights(name: str, counted: int) -> None:
    assert float(counts(name).total) == counted


def test_prediction_modules_stay_outside_the_total() -> None:
    """DeepSeek-V3's release holds one module; its published 671B does not count it."""
    counted = counts("deepseek-v3")
    # one mixture layer of 11.5B without the shared embedding and head, as its README gives it
    assert float(counted.prediction) == pytest.approx(11.5e9, rel=0.01)


@pytest.mark.parametrize("name", ALL)
def test_profile_is_named_as_its_file_and_its_sources_exist(name: str) -> None:
    known = {
        key
        for path in PROFILES.glob("sources*.toml")
        for key in tomllib.loads(path.read_text(encoding="utf-8"))
    }
    model = language_model(name)
    assert model.id == name
    figures = [
        model.architecture_evidence,
        model.published_parameters,
        model.published_active_parameters,
        model.training_tokens,
    ]
    rivals = model.published_parameters.rivals if model.published_parameters else ()
    named = {source for figure in (*figures, *rivals) if figure is not None for source in figure.sources}
    assert named <= known


def test_the_shapes_of_published_runs_have_the_parameters_that_were_published() -> None:
    """Names are rounded, and some leave out the embedding; a shape of another model is further off."""
    runs = [run for run in load_runs().runs if run.architecture and run.parameters_total]
    assert len(runs) > 400
    wrong = [
        run.id
        for run in runs
        if run.architecture and run.parameters_total
        if not 0.95 < total_parameters(run.architecture) / run.parameters_total < 1.05
    ]
    assert wrong == []


def total_parameters(shape: Architecture) -> float:
    return float(parameter_counts(architecture_inputs(shape)).total)


def test_shared_experts_without_a_width_are_as_wide_as_routed_ones() -> None:
    shape = architecture_of(language_model("deepseek-v3"))
    assert shape.mixture is not None
    assert (shape.mixture.shared_experts, shape.mixture.shared_width) == (1, 2048)
    bare = shape.mixture.model_copy(update={"shared_width": 0})
    assert total_parameters(shape.model_copy(update={"mixture": bare})) == COUNTED["deepseek-v3"]
    twice = bare.model_copy(update={"shared_experts": 2})
    more = 58 * 3 * 7168 * 2048
    assert total_parameters(shape.model_copy(update={"mixture": twice})) == COUNTED["deepseek-v3"] + more


@pytest.mark.parametrize("name", sorted({*ALL} - {*MODELS}))
def test_a_model_that_no_shape_is_has_its_name_and_the_reason_in_the_refusal(name: str) -> None:
    model = language_model(name)
    with pytest.raises(ProfileError, match=re.escape(f"{model.name} cannot be estimated: ")):
        architecture_of(model)
