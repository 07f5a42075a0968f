"""A parallel layout as people read it: its degrees, what it computes twice, and what it says in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import plainest_schedule
from planner.planning.layout_space import LayoutSpace


@dataclass(frozen=True, slots=True)
class LayoutChoice:
    """The parallel layout that the estimate is for."""

    tp: int
    cp: int
    ep: int
    #: chips that split each expert
    etp: int
    pp: int
    vpp: int
    dp: int
    microbatch: int
    zero: int
    #: of the layers that are not run again whole; where all are, `full`
    recompute: str
    #: of a stage, where only some of its layers are run again whole, how many, and how many it has
    recompute_layers: int
    stage_layers: int
    schedule: str
    #: sequences of one step, and microbatches of one pipeline in it
    batch: int
    microbatches: int
    chips_used: int
    #: searched: found by the layout search; given: every part was in the plan
    origin: Literal["searched", "given"]

    @property
    def words(self) -> str:
        """The layout in a line: `tensor 8, pipeline 16 x 8, data 128, microbatch 1, ZeRO 2, ...`."""
        context = f", context {self.cp}" if self.cp > 1 else ""
        expert = f", experts over {self.ep}" if self.ep > 1 else ""
        expert += f" (each over {self.etp})" if self.etp > 1 else ""
        virtual = f" x {self.vpp}" if self.vpp > 1 else ""
        plain = self.schedule == plainest_schedule(self.vpp)
        schedule = "" if plain else f", {self.schedule}"
        return (
            f"tensor {self.tp}{context}{expert}, pipeline {self.pp}{virtual}, data {self.dp}, "
            f"microbatch {self.microbatch}, ZeRO {self.zero}, recompute {self.again}{schedule}"
        )

    @property
    def again(self) -> str:
        """What is computed twice, in words: a mode, or so many layers of a stage."""
        if not self.recompute_layers:
            return self.recompute
        layers = f"{self.recompute_layers} of {self.stage_layers} layers"
        return layers if self.recompute == "none" else f"{layers}, {self.recompute}"


#: What a layout says, by its keys in a plan's strategy: the degrees, then what is told in words.
DEGREES = {
    "tensor": "tp",
    "context": "cp",
    "expert": "ep",
    "expert_tensor": "etp",
    "pipeline": "pp",
    "virtual_stages": "vpp",
    "data": "dp",
    "microbatch": "microbatch",
    "zero": "zero",
}
WORDS = ("recompute", "schedule")


def layout_choice(row: FloatArray, space: LayoutSpace) -> LayoutChoice:
    """Return a candidate as people read it."""
    value = dict(zip(COLUMNS, map(float, row), strict=True))
    degree = {name: int(value[name]) for name in COLUMNS if not name.startswith("recompute")}
    variant = space.variant(row)
    layers, stages = space.grid.layers, degree["pipeline"] * degree["virtual_stages"]
    stage_layers = min(-(-layers // stages) * degree["virtual_stages"], layers)
    share = value["recompute_layers"]
    again = round(share * stage_layers) if 0.0 < share < 1.0 else 0
    shares = (value["recompute_attention"], 0.0 if again else share)
    found = (name for name, mode in RECOMPUTE.items() if mode.shares == shares and not mode.columns)
    batch = int(space.grid.batches(row[:, None])[0])
    per_step = degree["data"] * degree["microbatch"]
    return LayoutChoice(
        tp=degree["tensor"],
        cp=degree["context"],
        ep=degree["expert"],
        etp=degree["expert_tensor"],
        pp=degree["pipeline"],
        vpp=degree["virtual_stages"],
        dp=degree["data"],
        microbatch=degree["microbatch"],
        zero=degree["zero"],
        recompute=variant.recompute or next(found),
        recompute_layers=again,
        stage_layers=stage_layers,
        schedule=variant.schedule or plainest_schedule(degree["virtual_stages"]),
        batch=batch,
        microbatches=-(-batch // per_step),
        chips_used=degree["tensor"] * degree["context"] * degree["pipeline"] * degree["data"],
        origin="given" if space.is_given else "searched",
    )
