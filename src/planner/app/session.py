"""What is being worked on: the plan, where it lies, what was saved, undo, and the pinned baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from planner.plans.drafts import SessionDrafts

if TYPE_CHECKING:
    from planner.app.browsing import Browsing
    from planner.app.evidence import Evidence
    from planner.app.exploration import Exploration
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate
    from planner.plans.plan_file import FileState, OpenedPlan

UNDO_LIMIT = 200


@dataclass(frozen=True)
class Change:
    """One step of the history: what was done, and the whole plan before and after it."""

    title: str
    #: edits of the same field one after the other become one step
    key: str
    before: Plan
    after: Plan


@dataclass(frozen=True)
class Baseline:
    """The plan and estimate that later estimates are held against."""

    name: str
    estimate: Estimate
    #: what was estimated; None only where nobody will ask for it again
    plan: Plan | None = None


@dataclass
class Session:
    """The current plan and its history. No widget is known here."""

    #: the plan that somebody opened or began; None: nobody has
    begun: Plan | None = None
    path: Path | None = None
    file_state: FileState | None = None
    saved_plan: Plan | None = None
    #: the file holds remarks written by hand, which a rewrite loses
    has_comments: bool = False
    baseline: Baseline | None = None
    estimate: Estimate | None = None
    #: the plan that the estimate is of
    estimated_plan: Plan | None = None
    undo_steps: list[Change] = field(default_factory=list)
    redo_steps: list[Change] = field(default_factory=list)
    #: files that were put beside the plan on the comparison's screen
    compared_paths: list[Path] = field(default_factory=list)
    #: what was typed into the claim checker
    claim_texts: dict[str, str] = field(default_factory=dict)
    #: what was looked at among the profiles
    browsing: Browsing | None = None
    #: what was predicted of published runs
    evidence: Evidence | None = None
    #: what the fields of the start screen say
    first_plan: Plan | None = None
    #: what was found out about the plan's sizes, systems and inputs
    exploration: Exploration | None = None
    #: the logs of its run, or the folder that holds them
    tracked: Path | None = None
    #: plans without a file that were put beside this one, by what they are called
    compared_plans: dict[str, Plan] = field(default_factory=dict)
    #: what a crash would leave of it
    drafts: SessionDrafts = field(default_factory=SessionDrafts)

    @property
    def plan(self) -> Plan:
        """The plan that is worked on; one that says nothing where nobody began one."""
        if self.begun is not None:
            return self.begun
        from planner.plans.beginning import blank_plan  # noqa: PLC0415 - the start screen shows without

        return blank_plan()

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self.begun = plan

    @property
    def is_dirty(self) -> bool:
        """Whether closing now would lose work."""
        return self.begun is not None and (self.saved_plan is None or self.begun != self.saved_plan)

    def unsaved(self) -> tuple[Path | None, Plan | None]:
        """Return the file, and the plan where closing now would lose work."""
        return self.path, self.plan if self.is_dirty else None

    def open(self, opened: OpenedPlan) -> None:
        """Work on the plan of a file; its history starts afresh, the baseline stays."""
        self.start(opened.plan)
        self.path = opened.path
        self.file_state = opened.state
        self.saved_plan = opened.plan
        self.has_comments = opened.has_comments

    def start(self, plan: Plan) -> None:
        """Work on a plan that has no file yet."""
        self.plan = plan
        self.path = None
        self.file_state = None
        self.saved_plan = None
        self.has_comments = False
        self.estimate = self.estimated_plan = None
        self.undo_steps.clear()
        self.redo_steps.clear()

    def clear(self) -> None:
        """Work on nothing: on a plan that says nothing, which nobody would miss."""
        from planner.plans.beginning import blank_plan  # noqa: PLC0415 - as above

        self.start(blank_plan())
        self.saved_plan = self.plan

    def mark_saved(self, plan: Plan, path: Path, file_state: FileState) -> None:
        """Remember what now lies on disk; what was edited since then stays unsaved."""
        if self.plan.model_copy(update={"pins": plan.pins, "as_of": plan.as_of}) == plan:
            self.plan = plan
        self.path = path
        self.file_state = file_state
        self.saved_plan = plan
        self.has_comments = False

    def edit(self, plan: Plan, title: str, key: str) -> bool:
        """Take a changed plan; return whether it differs from the current one."""
        if plan == self.plan:
            return False
        last = self.undo_steps[-1] if self.undo_steps else None
        if last is not None and last.key == key and key:
            self.undo_steps[-1] = Change(title, key, last.before, plan)
        else:
            self.undo_steps.append(Change(title, key, self.plan, plan))
            del self.undo_steps[:-UNDO_LIMIT]
        self.redo_steps.clear()
        self.plan = plan
        return True

    def before_step(self, key: str) -> Plan:
        """Return the plan as it was before the step that an edit of `key` would go on with."""
        last = self.undo_steps[-1] if self.undo_steps else None
        return last.before if last is not None and key and last.key == key else self.plan

    def end_step(self) -> None:
        """Let the next edit of the same field be a step of its own."""
        if self.undo_steps:
            last = self.undo_steps[-1]
            self.undo_steps[-1] = Change(last.title, "", last.before, last.after)

    def undo(self) -> Change | None:
        """Go one step back; None where there is none."""
        if not self.undo_steps:
            return None
        change = self.undo_steps.pop()
        self.redo_steps.append(change)
        self.plan = change.before
        self.end_step()
        return change

    def redo(self) -> Change | None:
        """Go one step forward again; None where there is none."""
        if not self.redo_steps:
            return None
        change = self.redo_steps.pop()
        self.undo_steps.append(Change(change.title, "", change.before, change.after))
        self.plan = change.after
        return change
