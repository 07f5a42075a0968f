"""The canonical form and content hash of a validated model: what it means, not how it was typed."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from planner.units import ForeignSpan, Span


def canonical_form(value: Any) -> Any:  # noqa: PLR0911 - one return per type
    """Return a JSON value that is equal for equal models, whatever was typed.

    Fields at their default are left out, so that a field added later changes no hash. Quantities are the
    numbers themselves, so that a change of how they are written changes none either.
    """
    if isinstance(value, BaseModel):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): canonical_form(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical_form(item) for item in value]
    if isinstance(value, ForeignSpan):
        return {"low": value.low, "high": value.high, "currency": value.currency}
    if isinstance(value, Span):
        return {"low": canonical_form(value.low), "high": canonical_form(value.high)}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float):
        return value + 0.0  # one zero, not two
    return value


def _fields(model: BaseModel) -> dict[str, Any]:
    form = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.default_factory is type(value) and isinstance(value, BaseModel):
            # at its default where all its own fields are; none is made, for that needs its validator
            if inner := _fields(value):
                form[name] = inner
        elif field.is_required() or value != field.get_default(call_default_factory=True, validated_data={}):
            form[name] = canonical_form(value)
    return form


def canonical_hash(model: BaseModel) -> str:
    """Return the SHA-256 of the model's canonical form, in hexadecimal.

    Equal for `13.2e12` and `"13.2T"`, for any order of keys and any formatting.
    """
    text = json.dumps(
        canonical_form(model), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()
