"""From a plan's names to shapes: what an encoder makes of the tokens, and models that no shape is."""

from __future__ import annotations

from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.planning.resolve import ResolvedPlan, resolve


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def resolved(catalog: Catalog, model: str, **workload: Any) -> ResolvedPlan:
    plan = {
        "name": "one",
        "model": {"profile": model},
        "workload": {"tokens": "1T", **workload},
        "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 16}]},
    }
    return resolve(Plan.model_validate(plan), catalog)


def test_the_plan_says_what_share_of_the_tokens_an_encoder_makes(catalog: Catalog) -> None:
    def shares(**workload: Any) -> list[float]:
        found = resolved(catalog, "gemma-3-27b", **workload)
        return [encoder.tokens_share for encoder in found.architecture.encoders]

    assert shares() == [0]
    assert shares(encoded_share=0.3) == [0.3]
    with pytest.raises(
        PlanError, match=r"workload\.encoded_share = 0\.3: the model has 0 encoders; expected"
    ):
        resolved(catalog, "llama-3-8b", encoded_share=0.3)


def test_a_model_that_no_shape_is_is_refused_by_name(catalog: Catalog) -> None:
    message = (
        r"model\.profile = 'deepseek-v4-pro': DeepSeek-V4-Pro cannot be estimated: its attention is over"
    )
    with pytest.raises(PlanError, match=message):
        resolved(catalog, "deepseek-v4-pro")
