"""Constants of post-training, fitted to the published steps: prints them, and writes them with `--write`.

tests/benchmarks/post_training_constants.py             the fit beside what ships; some seconds
tests/benchmarks/post_training_constants.py --write     into profiles/post_training.toml; some minutes,
                                                        as the bands are of groups that were held out
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import tomli_w

from planner.catalog.catalog import load_catalog
from planner.catalog.listing import POST_TRAINING_FILE
from planner.catalog.runs import load_post_training_runs
from planner.catalog.search_path import built_in_folder
from planner.domain.post_training_fit import PostTrainingFit
from planner.validation.post_training_fit import fitted, held_out_fits, held_out_residuals
from planner.validation.post_training_scores import (
    cases_of,
    fine_tuning_spread,
    held_out_errors,
    validated,
    widened,
    with_pairs,
)

_HEAD = """\
# What rollout engines and training loops reach, fitted on published steps of post-training about priors.
# `tests/benchmarks/post_training_constants.py --write`, a stage of `.ci/renew`, writes this file.

"""


def toml_of(fit: PostTrainingFit) -> str:
    """Return the constants as a file, to four digits."""
    data = fit.model_dump(exclude_none=True)
    return _HEAD + tomli_w.dumps(_rounded(data))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main() -> int:
    """Print or write the fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write profiles/{POST_TRAINING_FILE}")
    options = parser.parse_args()
    cases, _ = cases_of(load_post_training_runs(), load_catalog())
    fit = fitted(cases)
    if options.write:
        fits = held_out_fits(cases, lambda done, of, name: print(f"{done + 1} of {of}: {name}"))
        residuals = held_out_residuals(cases, fits)
        every = [value for values in residuals.values() for value in values]
        fit = widened(fit, every, fine_tuning_spread(cases))
        unseen = validated(cases, (), lambda case: fits.get(case.run.group, fit), is_held_out=True)
        fit = with_pairs(fit, unseen).model_copy(update={"held_out": held_out_errors(unseen)})
        (built_in_folder() / POST_TRAINING_FILE).write_text(toml_of(fit), encoding="utf-8")
    print(toml_of(fit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
