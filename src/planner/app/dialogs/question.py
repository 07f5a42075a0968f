"""A question with a few answers, each with its key: unsaved work, conflicts, drafts, changed profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from planner.app.drawing.pieces import Lines
from planner.app.layer import Dialog

#: A question that nobody asked for takes no answer for so long: somebody may be typing.
PAUSE_S = 0.4


@dataclass(frozen=True)
class Answer:
    """One way to go on."""

    id: str
    title: str
    #: the letter that chooses it
    key: str


CANCEL = Answer("cancel", "Cancel", "c")
#: Of a file that somebody else changed.
KEEP_MINE = Answer("mine", "Keep mine", "m")


class Question(Dialog[str]):
    """Asks, and returns the id of the answer; Esc is always `cancel`."""

    decides = True
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('cancel')", "Cancel", show=False),
        Binding("left", "app.focus_previous", "Previous", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("up", "scroll('up')", "Up", show=False),
        Binding("down", "scroll('down')", "Down", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", show=False),
        Binding("pagedown", "scroll('page_down')", "Page down", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: str | Callable[[int], Lines],
        answers: tuple[Answer, ...],
        *,
        comes_unasked: bool = False,
        must_be_answered: bool = False,
    ) -> None:
        super().__init__()
        self.question_title = title
        self.text = text
        self.answers = answers
        self.takes_answers = not comes_unasked
        #: whoever would leave the app over it is reminded of it
        self.must_be_answered = must_be_answered
        self.set_class(callable(text), "drawn")

    def compose(self) -> ComposeResult:
        """Lay out the text and a button for each answer; long texts scroll, the buttons stay."""
        with Vertical(classes="dialog question") as dialog:
            dialog.border_title = Content(self.question_title)
            with VerticalScroll(classes="dialog-scroll", can_focus=False):
                yield Static("" if callable(self.text) else self.text, markup=False, classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                for answer in self.answers:
                    label = Content.assemble(f"{answer.title} ", (f"({answer.key})", "$quiet"))
                    yield Button(label, id=f"answer-{answer.id}", compact=True)

    def on_mount(self) -> None:
        """Offer the first answer."""
        self.call_after_refresh(self.draw)
        if self.takes_answers:
            self.take_answers()
        else:
            self.set_timer(PAUSE_S, self.take_answers)

    def take_answers(self) -> None:
        """Let the keys answer."""
        self.takes_answers = True
        self.query(Button).first().focus()

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw a text that is made for its width."""
        if callable(self.text):
            shown = self.query_one(".dialog-text", Static)
            shown.update(Content("\n").join(self.text(max(20, shown.content_size.width))))

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        if not self.takes_answers:
            event.stop()
            event.prevent_default()
            return
        for answer in self.answers:
            if event.key == answer.key:
                event.stop()
                self.dismiss(answer.id)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Choose by button."""
        event.stop()
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def holds_back(self) -> bool:
        """Stay, where it must be answered before anything is left."""
        if self.must_be_answered:
            self.app.bell()
        return self.must_be_answered

    def withdraw(self) -> AwaitComplete:
        """Leave things as they are, as Esc does."""
        return self.dismiss(CANCEL.id)

    def action_answer(self, answer: str) -> None:
        """Answer."""
        if self.takes_answers:
            self.dismiss(answer)

    def action_scroll(self, where: str) -> None:
        """Scroll a long text; where all of it shows, go from answer to answer."""
        scroll = self.query_one(VerticalScroll)
        if scroll.max_scroll_y == 0:
            self.app.action_focus_next() if where.endswith("down") else self.app.action_focus_previous()
            return
        getattr(scroll, f"action_{'scroll_' if '_' not in where else ''}{where}")()
