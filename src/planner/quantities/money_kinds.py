"""What lines of money say of themselves: whose they are, and how they are told."""

from __future__ import annotations

from typing import Any

#: what a pool holds of its own, in no line of its own
OF_POOL: dict[str, Any] = {"scope": "pool", "family": "money"}
#: what holds for all pools of a plan
OF_PLAN: dict[str, Any] = {"scope": "plan", "family": "money"}
#: a line of the ledger
LINE: dict[str, Any] = {"form": "band", "family": "money"}
#: a line of the ledger that a pool has of its own
POOL_LINE: dict[str, Any] = OF_POOL | LINE
#: what one job costs, and what of it is for what
RUN: dict[str, Any] = LINE | {"is_of_job": True}
PART: dict[str, Any] = RUN | {"form": "part"}
