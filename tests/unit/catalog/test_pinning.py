"""Pins of a hybrid model: a list of the profile is one value of the plan, and comes back as it was."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.pinning import used_values, with_values
from planner.domain.architecture import LanguageModel
from planner.errors import ProfileError


def test_a_pattern_and_an_encoder_are_pinned_and_come_back() -> None:
    profile = load_catalog(include_user=False).get("models", "gemma-3-27b").profile
    values = used_values("models", profile)
    assert values["architecture.pattern"] == '["5 x window", "full"]'
    changed = values | {"architecture.pattern": '["window"]', "architecture.window.window": 2048}
    del changed["architecture.encoders"]
    then = with_values("models", profile, changed, where="plan")
    assert isinstance(then, LanguageModel)
    assert then.architecture is not None
    assert (then.architecture.pattern, then.architecture.encoders) == (("window",), ())
    again = with_values("models", then, values, where="plan")
    assert isinstance(again, LanguageModel)
    assert again.architecture == profile.architecture


def test_a_pinned_list_that_is_none_is_refused() -> None:
    profile = load_catalog(include_user=False).get("models", "gemma-3-27b").profile
    values = used_values("models", profile) | {"architecture.pattern": "full"}
    with pytest.raises(ProfileError, match=r"plan: architecture\.pattern: expected a list, such as"):
        with_values("models", profile, values, where="plan")
