"""What layouts people run: how much each choice is worth to them, in step time, fitted on published runs."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from planner.domain.base import Model, SafeText
from planner.domain.evidence import Evidence
from planner.domain.ranges import Range

#: Of a logarithm of step time: 0.1 is worth a step that is ten percent shorter.
Worth = Annotated[float, Range(-5, 5, "a choice worth a hundred times the step is a slip")]
_Worths = Annotated[tuple[Worth, ...], Field(min_length=2, max_length=20)]
LogSpread = Annotated[float, Range(0, 2, "layouts do not scatter by more than seven times")]
_Runs = Annotated[int, Range(0, 1_000_000, "runs are counted")]


class AspectPractice(Model):
    """One aspect of a layout: what each of its choices is worth, in the order of the aspect's choices."""

    #: of a dense model of 20 billion parameters on sequences of 4096 tokens
    usual: _Worths
    #: more, for each tenfold in parameters
    size: _Worths
    #: more, for each tenfold in tokens of a sequence
    length: _Worths
    #: more, of a mixture of experts
    mixture: _Worths
    #: more, on software of 2022 and before
    early: _Worths
    #: more, on a framework
    frameworks: dict[SafeText, _Worths] = Field(default_factory=dict)
    #: published runs that made each choice, whatever they could choose from
    runs: Annotated[tuple[_Runs, ...], Field(min_length=2, max_length=20)]

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        others = (
            self.size,
            self.length,
            self.mixture,
            self.early,
            self.runs,
            *self.frameworks.values(),
        )
        if any(len(other) != len(self.usual) for other in others):
            raise ValueError(f"expected {len(self.usual)} figures in each list, as in 'usual'")
        return self


class LayoutPractice(Evidence):
    """`profiles/layout_practice.toml`."""

    #: how many published layouts it was fitted on, and of how many sources
    runs: _Runs
    run_sources: _Runs
    #: how much the odds of a layout fall with the logarithm of its step: the reciprocal of what people's
    #: choices scatter by
    time_weight: Annotated[float, Range(0.1, 1000, "people prefer a faster step")]
    #: a layout that is faster by more than this comes first, whatever people run: what the model itself may
    #: be off by between two layouts; of the logarithm
    tolerance: LogSpread
    #: what rates scatter by since nobody knows which layout will be run, by kind of model; of the logarithm
    dense_log_spread: LogSpread
    mixture_log_spread: LogSpread
    aspects: dict[SafeText, AspectPractice]
