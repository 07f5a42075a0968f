"""What lies on the stack of screens: left once, only from the top, and deaf to what comes after that."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from textual import events
from textual._styles_cache import StylesCache
from textual._time import get_time
from textual.await_complete import AwaitComplete
from textual.geometry import Offset, Size
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.worker import Worker

from planner.app.compositor import ChangesCompositor
from planner.app.messages import LayerChanged, LayerLeft

Result = TypeVar("Result")
Answer = TypeVar("Answer")

#: Events whose handlers ask for parts, or act: nobody wants them of a screen that is gone.
_TOO_LATE = (events.Mount, events.Resize, events.Click, events.Key, events.Timer)


def set_own_class(widget: Widget, name: str, is_set: bool) -> None:
    """Give a widget a class that changes no other's looks: Textual would style all that it holds anew."""
    if widget.has_class(name) != is_set:
        widget.set_class(is_set, name, update=False)
        widget.app.stylesheet.update_nodes([widget])


class Layer(Screen[Result]):
    """A screen or dialog that survives keys and clicks which come faster than screens change.

    Keys and clicks wait in queues, so that those meant for a dialog still come after it was left, and those
    meant for a screen after something was put over it. Both are dropped here, for all screens alike.
    """

    #: what the app is left from: nothing of it lies below
    is_ground = False
    #: it was dismissed: its parts may be gone
    is_left = False
    #: it has been on top
    was_on_top = False
    #: something in it had the focus
    is_ready = False

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = ChangesCompositor()
        #: the flow of each group that was begun last
        self.flows: dict[str, Coroutine[Any, Any, object]] = {}
        #: on the clock of events
        self.made_at = get_time()
        #: what makes lists, how many are still to come, and when somebody asked for them
        self.list_maker: Worker[object] | None = None
        self.lists_to_come = 0
        self.list_asked_at = 0.0

    def take_breakpoints(self) -> None:
        """Take the classes of the terminal's size before there are parts: styling them anew is slow."""
        width, height = self.app.size
        for breakpoints, cells in ((self.HORIZONTAL_BREAKPOINTS, width), (self.VERTICAL_BREAKPOINTS, height)):
            reached = [name for least, name in breakpoints or () if least <= cells]
            self.add_class(*reached[-1:], update=False)

    def _screen_resized(self, size: Size) -> None:
        # each screen is told of one size several times, by itself too: Textual would lay out all of it again
        if size != self._compositor.size:
            super()._screen_resized(size)

    def panes(self) -> Iterable[Widget]:
        """Return the parts of which the one that has the focus is marked, by the class `-focused`."""
        return ()

    def mark_pane(self) -> None:
        """Mark the pane that has the focus: `:focus-within` would style all that it holds with every Tab."""
        here = [] if self.focused is None else self.focused.ancestors_with_self
        for pane in self.panes():
            set_own_class(pane, "-focused", pane in here)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:  # noqa: ARG002 - others use it
        """Let the mark follow the focus."""
        self.mark_pane()

    def on_descendant_blur(self) -> None:
        """Mark no pane where nothing has the focus."""
        if self.focused is None:
            self.mark_pane()

    @property
    def is_on_top(self) -> bool:
        """Whether somebody can mean this one by what they do now; nothing is, once the app is being left."""
        return not self.is_left and self.is_active and self.app.return_code is None

    @property
    def is_over(self) -> bool:
        """Whether its parts are gone, or about to go."""
        return self.is_left or not self.is_attached

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave once, and only from the top: whatever lies there else was not meant."""
        if not self.is_on_top:
            return AwaitComplete()
        self.is_left = True
        return super().dismiss(result)

    def give_way(self, screen: Screen[Any]) -> None:
        """Show another screen in this one's place, where this one is on top."""
        if self.is_on_top:
            self.is_left = True
            self.app.switch_screen(screen)

    def holds_back(self) -> bool:
        """Whether somebody is asked first what becomes of what they did here: then nothing is left yet."""
        return False

    def withdraw(self) -> AwaitComplete:
        """Leave with no answer, as Esc does."""
        return self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do nothing while something else lies on top, or before all parts are there."""
        return super().check_action(action, parameters) if self.is_on_top and self.is_mounted else False

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what text of which widget is at a place; one that has gone may still be painted there."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is not None and widget.is_attached else (None, None)

    def put_over(
        self, layer: Screen[Answer], on_answer: Callable[[Answer | None], None] | None = None
    ) -> None:
        """Put another screen over this one, unless one lies there already."""
        if self.is_on_top:
            self.app.push_screen(layer, on_answer)

    async def answer_of(self, dialog: Screen[Answer]) -> Answer:
        """Put a dialog over this screen and return what it is answered."""
        if isinstance(dialog, Dialog) and dialog.is_for_typing:
            self.lists_to_come = max(0, self.lists_to_come - 1)
        return await self.app.push_screen_wait(dialog)

    async def choose_from(self, picker: Screen[Answer]) -> Answer | None:
        """Put a list over this screen and return what is chosen.

        It is nothing where somebody left, or put something over the screen, while the list was being made:
        nobody waits for it any more; nor where the screen is gone once something is chosen.
        """
        if not self.is_on_top:
            return None
        chosen = await self.answer_of(picker)
        return None if self.is_over else chosen

    def run_flow(self, group: str, flow: Coroutine[Any, Any, object], *, lists: int = 0) -> None:
        """Run what takes several steps; another one of its group ends.

        While something lies on top nothing begins: the flow that waits for its answer would be ended.
        `lists` is how many lists, or other dialogs that are typed into, it puts over the screen one after the
        other: while one is being made, what is typed waits for it.
        """
        if not self.is_on_top:
            flow.close()
            return
        before = self.flows.get(group)
        if before is not None and inspect.getcoroutinestate(before) == inspect.CORO_CREATED:
            # asked for a moment ago and not begun; Python would complain of what is never awaited
            before.close()
        self.flows[group] = flow
        worker = self.run_worker(flow, group=group, exclusive=True)
        if lists:
            self.list_maker, self.lists_to_come, self.list_asked_at = worker, lists, get_time()

    @property
    def awaits_list(self) -> bool:
        """Whether a list is being made that is to lie over this screen."""
        is_made = self.lists_to_come > 0 and self.list_maker is not None and not self.list_maker.is_finished
        return is_made and self.is_on_top

    def take_back_list(self) -> None:
        """Make no list that is not there yet."""
        self.lists_to_come = 0
        if self.list_maker is not None:
            self.list_maker.cancel()

    def on_worker_state_changed(self) -> None:
        """Let the app know that a list comes no more."""
        self.app.post_message(LayerChanged())

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """Let the app know that there is something to type into."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        if self.focused is not None and not self.is_ready:
            self.is_ready = True
            self.app.post_message(LayerChanged())

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Call something once everything is drawn, unless this was left by then."""

        def call() -> Any:
            return None if self.is_over else callback(*args, **kwargs)

        return super().call_after_refresh(call)

    async def _dispatch_message(self, message: Message) -> None:
        # Textual's one place for all that a screen hears; each handler would have to ask for itself else
        is_said_by_widget = message.bubble and not isinstance(message, events.Event)
        if self.is_over and (is_said_by_widget or isinstance(message, _TOO_LATE)):
            return
        if isinstance(message, events.Resize) and message.size != self.app.size:
            # Textual tells each screen of each size, and each tells those below it and itself: two sizes one
            # after the other would follow each other for ever
            return
        if isinstance(message, events.ScreenResume) and self.was_on_top:
            # Textual keeps sizes by their widgets' caches, a thousand of them with all lines of screens left
            StylesCache.get_inner_outer.cache_clear()
            self.app.post_message(LayerLeft())
        elif isinstance(message, events.ScreenResume):
            # each part was styled as it came; the style sheet of this may have been read after it was made
            message.refresh_styles = False
            self.app.stylesheet.update_nodes([self])
            self.was_on_top = True
        if isinstance(message, events.ScreenResume):
            # what was typed for a dialog that is gone, or for what this lies over, has no place here
            self.app.post_message(LayerChanged())
        await super()._dispatch_message(message)


# in this order: Textual takes the style sheets of the first base alone
class Dialog(ModalScreen[Result], Layer[Result]):
    """What lies over a screen until it is answered or closed."""

    #: what was typed before it was there is meant for it
    is_for_typing = False
    #: its keys decide something: none that was typed before it was there does
    decides = False
