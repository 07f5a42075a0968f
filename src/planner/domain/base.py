"""What every model of a file shares: strictness, safe text, identifiers.

Modules of models do without `from __future__ import annotations`: pydantic would compile each one anew.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from planner.domain.keys import Key
from planner.text import first_unsafe


class Model(BaseModel):
    """A frozen record that refuses unknown keys, NaN and infinities."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        str_max_length=20_000,
        protected_namespaces=(),
        # a command validates few of the models; the others need no validator
        defer_build=True,
    )

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Build the validator, unless the model is generic and its type open: nobody validates with that.

        Pydantic would build it each time that it is given a type, which a start can do without.
        """
        if cls.__pydantic_generic_metadata__["parameters"]:
            return None
        return super().model_rebuild(**options)


def _one_line(text: str) -> str:
    unsafe = first_unsafe(text)
    if unsafe is not None:
        raise ValueError(
            f"holds the character {unsafe[1]} at position {unsafe[0] + 1}; expected plain text on one line"
        )
    return text


def _multiline(text: str) -> str:
    unsafe = first_unsafe(text, multiline=True)
    if unsafe is not None:
        raise ValueError(f"holds the character {unsafe[1]} at position {unsafe[0] + 1}; expected plain text")
    return text


PARAGRAPHS = AfterValidator(_multiline)
#: Text on one line, safe to show on a terminal.
SafeText = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_one_line)]
#: Text that may span lines, safe to show on a terminal.
SafeParagraphs = Annotated[str, StringConstraints(max_length=20_000), PARAGRAPHS]
#: The name of a profile, plan part or source: what may be a file name on every system.
Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(?:[.+-][a-z0-9]+)*$", min_length=1, max_length=80)
]
#: A source's key: as an identifier, capitals allowed.
SourceKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*$", min_length=1, max_length=80)
]
COUNTRY = StringConstraints(pattern=r"^[A-Z]{2}$")
#: ISO 3166-1 alpha-2, as written.
CountryCode = Annotated[str, COUNTRY]


class Profile(Model):
    """What every profile file begins with."""

    id: Identifier
    name: Annotated[SafeText, Key("name", "What people call it.")]
    notes: Annotated[
        tuple[SafeText, ...], Key("notes", "What is to be said beside its figures; `; ` begins another one.")
    ] = ()
