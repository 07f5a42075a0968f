"""Validates data from files; every refusal is a line that people can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from planner.domain.plan import Plan
from planner.errors import PlanError, PlannerError, ProfileError

ModelType = TypeVar("ModelType", bound=BaseModel)


class InvalidProfileError(ProfileError):
    """A profile with problems: the message is the first, `problems` holds a line for each that was kept."""

    def __init__(self, problems: Sequence[str], more: int = 0) -> None:
        super().__init__(_summary(problems, more))
        self.problems = tuple(problems)
        self.more = more


class InvalidPlanError(PlanError):
    """A plan with problems: the message is the first, `problems` holds a line for each that was kept."""

    def __init__(self, problems: Sequence[str], more: int = 0) -> None:
        super().__init__(_summary(problems, more))
        self.problems = tuple(problems)
        self.more = more


def problems_of(error: PlannerError, limit: int | None = None) -> tuple[str, ...]:
    """Return one line per problem that the error stands for, and one that counts those left out."""
    if not isinstance(error, InvalidProfileError | InvalidPlanError):
        return (str(error),)
    shown = error.problems[:limit]
    more = len(error.problems) - len(shown) + error.more
    return (*shown, *([f"and {more:,} more"] if more else []))


def _summary(problems: Sequence[str], more: int) -> str:
    more += len(problems) - 1
    return problems[0] + (f" (and {more:,} more)" if more else "")


def validate_text(model_class: type[ModelType], text: str, *, where: str) -> ModelType:
    """Return the model that a TOML text describes.

    Raises
    ------
    FileError, ProfileError, PlanError
        As `parse_toml` and `validate`; each message names the line of its key.
    """
    from planner.files.toml import parse_toml

    return validate(model_class, parse_toml(text, where=where), where=where, text=text)


def validate(
    model_class: type[ModelType], data: Mapping[str, Any], *, where: str, text: str | None = None
) -> ModelType:
    """Return the model that `data` describes.

    Parameters
    ----------
    model_class
        What the data should be; plans raise PlanError, everything else ProfileError.
    data
        The tables of a file.
    where
        Begins each message: the file's name.
    text
        The TOML that the data is, where it is as it was read.

    Raises
    ------
    ProfileError, PlanError
        `file: line N: key.path = value: what was expected`, the first of all problems; see `problems_of`.
    """
    try:
        return model_class.model_validate(dict(data))
    except ValidationError as error:
        from planner.files.complaints import problem_lines
        from planner.files.key_lines import KeyLines

        lines, more = problem_lines(model_class, data, error, KeyLines(text))
        problems = [f"{where}: {line}" for line in lines]
    except RecursionError:
        problems, more = [f"{where}: nests too deep"], 0
    if issubclass(model_class, Plan):
        raise InvalidPlanError(problems, more)
    raise InvalidProfileError(problems, more)
