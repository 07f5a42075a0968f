"""A quote of a price as one line of text, as pins keep it, and back."""

from __future__ import annotations

from typing import Any

from planner.domain.price import Quote
from planner.errors import ProfileError

#: What a line holds, in this order; `-` stands for what a quote does not say.
_PARTS = ("amount", "offer", "kind", "date", "term", "source")
_SEPARATOR = ", "
_NOTHING = "-"


def quote_text(quote: Quote) -> str:
    """Return what an estimate reads of a quote: `329736, reseller, claim, 2024-03-20, -, EPP`."""
    amount = quote.model_dump(include={"amount"})["amount"]
    source = quote.sources[0] if quote.sources else None
    parts = (amount, quote.offer, quote.kind, quote.date, quote.term, source)
    return _SEPARATOR.join(_NOTHING if part is None else str(part) for part in parts)


def quote_fields(text: object, where: str) -> dict[str, Any]:
    """Return the fields of a quote from its line.

    Raises
    ------
    ProfileError
        Where the line holds something else, for instance because a file was edited by hand.
    """
    parts = text.split(_SEPARATOR) if isinstance(text, str) else []
    if len(parts) != len(_PARTS):
        raise ProfileError(f"{where}: expected {_SEPARATOR.join(_PARTS)} in each quote, such as '{_EXAMPLE}'")
    found = dict(zip(_PARTS, parts, strict=True))
    source = found.pop("source")
    said = {name: part for name, part in found.items() if part != _NOTHING}
    return {**said, "sources": [] if source == _NOTHING else [source], "note": "as pinned"}


_EXAMPLE = "329736, reseller, claim, 2024-03-20, -, EPP"
