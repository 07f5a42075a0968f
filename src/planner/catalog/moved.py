"""A catalog in which figures of one profile are other ones, to see what an estimate makes of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from planner.catalog.catalog import Catalog
from planner.catalog.pinning import PinnedCatalog, used_values
from planner.domain.plan import Pin, PinnedValue


def with_figures(
    catalog: Catalog, kind: str, identifier: str, figures: Mapping[str, PinnedValue]
) -> PinnedCatalog:
    """Return a catalog that serves one profile with other figures, by dotted field, and all else as it is.

    Where the profile cannot have them, the catalog has no such profile, and its problems say why.

    Raises
    ------
    ProfileError
        Where there is no such profile.
    """
    profile = catalog.get(kind, identifier).profile
    values = {**used_values(kind, profile), **figures}
    # of these figures alone: a catalog that is moved twice takes neither profile for the other
    content = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return PinnedCatalog(catalog, {f"{kind}/{identifier}": Pin(hash=content, values=values)})
