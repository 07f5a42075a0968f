"""A letter and a colour for each vendor of chips, the same on every plot."""

from __future__ import annotations

#: A letter and a colour of its own for each vendor with many runs; the others share theirs.
VENDORS = {
    "NVIDIA": ("N", "$part-1"),
    "Huawei": ("H", "$part-2"),
    "Google": ("G", "$part-3"),
    "AMD": ("A", "$part-5"),
    "AWS": ("W", "$part-9"),
    "Intel": ("I", "$part-10"),
}
OTHER_VENDOR = ("o", "$part-8")
#: Of what is made of several systems, whose chips are not of one vendor.
SEVERAL_VENDORS = "several vendors"
_SEVERAL = ("S", "$part-4")


def vendor_sign(vendor: str) -> tuple[str, str]:
    """Return the letter and the style of what is of a vendor.

    Examples
    --------
    >>> vendor_sign("Huawei")[0], vendor_sign("somebody else")[0]
    ('H', 'o')
    """
    return _SEVERAL if vendor == SEVERAL_VENDORS else VENDORS.get(vendor, OTHER_VENDOR)


def vendors_legend(vendors: set[str]) -> list[tuple[str, str, str]]:
    """Return sign, name and style of some vendors, those that share a sign together."""
    found = [(sign, name, style) for name, (sign, style) in VENDORS.items() if name in vendors]
    if SEVERAL_VENDORS in vendors:
        found.append((_SEVERAL[0], SEVERAL_VENDORS, _SEVERAL[1]))
    if vendors - {*VENDORS, SEVERAL_VENDORS}:
        found.append((OTHER_VENDOR[0], "others", OTHER_VENDOR[1]))
    return found
