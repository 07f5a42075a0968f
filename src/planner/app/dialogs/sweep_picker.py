"""Several values of a field: what each would come to, and under the list the days as a curve over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.widgets import OptionList

from planner.app.answers import ANSWERED, Answering
from planner.app.dialogs.answering_picker import AnsweringPicker, Answers
from planner.app.drawing.plot import Curve, Plot, Point
from planner.app.drawing.plot_axis import Axis
from planner.app.shelf import PickItem
from planner.app.widgets.plot_view import PlotView

_DAYS = ANSWERED.index("training_days")
#: Values that lie so far apart stand on a logarithmic axis.
_FAR_APART = 4.0


class SweepPicker(AnsweringPicker):
    """A list of values with a plot; the cursor is on the same value in both.

    `places` are the values as numbers, in the order of the list.
    """

    def __init__(
        self, title: str, label: str, places: Mapping[str, float], answer: Answering, *, note: str
    ) -> None:
        items = [PickItem(value, value, search=value.lower()) for value in places]
        super().__init__(title, items, answer, note=note)
        self.label = label
        self.places = places
        self.plot = PlotView(id="sweep-plot", empty="working out the days of each")
        self.plot.can_focus = False

    def on_mount(self) -> None:
        """Put the plot under the list."""
        dialog = self.query_one(".picker")
        dialog.add_class("-sweep")
        dialog.mount(self.plot)

    def hear(self, answers: Answers) -> None:
        """Show some answers, in the list and on the curve."""
        super().hear(answers)
        self.plot.show(self.days())

    def days(self) -> Plot | None:
        """Return the days over the values that are answered and can run; None while there are none."""
        found = []
        for value, at in self.places.items():
            answer = self.answers.get(value)
            days = None if answer is None else answer.values[_DAYS]
            if answer is not None and days is not None:
                found.append((at, days, value, answer))
        if not found:
            return None
        found.sort(key=lambda one: one[:2])
        xs, ys = [at for at, *_ in found], [days for _, days, *_ in found]
        points = [
            Point(value, at, days, words=f"{self.label} {value}: {'; '.join(answer.texts)} chips")
            for at, days, value, answer in found
        ]
        return Plot(_axis(self.label, xs), _axis("days", ys), [Curve("at the median", xs, ys)], points=points)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark on the plot what the cursor is on."""
        if event.option_index < len(self.matching):
            self.plot.move_to(self.matching[event.option_index].id)

    def on_plot_view_marked(self, event: PlotView.Marked) -> None:
        """Go in the list to what was clicked on the plot."""
        event.stop()
        place = next((place for place, item in enumerate(self.matching) if item.id == event.point), None)
        if place is not None:
            self.query_one("#picker-list", OptionList).highlighted = place

    def on_plot_view_chosen(self, event: PlotView.Chosen) -> None:
        """Take what was clicked twice."""
        event.stop()
        self.dismiss(event.point)


def _axis(title: str, values: Sequence[float]) -> Axis:
    return Axis(title, is_log=min(values) > 0 and max(values) / min(values) >= _FAR_APART)
