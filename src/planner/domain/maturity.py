"""Maturity: whether anybody has measured a part, or what is known of it is what its vendor announced."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import model_validator

from planner.domain.base import Profile
from planner.domain.keys import Key

#: Whether others than the vendor train on a part, it can be ordered, or neither.
Maturity = Literal["proven", "announced", "roadmap"]
#: Beside a part's name, in a word or two.
MARKS: Mapping[Maturity, str] = {"proven": "", "announced": "announced figures", "roadmap": "roadmap"}
#: What stands behind the name of a part in a sentence of its own.
WARNINGS: Mapping[Maturity, str] = {
    "proven": "",
    "announced": "is sold with announced figures: nobody has published a measurement",
    "roadmap": "is a roadmap part: announced figures, do not plan on them",
}


def least_mature(*parts: Maturity) -> Maturity:
    """Return the maturity of what is made of several parts.

    Examples
    --------
    >>> least_mature("announced", "proven")
    'announced'
    """
    return max(parts, key=get_args(Maturity).index)


class Part(Profile):
    """What is bought or announced: a chip or a system."""

    maturity: Annotated[
        Maturity,
        Key(
            "state",
            "How far it is proven: said wherever the part is used, unless it is.",
            answers={
                "proven": "others than the vendor train on it",
                "announced": "a buyer can order it, with announced figures",
                "roadmap": "announced or rumoured, not yet sold",
            },
        ),
    ] = "proven"

    @model_validator(mode="before")
    @classmethod
    def _as_once_written(cls, data: Any) -> Any:
        """Read `is_roadmap`, which files and pins had before there was a state between."""
        if not isinstance(data, Mapping) or not isinstance(data.get("is_roadmap"), bool):
            return data
        kept = {key: value for key, value in data.items() if key != "is_roadmap"}
        return {"maturity": "roadmap", **kept} if data["is_roadmap"] else kept
