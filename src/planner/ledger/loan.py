"""A loan on the purchase: what is lent, what each year pays back, and the cash that is left to pay."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from planner.quantities.evaluation import Figures


@dataclass(frozen=True, slots=True)
class Loan:
    """What is lent before the first year, and equal payments at the end of each."""

    amount: Decimal
    #: a year
    rate: float
    years: int
    #: of a year
    payment: Decimal

    @property
    def interest(self) -> Decimal:
        """What is paid back beyond what was lent."""
        return self.payment * self.years - self.amount

    def with_it(self, cash: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        """Return the cash of each year with the loan; it may be paid off after the last year of use.

        Examples
        --------
        >>> loan = Loan(Decimal(60), 0.0, 2, Decimal(30))
        >>> [str(paid) for paid in loan.with_it((Decimal(100), Decimal(10)))]
        ['40', '40', '30']
        """
        longest = max(len(cash), self.years + 1)
        own = [*cash, *[Decimal(0)] * (longest - len(cash))]
        paid = [-self.amount, *[self.payment] * self.years, *[Decimal(0)] * (longest - self.years - 1)]
        return tuple(one + other for one, other in zip(own, paid, strict=True))


def loan_terms(figures: Figures) -> tuple[float, int] | None:
    """Return the rate and years of the plan's loan; None without one, or where its rate is unknown."""
    rate = figures.p50("money.loan_rate")
    share = figures.p50("money.loan_share")
    return (rate, round(figures.number("money.loan_years"))) if share and rate is not None else None
