"""What the program said of runs before any fit had seen them: a record that is never computed anew."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from planner.domain.base import Model, SafeText
from planner.domain.ranges import Range
from planner.domain.run import RunId

Rate = Annotated[float, Range(1e-9, 1e30, "a run that trains has a rate")]


class FirstPrediction(Model):
    """Tokens per second and chip of one run, published or measured, and as first predicted."""

    run: RunId
    published: Rate
    predicted: Rate
    #: ends of the 80 % band
    low: Rate
    high: Rate

    @model_validator(mode="after")
    def _band_holds(self) -> Self:
        if not self.low < self.predicted < self.high:
            raise ValueError(
                f"predicted {self.predicted:g} is outside {self.low:g} to {self.high:g}; expected it inside"
            )
        return self


class Round(Model):
    """Runs that were predicted together, and under which constants."""

    text: SafeText
    predictions: tuple[FirstPrediction, ...] = Field(min_length=1, max_length=10_000)


class FirstPredictions(Model):
    """`profiles/first_predictions.toml`."""

    introduction: SafeText
    round: tuple[Round, ...] = Field(default=(), max_length=1_000)

    @model_validator(mode="after")
    def _runs_differ(self) -> Self:
        seen: set[str] = set()
        for prediction in self.predictions:
            if prediction.run in seen:
                raise ValueError(f"run '{prediction.run}' stands here twice; expected its first prediction")
            seen.add(prediction.run)
        return self

    @property
    def predictions(self) -> tuple[FirstPrediction, ...]:
        """Return the predictions of all rounds, in their order."""
        return tuple(prediction for entry in self.round for prediction in entry.predictions)
