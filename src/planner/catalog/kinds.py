"""The kinds of profiles: the folder of each, and the model that its files must fit."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from planner.domain.base import Model


@dataclass(frozen=True)
class Kind:
    """One kind of profile: files of `folder` hold one model each."""

    folder: str
    #: the module of `planner.domain` that holds the model's class, and the class's name
    model: tuple[str, str]
    #: as messages call one of them
    singular: str
    #: whether the file's `id` repeats its stem
    has_id: bool = True
    #: whether the stem is the `id` in lower case
    folds_id: bool = False
    #: whether each is a thing of its own that nothing else may be taken for, whatever it is called
    is_product: bool = False
    #: fields that name a profile, with the kind that they name
    references: tuple[tuple[str, str], ...] = ()

    @property
    def model_class(self) -> type[Model]:
        """The model that a file must fit; imported when first asked for, as a plan needs few of them."""
        module, name = self.model
        return cast("type[Model]", getattr(importlib.import_module(f"planner.domain.{module}"), name))


KINDS: dict[str, Kind] = {
    kind.folder: kind
    for kind in (
        Kind("chips", ("chip", "Chip"), "chip", is_product=True),
        Kind(
            "systems",
            ("system", "System"),
            "system",
            is_product=True,
            references=(("chip", "chips"), ("default_fabric", "fabrics")),
        ),
        Kind("fabrics", ("fabric", "Fabric"), "fabric", is_product=True),
        Kind("stacks", ("stack", "Stack"), "stack", references=(("parent", "stacks"),)),
        Kind("models", ("architecture", "LanguageModel"), "model", is_product=True),
        Kind("sites", ("site", "Site"), "site", is_product=True),
        Kind("prices", ("price", "Price"), "price"),
        Kind("rules", ("rule", "Rule"), "rule", folds_id=True),
        Kind("country_groups", ("rule", "CountryGroups"), "file of country groups"),
        Kind("claims", ("claim", "Claim"), "claim"),
        Kind(
            "collectives",
            ("measured_rates", "MeasuredRates"),
            "file of measured rates",
            references=(("chip", "chips"),),
        ),
    )
}
