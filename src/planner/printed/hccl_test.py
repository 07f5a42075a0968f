"""Tables of hccl_test, which prints size over time and no bus bandwidth.

`data_size` is the whole buffer of a rank, which `-b` asks for: of an all-gather what each rank holds in the
end, of a reduce-scatter what it begins with; a rank's own part is that over the ranks, as nccl-tests count
too (the tool's source: `init_malloc_Ksize_by_data`). `alg_bandwidth` is that size over the time, in GB of
some versions and in GiB of others (the user guide's example prints 23.76 for 67,108,864 bytes in 2,630.20
us), so the rate is taken of size and time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from planner.printed.lines import PrintedLine
from planner.printed.rows import CollectiveRow

NAME = "hccl_test"
_HEADER = re.compile(r"data_size\s*\(Bytes\).*\balg_bandwidth\s*\(GB/s\)", re.IGNORECASE)
_ROW = re.compile(r"^\s*\d+\s*\|")
_MICRO = 1e-6
#: What a printed bandwidth may count in. [B]
_UNITS = (1e9, 2.0**30)
#: From such a size on, digits and alignment to ranks no longer hide which. [B]
_LARGE = 2**20
_NEAR = 0.02


def recognises(line: PrintedLine) -> bool:
    """Return whether a line begins such a table."""
    return bool(_HEADER.search(line.text))


def read(lines: Iterable[PrintedLine]) -> Iterator[CollectiveRow]:
    """Yield the rows of one run.

    Raises
    ------
    FileError
        Where a row is cut or no number, its result was wrong, or a second run begins.
    """
    is_open, last = False, -1.0
    for line in lines:
        if _HEADER.search(line.text):
            if is_open:
                line.refuse("a second run begins; expected one run a file")
            is_open = True
        elif is_open and _ROW.match(line.text):
            fields = [field.strip() for field in line.text.split("|")]
            if not line.is_whole or len(fields) < 3 or not all(fields[:3]):
                line.refuse("the row is cut; expected data_size, aveg_time and alg_bandwidth")
            if "fail" in line.text.lower():
                line.refuse("its check failed; expected a result that is right")
            size = line.number_of(fields[0], "data_size")
            if size < last:
                line.refuse("the sizes begin anew: a second run; expected one run a file")
            last = size
            time_us = line.number_of(fields[1], "aveg_time")
            if time_us <= 0:
                line.refuse("aveg_time is 0; expected the time of one collective")
            rate = size / (time_us * _MICRO)
            printed = line.number_of(fields[2], "alg_bandwidth")
            is_told = any(abs(printed * unit / rate - 1.0) < _NEAR for unit in _UNITS)
            if size >= _LARGE and not is_told:
                line.refuse("alg_bandwidth is not size over time; expected a table of hccl_test")
            yield CollectiveRow(line.number, size, rate, None)
