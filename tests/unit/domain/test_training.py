"""The recipe of a training: what goes together, and what is refused with what was expected."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from planner.domain.training import TrainingRecipe
from planner.engine.training_options import LOSSES, METHODS, OFFLOADS, OPTIMIZERS


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({"lora_rank": 16}, "expected method = 'lora' or 'qlora'"),
        ({"method": "full", "lora_targets": "all"}, "expected method = 'lora' or 'qlora'"),
        ({"optimizer": "adamw-8bit", "state_dtype": "fp32"}, "has states of its own"),
        ({"offload_share": 0.5}, "expected offload = 'activations' or 'all'"),
        ({"offload": "optimizer", "offload_share": 0.5}, "expected offload = 'activations' or 'all'"),
        ({"optimizer": "shampoo"}, "Input should be"),
    ],
)
def test_what_does_not_go_together_is_refused(recipe: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        TrainingRecipe.model_validate(recipe)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_option_is_read(method: str, optimizer: str) -> None:
    for offload in OFFLOADS:
        for loss in LOSSES:
            recipe = {"method": method, "optimizer": optimizer, "offload": offload, "loss": loss}
            assert TrainingRecipe.model_validate(recipe).offload == offload


def test_every_option_says_what_it_is_and_where_that_was_read() -> None:
    for table in (METHODS, OPTIMIZERS, OFFLOADS, LOSSES):
        for record in table.values():
            assert record.words
            assert record.citation
