"""What is read of a log at once is what is read of it line by line, and adds up to the same progress."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planner.printed.lines
from planner.acceptance.progress import Progress, read_progress
from planner.errors import FileError
from planner.printed.columns import StepColumns, of_rows
from planner.printed.reading import read_printed, stream_steps
from planner.printed.rows import StepRow

START = datetime.datetime(2026, 11, 2, 9, 15)
Write = Callable[[int, float, datetime.datetime], str]


def mlperf(step: int, seconds: float, time: datetime.datetime) -> str:
    stamp = int((time - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
    return (
        f':::MLLOG {{"time_ms": {stamp}, "key": "tracked_stats", "value": {{"train_step_time": {seconds}}}, '
        f'"metadata": {{"step": {step}}}}}'
    )


WRITERS: dict[str, tuple[str, Write]] = {
    "Megatron": (
        "",
        lambda step, seconds, time: (
            f" [{time}] iteration {step:8d}/ 500000 | consumed samples: 12 | elapsed time per iteration "
            f"(ms): {seconds * 1000:.1f} | learning rate: 1.0E-05 | global batch size:   256 | lm loss: 1.2 |"
        ),
    ),
    "NeMo": (
        "",
        lambda step, seconds, _: (
            f"Training epoch 0, iteration {step}/149 | lr: 3e-05 | global_batch_size: 128 | "
            f"global_step: {step} | reduced_train_loss: 1.233 | train_step_timing in s: {seconds}"
        ),
    ),
    "MaxText": (
        "",
        lambda step, seconds, _: (
            f"completed step: {step}, seconds: {seconds}, TFLOP/s/device: 210.1, "
            "Tokens/s/device: 3456.700, loss: 1"
        ),
    ),
    "torchtitan": (
        "",
        lambda step, seconds, time: (
            f"[titan] {time},123 - INFO - \x1b[31mstep: {step}  \x1b[32mloss:  7.8  "
            f"tps: {40_000 / seconds:,.0f}  mfu: 3%"
        ),
    ),
    "MLPerf": (':::MLLOG {"key": "global_batch_size", "value": 64}\n', mlperf),
    "CSV": (
        "# ours\nstep,time,seconds,tokens\n",
        lambda step, seconds, time: f"{step},{time},{seconds},4194304",
    ),
}

#: What stands between the lines of steps, and what of them is unusual and yet right.
OTHERS = ["saved a checkpoint", "", "2026-11-02 10:00:00 global batch size of 3", "iteration done"]


@st.composite
def logs(draw: st.DrawFn, name: str) -> str:
    header, write = WRITERS[name]
    lines, step, time = [], 0, START
    for _ in range(draw(st.integers(3, 30))):
        step = max(step + draw(st.sampled_from([1, 1, 1, 10, -5])), 1)
        time += datetime.timedelta(seconds=draw(st.sampled_from([4, 4, 5, 4000])))
        text = write(step, draw(st.sampled_from([3.5, 4.25, 5.0])), time)
        if name != "CSV":
            lines += draw(st.lists(st.sampled_from(OTHERS), max_size=1))
            if name == "Megatron" and draw(st.integers(0, 9)) == 0:
                text = text.replace(" | global batch size:   256", "")
        lines.append(text)
    ends = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return header.replace("\n", ends) + ends.join(lines) + draw(st.sampled_from([ends, "", ends + text[:9]]))


def columns_of(rows: tuple[object, ...]) -> StepColumns:
    return of_rows([row for row in rows if isinstance(row, StepRow)])


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25)
@given(data=st.data())
def test_blocks_say_what_lines_say(
    name: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "run.log"
    path.write_bytes(data.draw(logs(name)).encode())
    found, rows = read_printed(path)
    assert found == name
    expected = columns_of(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planner.printed.lines, "_BLOCK", data.draw(st.sampled_from([200, 1000, 2**20])))
        blocks = list(stream_steps(path))
    for field in ("steps", "seconds", "batch_sequences", "tokens", "tokens_per_s_per_chip", "times"):
        told = np.concatenate([getattr(block, field) for block in blocks])
        np.testing.assert_allclose(told, getattr(expected, field), rtol=1e-12, err_msg=field)
    lines = [block.line_of(place) for block in blocks for place in range(len(block))]
    assert lines == [row.line for row in rows if isinstance(row, StepRow)]


def line_by_line(rows: tuple[object, ...], folder: Path) -> Progress:
    """Feed one line at a time."""
    with pytest.MonkeyPatch.context() as patched:
        whole = columns_of(rows)
        assert len(whole)
        single = [of_rows([row]) for row in rows if isinstance(row, StepRow)]
        patched.setattr("planner.acceptance.progress.stream_steps", lambda _: iter(single))
        return read_progress([folder], sequence_length=8192, chips=8)


@settings(max_examples=40)
@given(data=st.data())
def test_the_sum_does_not_depend_on_how_many_lines_are_taken_at_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "run.log"
    path.write_bytes(data.draw(logs(data.draw(st.sampled_from(["CSV", "torchtitan", "MLPerf"])))).encode())
    at_once = read_progress([path], sequence_length=8192, chips=8)
    one_by_one = line_by_line(read_printed(path)[1], path)
    for name in ("tokens", "rate", "rate_log_error", "stopped_h"):
        assert getattr(at_once, name) == pytest.approx(getattr(one_by_one, name), rel=1e-9, abs=1e-6), name
    for name in ("last_step", "stops", "steps_again", "first_time", "last_time", "weeks"):
        assert getattr(at_once, name) == getattr(one_by_one, name), name


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_wrong_far_down_is_refused_by_its_line(tmp_path: Path, name: str) -> None:
    header, write = WRITERS[name]
    lines = [write(step, 4.0, START + datetime.timedelta(seconds=4 * step)) for step in range(1, 400)]
    wrong = {
        "Megatron": lines[299].replace("4000.0", "4000,0"),
        "NeMo": lines[299].replace("4.0", "4,0"),
        "MaxText": lines[299].replace("3456.700", "3.456,7"),
        "torchtitan": lines[299].replace("10,000", "10.000,5"),
        "MLPerf": lines[299].replace("}}", "}"),
        "CSV": lines[299].replace("4.0", "4;0"),
    }[name]
    lines[299] = wrong
    path = tmp_path / "run.log"
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planner.printed.lines, "_BLOCK", 5000)
        with pytest.raises(FileError, match=f"line {300 + header.count(chr(10))}: "):
            list(stream_steps(path))


def test_a_batch_that_mlperf_said_makes_tokens_of_its_steps(tmp_path: Path) -> None:
    """Of real logs: the batch comes before, steps say a throughput, and where they are in samples."""
    rows = [
        ':::MLLOG {"time_ms": 1700000000000, "key": "global_batch_size", "value": 64, "metadata": {}}',
        *(
            f':::MLLOG {{"time_ms": {1_700_000_000_000 + 4000 * step}, "key": "tracked_stats", '
            f'"value": {{"throughput": 16.0}}, "metadata": {{"samples_count": {64 * step}}}}}'
            for step in range(1, 11)
        ),
        ':::MLLOG {"time_ms": 1700000050000, "key": "eval_accuracy", "value": 0.5, "metadata": {}}',
    ]
    path = tmp_path / "run.log"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = read_progress([path], sequence_length=8192, chips=8)
    assert (found.last_step, found.tokens) == (10, 10 * 64 * 8192)
    assert found.rate == pytest.approx(16 * 8192)
    assert found.goodput == pytest.approx(1.0)
