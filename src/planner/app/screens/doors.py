"""What opens the same way wherever somebody is: claims, profiles, evidence, themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

from planner.app.layer import Layer
from planner.app.session import Session
from planner.app.shelf import Shelf


class Grounds(Protocol):
    """The app, as screens ask it for another one in their place."""

    def show_start(self) -> None:
        """Show the start screen."""

    def show_plan(self, *, ranks: bool = False) -> None:
        """Show the session's plan, and with `ranks` straight the systems that meet its targets."""


class Doors(Layer[None]):
    """A screen from which the others are opened; each is read when first asked for."""

    is_ground = True

    def __init__(self, session: Session, shelf: Shelf) -> None:
        super().__init__()
        self.session = session
        self.shelf = shelf

    @property
    def grounds(self) -> Grounds:
        """Whoever shows another screen in place of this one."""
        return cast("Grounds", self.app)

    def action_check_claim(self) -> None:
        """Judge a claim."""
        from planner.app.screens.claim import ClaimScreen  # noqa: PLC0415 - read when first asked for

        self.put_over(ClaimScreen(self.session, self.shelf))

    def open_profiles(
        self, known_plans: Callable[[], list[Path]], use: Callable[[tuple[str, str] | None], None]
    ) -> None:
        """Look at the profiles; `use` hears kind and id of one that is to be used."""
        from planner.app.browsing import Browsing  # noqa: PLC0415 - as above
        from planner.app.screens.profiles import ProfilesScreen  # noqa: PLC0415 - as above

        self.session.browsing = self.session.browsing or Browsing()
        self.put_over(ProfilesScreen(self.session.browsing, self.shelf, known_plans), use)

    def action_show_evidence(self) -> None:
        """Look at the published runs beside what is predicted of them."""
        from planner.app.evidence import Evidence  # noqa: PLC0415 - as above
        from planner.app.screens.evidence import EvidenceScreen  # noqa: PLC0415 - as above

        self.session.evidence = self.session.evidence or Evidence()
        self.put_over(EvidenceScreen(self.session, self.session.evidence, self.shelf))

    def action_choose_theme(self) -> None:
        """Choose among the themes."""
        from planner.app.flows.theme import pick_theme  # noqa: PLC0415 - as above

        self.run_flow("pick", pick_theme(self), lists=1)
