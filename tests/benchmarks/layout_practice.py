"""Fits what layouts people run to the published ones, and writes `profiles/layout_practice.toml`.

Run by hand after runs, chips or the engine changed: ``python tests/benchmarks/layout_practice.py [--write]``.
Prints what each choice is worth, and the errors of plans before and after: with the fastest layout that fits,
and with the one that people would run, each source left out of constants and practice alike.
"""

from __future__ import annotations

import argparse
import json

from planner.catalog.catalog import load_catalog
from planner.catalog.listing import LAYOUT_PRACTICE_FILE
from planner.catalog.runs import load_runs
from planner.catalog.search_path import built_in_folder
from planner.domain.layout_practice import LayoutPractice
from planner.engine.layout_aspects import ASPECTS
from planner.validation.as_buyer import fitted_practice, held_out_as_buyer
from planner.validation.run_scores import error_summary


def show(practice: LayoutPractice) -> None:
    """Print what each choice is worth, as a share of a step."""
    print(f"{practice.note}; odds fall by {practice.time_weight:.1f} for each unit of log step\n")
    for name, record in practice.aspects.items():
        print(name)
        rows = zip(
            ASPECTS[name].choices,
            record.usual,
            record.size,
            record.mixture,
            record.early,
            record.runs,
            strict=True,
        )
        for choice, usual, size, mixture, early, runs in rows:
            print(
                f"  {choice:<50} {usual:+.2f}  tenfold size {size:+.2f}  mixture {mixture:+.2f}  "
                f"early {early:+.2f}  {runs:>4} runs"
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


def main() -> None:
    """Print the fit and its errors, and write it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write profiles/{LAYOUT_PRACTICE_FILE}")
    parser.add_argument("--held-out", action="store_true", help="also leave sources out; a minute")
    arguments = parser.parse_args()
    catalog, runs = load_catalog(include_user=False), load_runs(None)
    practice = fitted_practice(runs, catalog)
    show(practice)
    if arguments.write:
        (built_in_folder() / LAYOUT_PRACTICE_FILE).write_text(toml_of(practice), encoding="utf-8")
    if arguments.held_out:
        for label, has_practice in (("fastest that fits", False), ("as people run", True)):
            jobs = held_out_as_buyer(runs, catalog, has_practice=has_practice)
            found = error_summary(
                [job.error for job in jobs], [bool(job.asked.is_inside_band) for job in jobs]
            )
            print(
                f"\n{label}: {found.n} jobs, mean {found.mean_abs:.1%}, median {found.median_abs:.1%}, "
                f"bias {found.bias:+.1%}, inside the band {found.coverage:.0%}"
            )


if __name__ == "__main__":
    main()
