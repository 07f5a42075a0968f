"""Printed output of each tool is read as it says, and hostile output is refused by file and line."""

# ruff: noqa: E501 - tables are as wide as tools print them
from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from planner.engine.collective_words import Collective, bus_factor
from planner.errors import FileError
from planner.printed.reading import read_printed, stream_steps
from planner.printed.rows import CollectiveRow, CopyRow, PortRow, StepRow

NCCL = """\
# nccl-tests version 2.17.1 nccl-headers=22602 nccl-library=22602
# Collective test starting: all_reduce_perf
# nThread 1 nGpus 1 minBytes 536870912 maxBytes 8589934592 step: 2(factor) warmup iters: 20 iters: 100
#
# Using devices
#  Rank  0 Group  0 Pid  100 on  host-a device  0 [0000:19:00] NVIDIA H100 80GB HBM3
#  Rank  1 Group  0 Pid  101 on  host-a device  1 [0000:3b:00] NVIDIA H100 80GB HBM3
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
   536870912     134217728     float     sum      -1   2140.0  250.55  438.46      0   2141.0  250.50  438.40      0
  8589934592    2147483648     float     sum      -1    31391  273.64  478.87      0    31400  273.57  478.75    N/A
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 458.66
"""
HCCL = """\
the minbytes is 8192, maxbytes is 67108864, iters is 20, warmup_iters is 5
data_size(Bytes):  | aveg_time(us):  | alg_bandwidth(GB/s):  | check_result:
8192               | 79.45           | 0.10311               | success
67108864           | 950.20          | 70.62600              | NULL
"""
NVBANDWIDTH = """\
nvbandwidth Version: v0.8
Running host_to_device_memcpy_sm.
memcpy SM CPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0     35.19     35.25

SUM host_to_device_memcpy_sm 70.44

Running device_to_device_memcpy_read_ce.
memcpy CE GPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0       N/A     26.34
 1     26.34       N/A

SUM device_to_device_memcpy_read_ce 52.68
"""
IB = """\
                    RDMA_Write BW Test
 Dual-port       : OFF          Device         : mlx5_0
 #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]
 8388608    5000             392.10             391.92             0.005840
"""
MEGATRON = (
    " [2024-05-01 12:00:00] iteration       {step}/  500000 | consumed samples:        2560 | "
    "elapsed time per iteration (ms): 3456.7 | throughput per GPU (TFLOP/s/GPU): 412.3 | "
    "learning rate: 1.0E-05 | global batch size:   256 | lm loss: 1.2E+01 | loss scale: 1.0 |\n"
)
NEMO = (
    "Training epoch 0, iteration {step}/149 | lr: 3e-05 | consumed_samples: 121 | global_batch_size: 128 | "
    "global_step: {step} | reduced_train_loss: 1.233 | train_step_timing in s: 5.123\n"
)
MAXTEXT = (
    "completed step: {step}, seconds: 4.321, TFLOP/s/device: 210.123, Tokens/s/device: 3456.700, "
    "total_weights: 524288, loss: 10.100\n"
)
TITAN = (
    "[rank0]:[titan] 2025-01-01 12:00:00,123 - root - INFO - \x1b[31mstep: {step}  \x1b[32mloss:  7.8123  "
    "\x1b[33mmemory: 40.11GiB(50.02%)  \x1b[34mtps: 5,432  \x1b[36mtflops: 312.10  \x1b[35mmfu: 31.56%\x1b[39m\n"
)
MLPERF = (
    ':::MLLOG {{"namespace": "", "time_ms": 1700000000000, "event_type": "POINT_IN_TIME", "key": "tracked_stats", '
    '"value": {{"train_step_time": 2.5}}, "metadata": {{"step": {step}}}}}\n'
)
CSV = "step,time,seconds,tokens\n1,2026-11-02 09:15:00,3.5,4194304\n2,2026-11-02 09:15:04,3.6,4194304\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "printed.txt"
    path.write_bytes(text.encode())
    return path


def test_tables_of_collectives(tmp_path: Path) -> None:
    name, rows = read_printed(written(tmp_path, NCCL))
    assert name.startswith("nccl-tests")
    first, last = rows
    assert isinstance(last, CollectiveRow)
    assert isinstance(first, CollectiveRow)
    assert (last.size_bytes, last.bus_bytes_per_s, last.ranks) == (2**33, 478.87e9, 2)
    assert (first.collective, first.algorithm_bytes_per_s) == ("all_reduce", 250.55e9)
    _, rows = read_printed(written(tmp_path, HCCL))
    assert isinstance(rows[1], CollectiveRow)
    assert (rows[1].size_bytes, rows[1].bus_bytes_per_s) == (2**26, None)
    assert rows[1].algorithm_bytes_per_s == pytest.approx(70.626e9, rel=1e-5)


def test_copies_and_ports(tmp_path: Path) -> None:
    _, rows = read_printed(written(tmp_path, NVBANDWIDTH))
    assert [row.bytes_per_s / 1e9 for row in rows if isinstance(row, CopyRow)] == [35.19, 35.25, 26.34, 26.34]
    _, rows = read_printed(written(tmp_path, IB))
    assert isinstance(rows[0], PortRow)
    assert rows[0].bytes_per_s == pytest.approx(391.92e9 / 8)


@pytest.mark.parametrize(
    ("text", "name", "seconds", "rate"),
    [
        (MEGATRON, "Megatron", 3.4567, None),
        (NEMO, "NeMo", 5.123, None),
        (MAXTEXT, "MaxText", 4.321, 3456.7),
        (TITAN, "torchtitan", None, 5432.0),
        (MLPERF, "MLPerf", 2.5, None),
    ],
)
def test_lines_of_training_logs(
    tmp_path: Path, text: str, name: str, seconds: float | None, rate: float | None
) -> None:
    lines = "loading\n" + "".join(text.format(step=step) for step in (10, 11, 12)) + "saved a checkpoint\n"
    found, rows = read_printed(written(tmp_path, lines))
    assert found == name
    assert [row.step for row in rows if isinstance(row, StepRow)] == [10, 11, 12]
    assert isinstance(rows[0], StepRow)
    assert rows[0].seconds == pytest.approx(seconds)
    assert rows[0].tokens_per_s_per_chip == rate
    cut = lines + text.format(step=13)[: len(text) // 2].rstrip("\n")
    assert len(read_printed(written(tmp_path, cut))[1]) == 3, "a last line that was cut in the middle is none"


def test_a_csv_of_steps(tmp_path: Path) -> None:
    _, rows = read_printed(written(tmp_path, CSV))
    assert isinstance(rows[1], StepRow)
    assert (rows[1].step, rows[1].seconds, rows[1].tokens) == (2, 3.6, 4194304)
    assert rows[1].time is not None


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (NCCL.replace("273.64  478.87      0    31400  273.57  478.75    N/A\n", "273\n"), 13, "cut"),
        (NCCL.replace("438.46", "438,46"), 12, "expected a number"),
        (NCCL + NCCL, 16 + 9, "second run"),
        (NCCL.replace("478.87", "nan"), 13, "expected a number"),
        (NCCL.replace("438.46      0", "438.46     17"), 12, "17 values are wrong"),
        (NCCL.replace("time   algbw", "Zeit   algbw"), 10, "no column time"),
        (NCCL.replace("  8589934592", "   536870911"), 13, "second run"),
        (HCCL.replace("79.45", "79,45"), 3, "expected a number"),
        (HCCL.replace("79.45", "0.00"), 3, "aveg_time is 0"),
        (NVBANDWIDTH.replace("35.25", "35,25"), 5, "expected a number"),
        (IB.replace("391.92 ", "391,92 "), 4, "expected a number"),
        (IB.replace("             391.92             0.005840", ""), 4, "cut"),
        (NEMO.format(step=1).replace("5.123", "5,123"), 1, "expected a number"),
        (MAXTEXT.format(step=1).replace("Tokens/s/device: 3456.700, ", ""), 1, "no Tokens/s/device"),
        (TITAN.format(step=1).replace("5,432", "5.432,1"), 1, "expected a number"),
        (MLPERF.format(step=1).replace("train_step_time", "loss"), 1, "says no step and time"),
        (MLPERF.format(step=1).replace('"step": 1', '"epoch": 1'), 1, "says no step and time"),
        (CSV.replace("3.6,", '"3,6",'), 3, "expected a number"),
        (CSV + "four,2026-11-02 09:15:08,3.6,1\n", 4, "expected a number"),
        (CSV + "3,02.11.2026 09:15,3.6,1\n", 4, "expected such as"),
        (CSV + CSV, 4, "expected a number"),
        (HCCL.replace("| NULL", "").replace("| 70.62600              ", ""), 4, "cut"),
        (HCCL.replace("success", "failed"), 3, "check failed"),
        (HCCL + HCCL, 6, "second run"),
        (NVBANDWIDTH.replace(" 0     35.19     35.25", " 0     35.19"), 5, "cut"),
        (IB.replace("Gb/sec", "furlongs"), 3, "expected Gb/sec"),
        (MEGATRON.format(step=1).replace("elapsed time", "elapsed tide"), 1, "elapsed time per iteration"),
        (MEGATRON.format(step=1).replace("3456.7", "3456,7"), 1, "expected a number"),
        (MLPERF.format(step=1).replace("}}", "}"), 1, "whole record"),
        (CSV + "3,2026-11-02 09:15:08,3.6\n", 4, "columns"),
        (CSV.replace("seconds", "Sekunden"), 1, "expected a header"),
        ("nothing\nthat a tool prints\n", 1, "no tool prints such lines"),
        ("\x00\x01", 1, "no tool prints such lines"),
        ("# size\xff", 1, ""),
    ],
)
def test_hostile_output_is_refused_by_file_and_line(
    tmp_path: Path, text: str, line: int, expected: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FileError) as refused:
        read_printed(path)
    told = str(refused.value)
    assert told.startswith(f"{path}: line {line}: "), told
    assert expected in told
    assert "\n" not in told
    assert "\x1b" not in told


def test_what_is_no_text_or_has_endless_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="line 1: is not UTF-8"):
        read_printed(path)
    path.write_bytes(b"x" * 200_000)
    with pytest.raises(FileError, match="longer than"):
        read_printed(path)
    with pytest.raises(FileError, match="no such file"):
        read_printed(tmp_path / "none")
    with pytest.raises(FileError, match="regular file"):
        read_printed(tmp_path)


def test_a_long_log_streams_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("w", encoding="utf-8") as file:
        for step in range(4_000):
            file.write(MAXTEXT.format(step=step))
    tracemalloc.start()
    count = sum(len(columns) for columns in stream_steps(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert most < 12_000_000


@pytest.mark.parametrize("collective", ["all_gather", "reduce_scatter"])
def test_hccl_test_counts_the_whole_of_a_gather_in_gb_or_gib(tmp_path: Path, collective: Collective) -> None:
    """`-b 67108864` on 8 ranks: each sends or keeps 8 MiB, and the table says 64 MiB, as nccl-tests does.

    By the tool's source (`count = data_size / ranks`, bandwidth `count * ranks / time`); the row in GiB is that of the
    user guide, whose 23.76 is 67,108,864 bytes in 2,630.20 us.
    """
    header = HCCL.splitlines()[1]
    rates = []
    for printed in (67108864 / 2630.20e-6 / 1e9, 23.76245):
        text = f"{header}\n67108864          | 2630.20        | {printed:.5f}             | success\n"
        _, (row,) = read_printed(written(tmp_path, text))
        assert isinstance(row, CollectiveRow)
        assert row.size_bytes == 67108864
        rates.append(row.algorithm_bytes_per_s)
    assert rates == pytest.approx([67108864 / 2630.20e-6] * 2)
    # each rank receives seven parts of eight of it through its port
    assert rates[0] * bus_factor(collective, 8) == pytest.approx(7 * 8 * 2**20 / 2630.20e-6)
    wrong = f"{header}\n67108864          | 2630.20        | 3.18900             | success\n"
    with pytest.raises(FileError, match=r"line 2: .*not size over time"):
        read_printed(written(tmp_path, wrong))
