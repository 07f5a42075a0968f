"""The values of a profile that estimates read, and the profile as it was when they were pinned."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel

from planner.catalog.catalog import Catalog, Problem, Result
from planner.catalog.entry import Entry
from planner.catalog.kinds import KINDS
from planner.catalog.pinned_quotes import quote_fields, quote_text
from planner.catalog.search_path import Folder
from planner.domain.base import Model
from planner.domain.chip import Chip
from planner.domain.evidence import Source, Sourced
from planner.domain.plan import Pin, PinnedValue
from planner.domain.stack import FittedConstant
from planner.domain.unlisted import UnlistedParts
from planner.errors import InputError, ProfileError
from planner.files.fields import annotations_at
from planner.files.validation import validate

#: The fields of each kind that estimates and compliance notes read; a table stands for all inside it.
#: A test changes every other field and holds that no estimate changes with it.
_USED: Mapping[str, tuple[str, ...]] = {
    "chips": (
        "vendor",
        "platform",
        "generation",
        "maturity",
        "is_roadmap",
        "peak_dense_flops_per_s",
        "block_scaled_formats",
        "memory.capacity_bytes",
        "memory.bandwidth_bytes_per_s",
        "scale_up.bandwidth_bytes_per_s",
        "scale_up.pair_bandwidth_bytes_per_s",
        "scale_out_bytes_per_s",
        "tdp_w",
        "price_usd",
        "trade",
    ),
    "systems": (
        "chip",
        "chips_per_host",
        "chips_per_domain",
        "chips_per_system",
        "maturity",
        "is_roadmap",
        "scale_up.topology",
        "scale_up.bandwidth_bytes_per_s",
        "scale_up.pair_bandwidth_bytes_per_s",
        "scale_up.latency_s",
        "scale_up.torus_axes",
        "ports_per_host",
        "default_fabric",
        "max_power_w",
        "max_power_scope",
        "embodied_carbon_kg",
        "price_usd",
    ),
    "fabrics": (
        "port_bytes_per_s",
        "achievable_fraction",
        "latency_s",
        "oversubscription",
        "switch_radix",
        "switch_power_w",
        "optic_power_w",
        "switch_price_usd",
        "optic_price_usd",
    ),
    "stacks": (
        "platform",
        "parent",
        "fuses_tensor_collectives",
        "dispatcher",
        "newest_release",
        "constants",
        "generations",
        "kernels",
        "teams",
        "campaigns",
    ),
    "models": ("architecture",),
    "sites": (
        "country",
        "region",
        "pue",
        "electricity_usd_per_kwh",
        "carbon_g_per_kwh",
        "water_l_per_kwh",
        "power_cap_mw",
        "renewable_share",
    ),
    "prices": ("per", "currency", "has_host", "has_racks", "quotes"),
}
#: Between the median of a fitted constant and the spread of its logarithm.
_SPREAD = " ~"
_NOTE = "as pinned when the plan was saved"
_PART = re.compile(r'"([^"]*)"|([^".]+)')
_BARE = re.compile(r'[^".]+')

Path = tuple[str, ...]
#: Of a price: each of its quotes is kept as a line of text.
_QUOTES: Path = ("quotes",)
Values = Mapping[str, PinnedValue]


def used_values(kind: str, profile: Model, generations: Collection[str] = ()) -> dict[str, PinnedValue]:
    """Return what estimates read of a profile, by dotted field, as its file writes it; unknown is absent.

    Parameters
    ----------
    kind, profile
        The profile.
    generations
        The chip generations in question: a stack's factors of others are left out.

    Examples
    --------
    A chip's `{"memory.capacity_bytes": "64 GiB", "tdp_w": "400 W", ...}`; a fitted constant is
    `"0.75 ~0.1"`: its median and the spread of its logarithm.
    """
    dumped = profile.model_dump(mode="python", exclude_none=True, exclude_defaults=True)
    return {
        ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path): value
        for path, value in _leaves(profile, dumped, ())
        if _is_used(kind, path, generations)
    }


def with_values(
    kind: str, profile: Model, values: Values, generations: Collection[str] = (), *, where: str
) -> Model:
    """Return the profile with the pinned values in place of its own.

    A field that estimates read and that is not among the values becomes unknown, as it was. Where a value
    differs, its evidence is dropped too: it spoke of another figure.

    Raises
    ------
    ProfileError
        Where the values do not fit the profile, for instance because a file was edited by hand.
    """
    data = _mutable(profile.model_dump(mode="python", exclude_none=True, exclude_defaults=True))
    present = used_values(kind, profile, generations)
    for field in present.keys() - values.keys():
        _remove(data, _path(field))
    model_class = KINDS[kind].model_class
    for field, value in values.items():
        path = _path(field)
        if not path or not _is_used(kind, path, None):
            raise ProfileError(f"{where}: {field}: is no field that estimates read")
        if field not in present or present[field] != value:
            _set(data, path, _leaf(model_class, path, value, f"{where}: {field}"))
    return validate(model_class, data, where=where)


def _leaves(value: Any, dumped: Any, path: Path) -> Iterator[tuple[Path, PinnedValue]]:
    if isinstance(value, Sourced):
        if "value" in dumped:
            yield path, dumped["value"]
    elif isinstance(value, FittedConstant):
        yield path, f"{value.median!r}{_SPREAD}{value.log_spread!r}"
    elif isinstance(value, BaseModel | Mapping):
        for name, inner in dumped.items():
            item = value[name] if isinstance(value, Mapping) else getattr(value, name)
            yield from _leaves(item, inner, (*path, name))
    elif path == _QUOTES:
        yield path, json.dumps([quote_text(quote) for quote in value])
    elif isinstance(dumped, bool | int | float | str):
        yield path, dumped
    elif isinstance(dumped, tuple | list) and dumped:
        # a pin is one value: a list is kept as its text
        yield path, json.dumps(dumped)


def _is_used(kind: str, path: Path, generations: Collection[str] | None) -> bool:
    """Return whether estimates read the field; None stands for any generation of chips."""
    if kind == "stacks" and path[0] == "generations" and generations is not None:
        return len(path) > 1 and path[1] in generations
    dotted = ".".join(path)
    return any(dotted == field or dotted.startswith(f"{field}.") for field in _USED.get(kind, ()))


def _path(field: str) -> Path:
    return tuple(quoted or bare for quoted, bare in _PART.findall(field))


def _leaf(model_class: type[BaseModel], path: Path, value: PinnedValue, where: str) -> Any:
    """Return what stands at the path in a file for a pinned value."""
    annotations = annotations_at(model_class, path)
    if isinstance(value, str) and any(get_origin(annotation) is tuple for annotation in annotations):
        found = _list(value, where)
        return [quote_fields(text, where) for text in found] if path == _QUOTES else found
    kinds = [kind for kind in annotations if isinstance(kind, type)]
    if any(issubclass(kind, FittedConstant) for kind in kinds):
        median, spread = _constant(value, where)
        return {"kind": "derived", "note": _NOTE, "median": median, "log_spread": spread}
    if any(issubclass(kind, Sourced) for kind in kinds):
        return {"kind": "derived", "note": _NOTE, "value": value}
    return value


def _list(value: str, where: str) -> list[Any]:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ProfileError(f'{where}: expected a list, such as \'["full", "linear"]\'')
    return found


def _constant(value: PinnedValue, where: str) -> tuple[float, float]:
    median, separator, spread = value.partition(_SPREAD) if isinstance(value, str) else ("", "", "")
    try:
        return float(median), float(spread if separator else "")
    except ValueError:
        raise ProfileError(f"{where}: expected a median and a spread, such as '0.75{_SPREAD}0.1'") from None


def moved_constant(value: str) -> tuple[float, str] | None:
    """Return by which share a fitted constant may be off, and its value that far off; None of other texts.

    Examples
    --------
    >>> moved_constant("0.5 ~0.0")
    (0.0, '0.5 ~0.0')
    >>> moved_constant("64 GB")
    """
    median, separator, spread = value.partition(_SPREAD)
    if not separator:
        return None
    share = math.expm1(float(spread))
    return share, f"{float(median) * (1 + share)!r}{_SPREAD}{spread}"


def _mutable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _mutable(item) for key, item in value.items()}
    return value


def _remove(table: dict[str, Any], path: Path) -> None:
    inner = table.get(path[0])
    if len(path) > 1 and isinstance(inner, dict):
        _remove(inner, path[1:])
        if inner:
            return
    table.pop(path[0], None)


def _set(table: dict[str, Any], path: Path, value: Any) -> None:
    for part in path[:-1]:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = table[part] = {}
        table = inner
    runs = table[path[-1]].get("runs") if isinstance(table.get(path[-1]), dict) else None
    table[path[-1]] = value if runs is None or not isinstance(value, dict) else value | {"runs": runs}


@dataclass(frozen=True)
class PinnedEntry(Entry[Model]):
    """A profile with pinned values; its hash is that of the profile as it was."""

    pin: Pin | None = None

    @property
    def hash(self) -> str:
        """The hash that was pinned."""
        assert self.pin is not None
        return self.pin.hash


class PinnedCatalog(Catalog):
    """A catalog that serves the profiles of some pins with their pinned values."""

    def __init__(self, catalog: Catalog, pins: Mapping[str, Pin]) -> None:
        super().__init__(())
        self._current = catalog
        self._pins = {key: pin for key, pin in pins.items() if pin.values}
        self._generations = pinned_generations(self._pins, catalog)

    @property
    def folders(self) -> tuple[Folder, ...]:
        """The search path, later wins."""
        return self._current.folders

    @property
    def sources(self) -> Mapping[str, Source]:
        """Every document that figures may name, by key."""
        return self._current.sources

    @property
    def unlisted_parts(self) -> UnlistedParts:
        """Parts that buyers ask for and that no profile has."""
        return self._current.unlisted_parts

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know, pins that fit no profile any more included."""
        return (*self._current.notices, *super().notices)

    def ids(self, kind: str) -> tuple[str, ...]:
        """Return the ids of a kind, sorted."""
        return self._current.ids(kind)

    def problems(self, kind: str) -> tuple[Problem, ...]:
        """Return what is wrong with the files of a kind that proved broken so far, and with its pins."""
        return (*self._current.problems(kind), *super().problems(kind))

    def kept(
        self, name: tuple[str, ...], kinds: tuple[str, ...], make: Callable[[Catalog], Result]
    ) -> Result:
        """Return what is made of profiles; of kinds that no pin is of, what the catalog of now has."""
        is_pinned = any(key.partition("/")[0] in kinds for key in self._pins)
        return super().kept(name, kinds, make) if is_pinned else self._current.kept(name, kinds, make)

    def get(self, kind: str, identifier: str) -> Entry[Any]:
        """Return one profile; as `Catalog.get`."""
        entry = self.find(kind, identifier)
        if entry is not None:
            return entry
        self._current.get(kind, identifier)
        return super().get(kind, identifier)

    def _load(self, kind: str, identifier: str) -> Entry[Model] | None:
        entry = self._current.find(kind, identifier)
        pin = self._pins.get(f"{kind}/{identifier}")
        if entry is None or pin is None or entry.hash.startswith(pin.hash):
            return entry
        try:
            profile = with_values(
                kind, entry.profile, pin.values, self._generations, where=f'pins."{kind}/{identifier}"'
            )
        except InputError as error:
            self._problems[kind, identifier] = Problem(str(error), entry.origin, identifier)
            self._notices.append(str(error))
            return None
        return PinnedEntry(profile, f"{entry.origin}, pinned values", entry.path, entry.shadows, pin)


def pinned_generations(pins: Mapping[str, Pin], catalog: Catalog) -> frozenset[str]:
    """Return the generations of the chips of some pins, as pinned where they say."""
    found = set()
    for key, pin in pins.items():
        kind, _, identifier = key.partition("/")
        if kind != "chips":
            continue
        generation = pin.values.get("generation")
        entry = catalog.find(kind, identifier) if generation is None else None
        if isinstance(generation, str):
            found.add(generation)
        elif entry is not None and isinstance(entry.profile, Chip):
            found.add(entry.profile.generation)
    return frozenset(found)
