"""From an imported model to the tables of a profile file, with what it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture, LanguageModel
from planner.engine.architecture import parameter_counts
from planner.errors import ProfileError
from planner.files.validation import validate
from planner.files.values import shown_value
from planner.imports.transformers_config import ImportedModel

_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[.+-][a-z0-9]+)*")
_LONGEST_ID = 80
#: Names that files of configurations have whatever model they are of.
_NAMES_OF_NOTHING = frozenset({"config", "model", "params", "configuration", ""})
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class ModelProfile:
    """A profile that can be written, and what its shape counts."""

    id: str
    #: as they are written
    tables: dict[str, Any]
    parameters: int
    active_parameters: int
    #: of prediction modules, which `parameters` leaves out
    prediction_parameters: int


def model_profile(model: ImportedModel, identifier: str, source: str) -> ModelProfile:
    """Return the profile of an imported model.

    Parameters
    ----------
    model
        What was read.
    identifier
        The profile's id, which its file is named by.
    source
        The name of the file that was read, for the note on where the shape comes from.

    Raises
    ------
    ProfileError
        Where the id cannot be one.
    """
    if not _IDENTIFIER.fullmatch(identifier) or len(identifier) > _LONGEST_ID:
        raise ProfileError(
            f"{shown_value(identifier)}: is no id of a profile; expected small letters, digits and . + - "
            "between them, such as our-model-8b"
        )
    counts = parameter_counts(architecture_inputs(model.architecture))
    owner, _, own = (model.name or "").rpartition("/")
    tables: dict[str, Any] = {
        "id": identifier,
        "name": own or identifier,
        "developer": owner if owner and "/" not in owner else _UNKNOWN,
    }
    notes = [*_notes(model)]
    if notes:
        tables["notes"] = notes
    tables["architecture"] = model.tables
    tables["architecture_evidence"] = {
        "kind": "derived",
        "note": f"Read from {source}, a configuration of model_type {model.model_type}.",
    }
    if model.stated_parameters is not None and model.stated_parameters > 0:
        tables["published_parameters"] = {
            "value": model.stated_parameters,
            "kind": "derived",
            "note": f"Stated by {source}.",
        }
    validate(LanguageModel, tables, where=source)
    return ModelProfile(
        identifier,
        tables,
        round(float(counts.total)),
        round(float(counts.active)),
        round(float(counts.prediction)),
    )


def parameters_of(tables: Mapping[str, Any]) -> float:
    """Return what an architecture's tables count. [-]."""
    shape = validate(Architecture, tables, where="architecture")
    return float(parameter_counts(architecture_inputs(shape)).total)


def _notes(model: ImportedModel) -> list[str]:
    """Return what a reader of the profile must know of how it came about."""
    notes = []
    if model.left_out:
        notes.append(f"The encoders beside it are left out: {', '.join(model.left_out)}.")
    if model.architecture.encoders:
        notes.append(
            "Costed as trained on text alone: the encoder is counted, but neither run nor held, unless "
            "tokens_share says of how many tokens it makes."
        )
    if model.taken:
        notes.append(f"The file leaves out what is usual, which was taken: {', '.join(model.taken)}.")
    if model.not_understood:
        notes.append(f"Keys that were not understood: {', '.join(model.not_understood)}."[:2_000])
    return notes


def identifier_of(model: ImportedModel, path: PurePath) -> str:
    """Return an id for a model: of its own name, its file's, its folder's, or its family's.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> identifier_of(SimpleNamespace(name="Qwen/Qwen3-8B", model_type="qwen3"), PurePath("config.json"))
    'qwen3-8b'
    """
    own = (model.name or "").rpartition("/")[2]
    names = (own, path.stem, path.parent.name, model.model_type)
    slugs = (
        re.sub(r"[^a-z0-9.]+|\.(?![a-z0-9])", "-", name.lower()).strip("-.")[:_LONGEST_ID] for name in names
    )
    return next(slug for slug in slugs if slug not in _NAMES_OF_NOTHING and _IDENTIFIER.fullmatch(slug))
