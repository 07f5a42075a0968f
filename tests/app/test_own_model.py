"""A model of one's own in the list of models: by its parameters, or by its config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from planner.app.dialogs.picker import Picker
from planner.app.own_model import own_model_item, typed_counts, with_typed_model
from planner.app.widgets.pick_field import PickField
from planner.errors import InputError
from planner.plans.beginning import empty_plan

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

PATH = ("model", "profile")


@pytest.mark.parametrize("text", ["", "llama", "4", "8k", "70B extra words", "70B/12B/1B", "x" * 300])
def test_a_filter_is_no_model(text: str) -> None:
    assert own_model_item(text) is None
    assert with_typed_model(empty_plan("ours"), text) is None


def test_counts_make_a_model_of_a_kind() -> None:
    assert typed_counts("120B / 12B") == (120e9, 12e9)
    item = own_model_item("120B 12B")
    assert item is not None
    assert item.title == "120B parameters, mixture, 12B active"
    plan = with_typed_model(empty_plan("ours"), "70b")
    assert plan is not None
    assert (plan.model.parameters, plan.model.active_parameters) == (70e9, None)
    with pytest.raises(InputError, match="more active parameters than all"):
        with_typed_model(empty_plan("ours"), "12B/120B")


def test_a_configuration_is_written_into_the_plan_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "vocab_size": 100}
    path.write_text(json.dumps({"model_type": "llama", "num_attention_heads": 4, **shape}), encoding="utf-8")
    item = own_model_item(str(path))
    assert item is not None
    assert item.title == "the model of config.json"
    plan = with_typed_model(empty_plan("ours"), str(path))
    assert plan is not None
    assert plan.model.architecture is not None
    assert plan.model.architecture.hidden == 64
    with pytest.raises(InputError, match="no such file"):
        with_typed_model(empty_plan("ours"), str(tmp_path / "other.json"))
    with pytest.raises(InputError, match="no such file"):
        with_typed_model(empty_plan("ours"), "~nobody-of-that-name/config.json")


async def test_parameters_that_are_typed_stand_below_the_profiles_and_are_taken(open_app: OpenApp) -> None:
    async with open_app() as user:
        user.row(PATH).control.focus()
        await user.press("enter")
        picker = await user.shown(Picker)
        picker.query_one("#filter", Input).value = "900B/90B"
        await user.until(lambda: [item.id for item in picker.matching] == ["900B/90B"])
        assert picker.matching[0].title == "900B parameters, mixture, 90B active"
        await user.press("enter")
        await user.until(lambda: user.planning.session.plan.model.parameters == 900e9)
        assert user.planning.session.plan.model.profile is None
        field = user.row(PATH).control
        assert isinstance(field, PickField)
        assert "900B parameters" in f"{field.shown}{field.placeholder}"
