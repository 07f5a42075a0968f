"""A month as files write it, such as 2026-08, and as a number of years."""

import datetime
from typing import Annotated

from pydantic import StringConstraints

MONTH_PATTERN = r"^20\d{2}-(?:0[1-9]|1[0-2])$"
#: ISO 8601, year and month.
Month = Annotated[str, StringConstraints(pattern=MONTH_PATTERN)]


def month_of(day: datetime.date) -> str:
    """Return the month that a day lies in."""
    return f"{day:%Y-%m}"


def years_between(earlier: str, later: str) -> float:
    """Return the years from one month to another; negative where it lies before.

    Examples
    --------
    >>> years_between("2026-08", "2027-02")
    0.5
    """
    return (_months(later) - _months(earlier)) / 12.0


def _months(month: str) -> int:
    year, number = month.split("-")
    return 12 * int(year) + int(number)
