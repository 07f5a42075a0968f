"""A question with a few answers, each with its key: unsaved work, conflicts, drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


@dataclass(frozen=True)
class Answer:
    """One way to go on."""

    id: str
    title: str
    #: the letter that chooses it
    key: str


CANCEL = Answer("cancel", "Cancel", "c")


class Question(ModalScreen[str]):
    """Asks, and returns the id of the answer; Esc is always `cancel`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('cancel')", "Cancel", show=False),
        Binding("left,up", "app.focus_previous", "Previous", show=False),
        Binding("right,down", "app.focus_next", "Next", show=False),
    ]

    def __init__(self, title: str, text: str, answers: tuple[Answer, ...]) -> None:
        super().__init__()
        self.question_title = title
        self.text = text
        self.answers = answers

    def compose(self) -> ComposeResult:
        """Lay out the text and a button for each answer."""
        with VerticalScroll(classes="dialog", can_focus=False) as dialog:
            dialog.border_title = self.question_title
            yield Static(Content(self.text), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                for answer in self.answers:
                    label = Content.assemble(f"{answer.title} ", (f"({answer.key})", "$quiet"))
                    yield Button(label, id=f"answer-{answer.id}", compact=True)

    def on_mount(self) -> None:
        """Offer the first answer."""
        self.query(Button).first().focus()

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        for answer in self.answers:
            if event.key == answer.key:
                event.stop()
                self.dismiss(answer.id)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Choose by button."""
        event.stop()
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def action_answer(self, answer: str) -> None:
        """Answer."""
        self.dismiss(answer)
