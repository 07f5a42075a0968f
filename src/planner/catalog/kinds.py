"""The kinds of profiles: the folder of each, and the model that its files must fit."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.architecture import LanguageModel
from planner.domain.base import Model
from planner.domain.chip import Chip
from planner.domain.claim import Claim
from planner.domain.fabric import Fabric
from planner.domain.rule import CountryGroups, Rule
from planner.domain.site import Site
from planner.domain.stack import Stack
from planner.domain.system import System


@dataclass(frozen=True)
class Kind:
    """One kind of profile: files of `folder` hold one `model_class` each."""

    folder: str
    model_class: type[Model]
    #: as messages call one of them
    singular: str
    #: whether the file's `id` repeats its stem
    has_id: bool = True
    #: whether the stem is the `id` in lower case
    folds_id: bool = False
    #: fields that name a profile, with the kind that they name
    references: tuple[tuple[str, str], ...] = ()


KINDS: dict[str, Kind] = {
    kind.folder: kind
    for kind in (
        Kind("chips", Chip, "chip"),
        Kind("systems", System, "system", references=(("chip", "chips"), ("default_fabric", "fabrics"))),
        Kind("fabrics", Fabric, "fabric"),
        Kind("stacks", Stack, "stack", references=(("parent", "stacks"),)),
        Kind("models", LanguageModel, "model"),
        Kind("sites", Site, "site"),
        Kind("rules", Rule, "rule", folds_id=True),
        Kind("country_groups", CountryGroups, "file of country groups"),
        Kind("claims", Claim, "claim"),
    )
}
