"""The terminal app: opens a plan on the planning screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.command import Provider
from textual.screen import ModalScreen

from planner.app.dialogs.question import Question
from planner.app.estimating import Estimator, real_estimator
from planner.app.palette import ActionProvider, PlanProvider, ProfileProvider
from planner.app.screens.planning import PlanningScreen
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.themes import PLANNER_DARK, PLANNER_LIGHT, meaning_colours
from planner.catalog.catalog import load_catalog
from planner.errors import FileError
from planner.plans.plan_file import open_plan
from planner.plans.shipped import shipped_plans_folder

#: What opens where no plan is named.
FIRST_PLAN = "pangu-ultra-135b-910b.toml"


class PlannerApp(App[int]):
    """The planner in a terminal."""

    TITLE = "planner"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        ActionProvider,
        PlanProvider,
        ProfileProvider,
    }
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, session: Session, estimator: Estimator, shelf: Shelf) -> None:
        # Textual's own answer to NO_COLOR still paints greys; an ansi theme lets it drop every colour.
        has_no_color = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if has_no_color else None)
        self.register_theme(PLANNER_DARK)
        self.register_theme(PLANNER_LIGHT)
        self.theme = "ansi-dark" if has_no_color else PLANNER_DARK.name
        self.session = session
        self.estimator = estimator
        self.shelf = shelf

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of meanings and parts, which follow the theme."""
        return meaning_colours(self.current_theme)

    async def action_quit(self) -> None:
        """Leave, after a question where work is unsaved; a dialog that asks already must be answered."""
        while isinstance(self.screen, ModalScreen):
            if isinstance(self.screen, Question):
                self.bell()
                return
            await self.screen.dismiss(None)
        while not isinstance(self.screen, PlanningScreen) and len(self.screen_stack) > 2:
            await self.pop_screen()
        if isinstance(self.screen, PlanningScreen):
            self.screen.action_quit_app()

    def on_mount(self) -> None:
        """Open the planning screen."""
        self.push_screen(PlanningScreen(self.session, self.estimator, self.shelf))


def open_session(plan_path: Path | None) -> Session:
    """Return a session on a plan file; without one, on the plan that the program ships first.

    Raises
    ------
    FileError, PlanError
        Where the plan cannot be opened.
    """
    path = plan_path if plan_path is not None else shipped_plans_folder() / FIRST_PLAN
    if not path.exists():
        raise FileError(f"{path}: no such file")
    opened = open_plan(path)
    session = Session(opened.plan)
    session.open(opened)
    return session


def run_app(plan_path: Path | None, profile_folders: Sequence[Path]) -> int:
    """Open the app on a plan and return the exit code once it is left.

    Raises
    ------
    FileError, PlanError
        Where the plan cannot be opened; nothing is shown then.
    """
    session = open_session(plan_path)
    shelf = Shelf(lambda: load_catalog(profile_folders))
    app = PlannerApp(session, real_estimator(shelf), shelf)
    return app.run() or 0
