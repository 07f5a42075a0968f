"""What people run chooses among layouts: it forbids none, allows none, and does not touch a given one."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.planning.job import Job, job_of_plan
from planner.planning.resolve import resolve
from planner.planning.workload import phase_workloads

MODELS = ("llama-2-7b", "qwen2-72b", "deepseek-v3")
SYSTEMS = ("dgx-a100", "dgx-h100", "gb200-nvl72")
LAYOUT = {"mode": "given", "tensor": 2, "microbatch": 1, "zero": 1, "recompute": "none"}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def job_of(model: str, system: str, count: int, batch: int, length: int, **strategy: object) -> Job:
    plan = {
        "name": "one",
        "model": {"profile": model},
        "workload": {"tokens": "1T", "sequence_length": length, "global_batch_sequences": batch},
        "cluster": {"pools": [{"id": "train", "system": system, "count": count}]},
        "strategy": strategy,
    }
    resolved = resolve(Plan.model_validate(plan), catalog())
    return job_of_plan(resolved, resolved.pools[0], phase_workloads(resolved.plan)[0])


JOBS = (
    st.sampled_from(MODELS),
    st.sampled_from(SYSTEMS),
    st.sampled_from([1, 3, 8, 64]),
    st.sampled_from([6, 64, 960]),
    st.sampled_from([2048, 32_768]),
)


@settings(max_examples=25, deadline=None)
@given(*JOBS)
def test_what_people_run_changes_no_feasibility(
    model: str, system: str, count: int, batch: int, length: int
) -> None:
    job = job_of(model, system, count, batch, length)
    assert job.practice is not None
    preferred, fastest = job.search(keep=2), replace(job, practice=None).search(keep=2)
    assert len(preferred.rows) == len(fastest.rows)
    assert preferred.leanest_bytes == fastest.leanest_bytes
    if len(fastest.rows):
        assert preferred.fastest_s == fastest.step_s[0]
        longest_s = fastest.step_s[0] * math.exp(job.practice.tolerance)
        assert fastest.step_s[0] <= preferred.step_s[0] <= longest_s


@settings(max_examples=10, deadline=None)
@given(*JOBS)
def test_a_given_layout_is_not_touched(model: str, system: str, count: int, batch: int, length: int) -> None:
    job = job_of(model, system, count, batch, length, **LAYOUT)
    searched = job_of(model, system, count, batch, length)
    assert job.practice is None
    assert searched.practice is not None
    assert searched.residual_log_spread > job.residual_log_spread
    spread = math.hypot(job.residual_log_spread, searched.practice.log_spread)
    assert math.isclose(searched.residual_log_spread, spread)


@settings(max_examples=10, deadline=None)
@given(*JOBS, st.sampled_from([{"tensor": 4}, {"tensor": 4, "microbatch": 1}, {"recompute": "full"}]))
def test_what_a_plan_says_of_its_layout_narrows_what_is_not_known(
    model: str, system: str, count: int, batch: int, length: int, pinned: dict[str, object]
) -> None:
    whole = job_of(model, system, count, batch, length).practice
    part = job_of(model, system, count, batch, length, **pinned).practice
    assert whole is not None
    assert part is not None
    assert 0.0 < part.log_spread < whole.log_spread
