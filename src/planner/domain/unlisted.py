"""Names that buyers ask for and that no profile has: parts without figures, and names of several products."""

from typing import Annotated

from pydantic import Field

from planner.domain.base import Identifier, Model, SafeText, SourceKey

_Name = Annotated[Identifier, Field(min_length=3)]


class UnlistedPart(Model):
    """What people call a part, and where it is from."""

    name: SafeText
    #: how people write it; a longer id that holds one of them is taken for it too
    ids: tuple[_Name, ...] = Field(min_length=1)
    sources: tuple[SourceKey, ...] = ()


class PartWithoutFigures(UnlistedPart):
    """A part that is announced or sold and of which too little is published to plan with."""

    why: SafeText


class SharedName(UnlistedPart):
    """A name of several products, whose buyer is asked which, or an older name of one."""

    #: ids of chips and systems
    products: tuple[Identifier, ...] = Field(min_length=1)
    #: what to ask the vendor, or why the name is another
    ask: SafeText


class UnlistedParts(Model):
    """`profiles/unlisted_parts.toml`."""

    without_figures: tuple[PartWithoutFigures, ...] = Field(default=(), max_length=1_000)
    shared_names: tuple[SharedName, ...] = Field(default=(), max_length=1_000)
