"""Measure how a GPU's power rises with its matmul rate, without touching any of its settings.

Run by hand where PyTorch and a GPU are at hand: ``python tests/benchmarks/measure_power_and_clock.py``.

Matrix products of random numbers alternate with products of zeros, which draw far less. At one clock the
power above idle is a straight line in the share of random products; large shares are held at the card's
power limit by a lower clock. A fit of (power - idle power) = (a + b * share) * rate ** exponent tells the
two apart, and its exponent says what a lower power limit costs.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np
import torch

SIZE, SECONDS = 8192, 4.0
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
#: products of one round, a multiple of all denominators of the shares
ROUND = 10


def main() -> int:
    """Print one line of JSON for each share."""
    torch.cuda.init()
    random = [torch.randn(SIZE, SIZE, device="cuda", dtype=torch.bfloat16) for _ in range(2)]
    zeros = [torch.zeros_like(random[0]) for _ in range(2)]
    product = torch.empty_like(random[0])
    torch.cuda.synchronize()
    time.sleep(1.0)
    idle = torch.cuda.power_draw() / 1e3
    print(json.dumps({"device": torch.cuda.get_device_name(), "idle_w": idle}), flush=True)
    rows = []
    for share in SHARES:
        rows.append(_measured(share, random, zeros, product))
        print(json.dumps(rows[-1]), flush=True)
    exponent, spread = _exponent(rows, idle)
    print(json.dumps({"exponent": exponent, "root_mean_square_w": spread}))
    return 0


def _exponent(rows: list[dict[str, float]], idle_w: float) -> tuple[float, float]:
    """Return the exponent that fits best, and what the fit leaves. [-], [W]."""
    share, power, rate = (np.array([row[key] for row in rows]) for key in ("share", "power_w", "flops_per_s"))
    found = []
    for exponent in np.arange(0.5, 5.0, 0.05):
        terms = (rate / rate.max())[:, None] ** exponent * np.stack((np.ones_like(share), share), axis=1)
        weights, *_ = np.linalg.lstsq(terms, power - idle_w, rcond=None)
        left = terms @ weights - (power - idle_w)
        found.append((float(np.sqrt(np.mean(left**2))), float(exponent)))
    spread, exponent = min(found)
    return exponent, spread


def _measured(
    share: float, random: list[torch.Tensor], zeros: list[torch.Tensor], product: torch.Tensor
) -> dict[str, float]:
    """Keep the card busy with a share of random products; returns median power, clock and rate."""
    count = round(share * ROUND)
    # spread over the round, so that the card's controller sees a steady mean
    picks = [random if (k * count) % ROUND < count else zeros for k in range(ROUND)]
    watts, clocks, products = [], [], 0
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        for left, right in picks:
            torch.mm(left, right, out=product)
        torch.cuda.synchronize()
        products += ROUND
        if elapsed > SECONDS / 2:
            watts.append(torch.cuda.power_draw() / 1e3)
            clocks.append(float(torch.cuda.clock_rate()))
    rate = 2.0 * SIZE**3 * products / (time.perf_counter() - started)
    return {
        "share": share,
        "power_w": statistics.median(watts),
        "clock_mhz": statistics.median(clocks),
        "flops_per_s": rate,
    }


if __name__ == "__main__":
    sys.exit(main())
