"""Fits what layouts people run to the published ones, and writes `profiles/layout_practice.toml`.

Run by hand after runs, chips or the engine changed: ``python tests/benchmarks/layout_practice.py [--write]``.
Prints what each choice is worth, and the errors of plans whose layout is searched, each source left out of
constants and practice alike; with ``--held-out`` also where layouts that people run may be slower than the
fastest by less or more, from nothing to whatever they are worth.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from planner.catalog.catalog import load_catalog
from planner.catalog.listing import LAYOUT_PRACTICE_FILE
from planner.catalog.runs import load_runs
from planner.catalog.search_path import built_in_folder
from planner.domain.layout_practice import LayoutPractice
from planner.engine.layout_aspects import ASPECTS
from planner.validation.as_buyer import ScoredJob, fitted_practice, held_out_as_buyer
from planner.validation.run_scores import summarise

#: How much faster a layout that people do not run could have to be, beside what is taken; of the logarithm.
OTHER_TOLERANCES = (0.0, 0.1, 0.2, 0.3, 2.0)


def show(practice: LayoutPractice) -> None:
    """Print what each choice is worth, as a share of a step."""
    print(f"{practice.note}; odds fall by {practice.time_weight:.1f} for each unit of log step\n")
    for name, record in practice.aspects.items():
        print(name)
        rows = zip(
            ASPECTS[name].choices,
            record.usual,
            record.size,
            record.length,
            record.mixture,
            record.early,
            record.runs,
            strict=True,
        )
        for choice, usual, size, length, mixture, early, runs in rows:
            print(
                f"  {choice:<50} {usual:+.2f}  tenfold size {size:+.2f}, length {length:+.2f}  "
                f"mixture {mixture:+.2f}  early {early:+.2f}  {runs:>4} runs"
            )


def toml_of(practice: LayoutPractice) -> str:
    """Return the file's text, a list a line."""
    record = practice.model_dump(mode="json", exclude_defaults=True)
    aspects = record.pop("aspects")
    lines = [f"{key} = {json.dumps(value)}" for key, value in record.items()]
    for name, aspect in aspects.items():
        frameworks = aspect.pop("frameworks", {})
        lines += ["", f"[aspects.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in aspect.items())]
        if frameworks:
            lines += ["", f"[aspects.{name}.frameworks]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in frameworks.items()]
    return "\n".join(lines) + "\n"


def errors(name: str, jobs: Sequence[ScoredJob]) -> str:
    """Return a line of what plans were off by, and the same with the published layouts."""
    found = summarise(job.asked for job in jobs)
    given = summarise(job.as_published for job in jobs)
    return (
        f"{name:<26} {found.n} jobs, mean {found.mean_abs:.1%}, median {found.median_abs:.1%}, bias "
        f"{found.bias:+.1%}, inside the band {found.coverage:.0%}; layout given {given.mean_abs:.1%}"
    )


def main() -> None:
    """Print the fit and its errors, and write it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write profiles/{LAYOUT_PRACTICE_FILE}")
    parser.add_argument("--held-out", action="store_true", help="also try other tolerances; a minute each")
    arguments = parser.parse_args()
    catalog, runs = load_catalog(include_user=False), load_runs(None)
    held_out = held_out_as_buyer(runs, catalog)
    practice = fitted_practice(runs, catalog, held_out)
    show(practice)
    print(f"\n{errors(f'within {practice.tolerance:.0%} of the fastest', held_out)}", flush=True)
    if arguments.write:
        (built_in_folder() / LAYOUT_PRACTICE_FILE).write_text(toml_of(practice), encoding="utf-8")
    for tolerance in OTHER_TOLERANCES if arguments.held_out else ():
        jobs = held_out_as_buyer(runs, catalog, tolerance=tolerance)
        print(errors(f"within {tolerance:.0%} of the fastest", jobs), flush=True)


if __name__ == "__main__":
    main()
