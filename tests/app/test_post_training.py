"""Plans of post-training in the app: the two that ship, opened with the engine and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planner.app.app import PlannerApp, open_session
from planner.app.estimating import EngineEstimator
from planner.app.shelf import Shelf
from planner.app.widgets.drawn import Drawn
from planner.catalog.catalog import Catalog
from planner.plans.shipped import shipped_plans_folder

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("grpo-qwen3-30b-a3b-h100", ("32 generate and learn in turns", "decoding", "overhead")),
        ("grpo-qwen3-32b-910c-h100", ("64 generate, 32 learn", "rollout waits", "ascend generates")),
    ],
)
async def test_a_shipped_plan_shows_a_step_as_a_timeline(
    open_app: OpenApp, shipped: Catalog, name: str, shown: tuple[str, ...]
) -> None:
    shelf = Shelf(lambda: shipped)
    session = open_session(shipped_plans_folder() / f"{name}.toml")
    app = PlannerApp(session, EngineEstimator(shelf), shelf)
    async with open_app(app, size=(160, 60)) as user:
        await user.settled()
        drawn = user.planning.query_one("#panels", Drawn).drawn_lines
        text = "\n".join(line.plain for line in drawn)
        assert "STEP OF POST-TRAINING" in text
        for part in shown:
            assert part in text
