"""From a `config.json` of Hugging Face transformers to an architecture, and what of it was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.domain.architecture import Architecture
from planner.errors import ProfileError
from planner.files.validation import validate
from planner.files.values import shown_value, suggestion
from planner.imports.config_shape import config_shape
from planner.imports.encoders import read_encoder
from planner.imports.families import FAMILIES
from planner.imports.family import Family
from planner.imports.reading import Reading
from planner.imports.refused_families import REFUSED
from planner.imports.shapes import Table
from planner.imports.spellings import SPELLINGS, is_costly, is_harmless
from planner.text import safe

#: Tables that hold the language model of one that also sees or hears.
_INNER = ("text_config", "llm_config", "language_config", "language_model_config")
#: Keys of a larger model that speak of what it sees or hears with.
_OF_ENCODERS = re.compile(
    r".*(vision|visual|image|video|audio|speech|projector|multimodal|spatial|patch|pixel|vit|tts|talker"
    r"|crop|tile|mm|media|deepstack|merge|img|boi|eoi|boa|eoa).*"
)
_LONGEST_NAME = 80


@dataclass(frozen=True)
class ImportedModel:
    """A model as a configuration describes it."""

    #: the family by whose keys it was read
    model_type: str
    architecture: Architecture
    #: the same as plain tables, only what differs from the usual
    tables: Table
    #: parameters that the file itself states
    stated_parameters: int | None
    #: keys that were not understood, and that nothing suggests to change the cost
    not_understood: tuple[str, ...]
    #: encoders beside the language model that are not known, by their keys: they are left out
    left_out: tuple[str, ...]
    #: keys that the file leaves to its program, with what that takes
    taken: tuple[str, ...]
    #: the file's own name of the model
    name: str | None


def read_config(config: Mapping[str, Any], where: str) -> ImportedModel:
    """Return the model of a configuration.

    Parameters
    ----------
    config
        The object of the file.
    where
        Begins each message: the file's name.

    Raises
    ------
    ProfileError
        Where the family or a kind of layer is not known, or a key that may change the cost: the message
        names the key.
    """
    inner = next((key for key in _INNER if isinstance(config.get(key), dict)), None)
    encoders = _encoder_keys(config, inner)
    own = {key: value for key, value in config.items() if key not in encoders and key != inner}
    text = own if inner is None else _with_outer(own, config[inner])
    model_type = _model_type(config, text, where)
    family = FAMILIES[model_type]
    nested = family.nested_defaults if inner else {}
    reading = Reading(text, _inside(where, inner), {**nested, **family.defaults}, family.spellings)
    tables = config_shape(reading, family)
    seen = {
        key: read_encoder(config, key, tables["hidden"]) for key in encoders if isinstance(config[key], dict)
    }
    if any(seen.values()):
        tables["encoders"] = [encoder for encoder in seen.values() if encoder]
    stated = reading.value("stated_parameters")
    unknown = _not_understood(reading, family)
    if inner is not None:
        around = {key: value for key, value in own.items() if text.get(key) != value}
        unknown += _not_understood(Reading(around, where), family)
    name = config.get("_name_or_path") or text.get("_name_or_path")
    return ImportedModel(
        model_type=model_type,
        architecture=validate(Architecture, tables, where=f"{where}: as a profile"),
        tables=tables,
        stated_parameters=stated if isinstance(stated, int) and not isinstance(stated, bool) else None,
        not_understood=tuple(unknown),
        left_out=tuple(safe(key, limit=80) for key, encoder in seen.items() if encoder is None),
        taken=tuple(f"{name} = {nested[name]}" for name in sorted(nested) if reading.is_default(name)),
        name=safe(name, limit=_LONGEST_NAME) if isinstance(name, str) and name else None,
    )


def _inside(where: str, inner: str | None) -> str:
    return where if inner is None else f"{where}: {inner}"


def _encoder_keys(config: Mapping[str, Any], inner: str | None) -> list[str]:
    """Return the keys that speak of what a model sees or hears with; none of one that only reads."""
    spoken = [key for key in config if key != inner and _OF_ENCODERS.fullmatch(key)]
    has_encoder = any(isinstance(config[key], dict) for key in spoken)
    return spoken if inner is not None or has_encoder else []


def _with_outer(config: Mapping[str, Any], text: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inner table with what the outer one says of the whole."""
    shared = (*SPELLINGS["is_tied"], *SPELLINGS["stated_parameters"])
    return {key: config[key] for key in shared if key in config} | dict(text)


def _model_type(config: Mapping[str, Any], text: Mapping[str, Any], where: str) -> str:
    """Return the family whose keys the file has: the inner table's own, or the whole model's."""
    named = [name for name in (text.get("model_type"), config.get("model_type")) if name is not None]
    if not named:
        raise ProfileError(
            f"{where}: model_type is missing; expected the configuration of a model, as Hugging Face's "
            "transformers writes it"
        )
    for name in named:
        if not isinstance(name, str):
            raise ProfileError(f"{where}: model_type = {shown_value(name)}: expected a text")
        if name in REFUSED:
            raise ProfileError(
                f"{where}: model_type = {shown_value(name)}: no profile can say this family: {REFUSED[name]}"
            )
    known = next((name for name in named if name in FAMILIES), None)
    if known is None:
        near = suggestion(named[0], FAMILIES)
        raise ProfileError(
            f"{where}: model_type = {shown_value(named[0])}: is no family that is known, and is taken for "
            f"none{near}"
        )
    return str(known)


def _not_understood(reading: Reading, family: Family) -> list[str]:
    """Return the keys that were not understood; one that is null says nothing.

    Raises
    ------
    ProfileError
        Where one of them may change the cost; what is false, 0 or empty does not.
    """
    unknown = []
    for key, value in reading.unread():
        own = key.rpartition(".")[2]
        if value is None or {key, own} & set(family.harmless) or is_harmless(own):
            continue
        shown = safe(key, limit=80)
        if value and is_costly(own):
            raise ProfileError(
                f"{reading.where}: {shown} = {shown_value(value)}: is not understood in a model of this "
                "family, and may change what it costs"
            )
        unknown.append(shown)
    return unknown
