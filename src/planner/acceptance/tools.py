"""Which tool tests what on each platform, and the command to run it."""

from __future__ import annotations

from dataclasses import dataclass

from planner.engine.collective_words import Collective, bus_factor


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and the command of one test."""

    name: str
    command: str
    #: what it prints over bus bandwidth: 1, or where it prints size over time, less. [-]
    printed_over_bus: float = 1.0


#: Of the tools' binaries, that of each collective.
_BINARIES: dict[Collective, str] = {
    "all_reduce": "all_reduce",
    "all_gather": "all_gather",
    "reduce_scatter": "reduce_scatter",
    "alltoall": "alltoall",
    "broadcast": "broadcast",
    "reduce": "reduce",
    "sendrecv": "sendrecv",
}
#: The tools that time collectives, by platform. hccl_test prints algorithm bandwidth alone.
_COLLECTIVE_TOOLS = {
    "cuda": "nccl-tests",
    "rocm": "rccl-tests",
    "cann": "hccl_test",
    "synapse": "hccl_demo",
    "neuron": "nccom-test",
}


def collective_tool(platform: str, collective: Collective, size_bytes: float, ranks: float) -> Tool | None:
    """Return the tool that times a collective on a platform; None where no public one is known."""
    name = _COLLECTIVE_TOOLS.get(platform)
    size, count, binary = round(size_bytes), round(ranks), _BINARIES[collective]
    if name in ("nccl-tests", "rccl-tests"):
        return Tool(name, f"mpirun -n {count} {binary}_perf -b {size} -e {size} -f 2 -g 1 -w 20 -n 100")
    if name == "hccl_test":
        command = f"mpirun -n {count} ./bin/{binary}_test -b {size} -e {size} -f 2 -w 20 -n 100"
        return Tool(name, command, 1.0 / bus_factor(collective, ranks))
    if name == "hccl_demo":
        return Tool(name, f"./run_hccl_demo.py --test {collective} --nranks {count} --size {size} --loop 100")
    if name == "nccom-test":
        short = {"all_reduce": "allr", "all_gather": "allg", "reduce_scatter": "redsct"}.get(collective)
        return (
            Tool(name, f"nccom-test -r {count} -b {size} -e {size} -w 20 -n 100 {short}") if short else None
        )
    return None


def matmul_tool(platform: str, datatype: str, shape: tuple[int, int, int]) -> Tool | None:
    """Return the tool that times a matmul of a shape on a platform."""
    m, k, n = shape
    if platform in ("cuda", "rocm", "synapse"):
        return Tool("mamf-finder", f"./mamf-finder.py --m {m} --k {k} --n {n} --dtype {datatype}")
    if platform == "cann":
        return Tool("ascend-dmi", f"ascend-dmi -f -t {datatype}")
    return None


def memory_tool(platform: str) -> Tool | None:
    """Return the tool that times a chip's memory."""
    if platform == "cuda":
        return Tool("BabelStream", "cuda-stream -s 268435456")
    if platform == "rocm":
        return Tool("BabelStream", "hip-stream -s 268435456")
    return Tool("ascend-dmi", "ascend-dmi --bw -t d2d") if platform == "cann" else None


def port_tool(fabric_kind: str) -> Tool | None:
    """Return the tool that times one port of a fabric."""
    if fabric_kind in ("infiniband", "roce"):
        return Tool("perftest", "ib_write_bw -d DEVICE -s 8388608 -q 4 -D 10 --report_gbits PEER")
    if fabric_kind == "efa":
        return Tool("fabtests", "fi_rma_bw -p efa -o write -S 8388608 -n 5000 PEER")
    return None


def cache_tool(engine: str) -> Tool:
    """Return what says how many tokens the cache of a rollout engine holds: its own log."""
    told = {
        "vllm": "the line 'GPU KV cache size'",
        "vllm-ascend": "the line 'GPU KV cache size'",
        "sglang": "max_total_num_tokens",
    }
    return Tool(
        f"the log of {engine}" if engine in told else "the rollout engine's log",
        f"start a copy with the weights loaded; {told.get(engine, 'its log')} says how many tokens fit",
    )
