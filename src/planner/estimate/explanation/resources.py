"""Explains what a run takes: memory, power, energy, carbon, water."""

from __future__ import annotations

import math

from planner.engine.memory import OPTIMIZER_STATE_BYTES, RESERVED_SHARE, RUNTIME_BYTES
from planner.engine.power import BUSY_SHARE, HOST_SHARE, IDLE_SHARE, STORAGE_SHARE
from planner.engine.work import HALF_BYTES
from planner.estimate.explanation.node import Grounds, Node, Unit
from planner.estimate.explanation.scene import Scene, chosen, constant, fact, field, typed
from planner.estimate.power import DEFAULT_PUE, GRAMS_PER_TONNE, network_w_per_chip
from planner.planning.result import Band
from planner.planning.stack import held_gradient_bytes
from planner.units import JOULES_PER_MWH, SECONDS_PER_DAY, WATTS_PER_MW

_HOURS = SECONDS_PER_DAY / 3600.0
_MEMORY_NAMES = {
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "optimizer states",
    "activations": "activations",
    "logits": "logits of the last stage",
    "buffers": "buffers of the run time, and weights that are gathered",
    "reserve": "reserve for allocator and fragmentation",
}


def middle(band: Band | None) -> float | None:
    """Return the median of a band, or None where it is unknown."""
    return None if band is None else band.p50


def memory(scene: Scene) -> Node:
    """Return the tree of the bytes on the fullest chip."""
    parts = scene.performance.memory.parts
    return Node(
        "memory",
        "memory of the fullest chip",
        scene.performance.memory.per_chip_bytes,
        "B",
        " + ".join(parts),
        None,
        tuple(memory_part(scene, name) for name in parts),
    )


def memory_capacity(scene: Scene) -> Node:
    """Return the chip's memory."""
    return field("capacity", "memory of a chip", scene.pool.chip, "memory.capacity_bytes", "B")


def memory_part(scene: Scene, name: str) -> Node:
    """Return the tree of one part of the memory."""
    value = scene.performance.memory.parts[name]
    label = f"bytes of {_MEMORY_NAMES.get(name, name)}"
    equation: str | None = None
    method: str | None = None
    children: tuple[Node, ...]
    layout = scene.main.layout
    is_dense = scene.resolved.architecture.mixture is None
    if name == "reserve":
        share = constant(
            "reserved", "share that is kept free", RESERVED_SHARE, "share", "engine: RESERVED_SHARE"
        )
        return Node(name, label, value, "B", "capacity x reserved", None, (memory_capacity(scene), share))
    if name in ("weights", "gradients", "optimizer") and is_dense and layout.zero < 3:
        equation, children = _states(scene, name)
    elif name in ("weights", "gradients", "optimizer"):
        method = (
            "parameters that the chip holds x bytes of each, over the ranks that the ZeRO stage shards it by"
        )
        children = _state_inputs(scene)
    elif name == "buffers":
        method = (
            "buffers of the collective library and the run time; with ZeRO-3 two layers of gathered weights"
        )
        children = (constant("runtime", "run-time buffers", RUNTIME_BYTES, "B", "engine: RUNTIME_BYTES"),)
    else:
        method = (
            "what matmuls and activations keep of each token in flight (Korthikanti 2022), less recomputation"
            if name == "activations"
            else "twelve bytes per token and word of the vocabulary, on the last stage only"
        )
        children = (
            chosen("tensor", "chips that share a layer", layout.tp, scene),
            chosen("pipeline", "pipeline stages", layout.pp, scene),
            chosen("virtual_stages", "virtual stages of a chip", layout.vpp, scene),
            chosen("microbatch", "sequences of a microbatch", layout.microbatch, scene),
        )
    return Node(name, label, value, "B", equation, method, children)


def _states(scene: Scene, name: str) -> tuple[str, tuple[Node, ...]]:
    """Return the equation of a dense model's state below ZeRO-3: parameters held x bytes, maybe sharded."""
    layout = scene.main.layout
    held = Node(
        "held",
        "parameters that the fullest chip holds",
        scene.performance.memory.parts["weights"] / HALF_BYTES,
        "parameters",
        method="its stage's layers with embedding or head, over the tensor-parallel chips",
        children=(
            chosen("tensor", "chips that share a layer", layout.tp, scene),
            chosen("pipeline", "pipeline stages", layout.pp, scene),
        ),
    )
    gradient = held_gradient_bytes(scene.pool.stacks[0], scene.resolved.plan.workload.precision)
    each = {"weights": HALF_BYTES, "gradients": gradient, "optimizer": OPTIMIZER_STATE_BYTES}[name]
    note = (
        "weights in two bytes, gradients in four (two in fp16, or as the stack says), master and two moments "
        "in twelve (ZeRO, arXiv 1910.02054)"
    )
    size = constant("bytes", "bytes of each", each, "B", "engine", note)
    is_sharded = {"weights": False, "gradients": layout.zero >= 2, "optimizer": layout.zero >= 1}[name]
    if not is_sharded:
        return "held x bytes", (held, size)
    ranks = chosen("ranks", "data-parallel ranks that share it", layout.dp * layout.cp, scene)
    return "held x bytes / ranks", (held, size, ranks)


def _state_inputs(scene: Scene) -> tuple[Node, ...]:
    layout = scene.main.layout
    return (
        chosen("tensor", "chips that share a layer", layout.tp, scene),
        chosen("pipeline", "pipeline stages", layout.pp, scene),
        chosen("expert", "chips that share the experts", layout.ep, scene),
        chosen("data", "data-parallel ranks", layout.dp, scene),
        chosen("zero", "ZeRO stage", layout.zero, scene),
    )


def _chips(scene: Scene) -> Node:
    return typed("n", "chips of the pool", scene.pool.chips, "chips", "cluster.pools")


def _tdp(scene: Scene) -> Node:
    return field("tdp", "rating of a chip (TDP)", scene.pool.chip, "tdp_w", "W")


def power_part(scene: Scene, name: str) -> Node:
    """Return the tree of one part of the average power; the value is None where a rating is unknown."""
    value = scene.performance.power.parts.get(name)
    builders = {
        "chips": _chip_power,
        "hosts": _host_power,
        "network": _network_power,
        "storage": _storage_power,
        "cooling": _cooling_power,
    }
    label, equation, method, children = builders[name](scene)
    if value is None:
        equation, method = None, "unknown: a rating that it needs is unknown"
    return Node(name, label, value, "W", equation, method, children)


_PowerParts = tuple[str, str | None, str | None, tuple[Node, ...]]


def _chip_power(scene: Scene) -> _PowerParts:
    step = scene.performance.step
    busy = Node(
        "busy_share",
        "share of the step that a chip computes",
        (step.parts["compute"] + step.parts["memory_bound"]) / step.seconds,
        "share",
        "(compute + memory_bound) / step",
        None,
        (
            Node("compute", "seconds of matmuls and attention", step.parts["compute"], "s"),
            Node("memory_bound", "seconds of element-wise work", step.parts["memory_bound"], "s"),
            Node("step", "seconds of one step", step.seconds, "s"),
        ),
    )
    note = "an 8 x H100 node of 10.2 kW measured 8.4 kW at most and 7.75 kW on average in intensive training"
    children = (
        _chips(scene),
        _tdp(scene),
        constant("idle", "of its rating, when it waits", IDLE_SHARE, "share", "engine: IDLE_SHARE"),
        constant("busy", "of its rating, when it computes", BUSY_SHARE, "share", "engine: BUSY_SHARE", note),
        busy,
    )  # fmt: skip
    return "average power of the chips", "n x tdp x (idle + (busy - idle) x busy_share)", None, children


def _host_power(scene: Scene) -> _PowerParts:
    system = scene.pool.system
    rating = (
        field("system", "rating of a system, chips included", system, "max_power_w", "W"),
        fact("per_system", "chips of a system", system, "chips_per_system", system.chips_per_system),
        _tdp(scene),
    )
    values = [node.value for node in rating]
    known = [value for value in values if isinstance(value, float)]
    host = Node(
        "host",
        "rating of a chip's share of its host: the system's less the chip's, where positive",
        max(known[0] / known[1] - known[2], 0.0) if len(known) == len(values) else None,
        "W",
        "max(system / per_system - tdp, 0)" if len(known) == len(values) else None,
        None,
        rating,
    )
    share = constant(
        "share", "share of its rating that a host draws on average", HOST_SHARE, "share", "engine: HOST_SHARE"
    )
    return "average power of the hosts", "n x share x host", None, (_chips(scene), share, host)


def _network_power(scene: Scene) -> _PowerParts:
    fabric = scene.pool.fabric
    each = network_w_per_chip(scene.pool)
    is_unknown = math.isnan(each)
    per_chip = Node(
        "per_chip",
        "power of switches and optics per chip",
        None if is_unknown else each,
        "W",
        method="switches and modules of a folded Clos network that joins all ports, counted by their radix",
        children=(
            field("radix", "ports of a switch", fabric, "switch_radix", ""),
            field("switch_w", "power of a switch", fabric, "switch_power_w", "W"),
            field("optic_w", "power of an optical module", fabric, "optic_power_w", "W"),
            field("ports", "ports of a host", scene.pool.system, "ports_per_host", ""),
        ),
    )
    if is_unknown:
        return "power of the network", "0", "unknown, and in no sum", (per_chip,)
    return "power of the network", "n x per_chip", None, (_chips(scene), per_chip)


def _storage_power(scene: Scene) -> _PowerParts:
    share = constant(
        "share",
        "storage and management as a share of chips and hosts",
        STORAGE_SHARE,
        "share",
        "engine: STORAGE_SHARE",
    )
    children = (share, power_part(scene, "chips"), power_part(scene, "hosts"))
    return "power of storage and management", "share x (chips + hosts)", None, children


def _cooling_power(scene: Scene) -> _PowerParts:
    return "what the facility adds (PUE)", "it x (pue - 1)", None, (it_power(scene), pue(scene))


def pue(scene: Scene) -> Node:
    """Return the site's overhead: the plan's, else the site's, else assumed."""
    override, site = scene.resolved.plan.site, scene.resolved.site
    if override.pue is not None:
        return typed("pue", "facility over IT power", override.pue, "", "site.pue")
    if site is not None and site.pue is not None and site.pue.value is not None:
        return field("pue", "facility over IT power", site, "pue", "")
    return constant("pue", "facility over IT power, assumed", DEFAULT_PUE, "", "engine: DEFAULT_PUE")


def it_power(scene: Scene) -> Node:
    """Return the tree of the IT power."""
    names = ("chips", "hosts", "network", "storage")
    value = middle(scene.performance.power.it_w)
    children = tuple(power_part(scene, name) for name in names)
    name = "average IT power"
    return Node("it", name, value, "W", None if value is None else " + ".join(names), None, children)


def chips_power(scene: Scene) -> Node:
    """Return the tree of the chips' power."""
    return power_part(scene, "chips")


def facility_power(scene: Scene) -> Node:
    """Return the tree of the power at the meter."""
    value = middle(scene.performance.power.facility_w)
    children = (it_power(scene), pue(scene))
    name = "average power at the meter"
    return Node("facility", name, value, "W", None if value is None else "it x pue", None, children)


def peak_power(scene: Scene) -> Node:
    """Return the tree of the power that the breaker sees."""
    value = scene.performance.power.peak_facility_w
    host = power_part(scene, "hosts").children[2]
    network = power_part(scene, "network")
    storage = power_part(scene, "storage").children[0]
    children = (_chips(scene), _tdp(scene), host, storage, network, pue(scene))
    equation = "(n x (tdp + host) x (1 + share) + network) x pue" if value is not None else None
    return Node("peak_facility", "peak power at the meter", value, "W", equation, None, children)


def energy(scene: Scene) -> Node:
    """Return the tree of the run's energy at the meter."""
    value = middle(scene.performance.energy_mwh)
    days = Node(
        "days",
        "days of training; see training_days",
        scene.performance.training_days.p50,
        "days",
        method="tokens over the rate and the goodput",
    )
    equation = f"facility / {WATTS_PER_MW:g} x days x {_HOURS:g}" if value is not None else None
    return Node(
        "energy",
        "energy of the run at the meter",
        value,
        "MWh",
        equation,
        None,
        (facility_power(scene), days),
    )


def carbon(scene: Scene) -> Node:
    """Return the tree of the run's carbon."""
    override = scene.resolved.plan.site
    value = middle(scene.performance.carbon_t)
    name = "carbon of the grid's electricity"
    if override.carbon_g_per_kwh is not None:
        intensity = typed("intensity", name, override.carbon_g_per_kwh, "g/kWh", "site.carbon_g_per_kwh")
    else:
        intensity = _site_field(scene, "intensity", name, "carbon_g_per_kwh", "g/kWh")
    equation = f"energy x 1000 x intensity / {GRAMS_PER_TONNE:.0f}" if value is not None else None
    return Node("carbon", "carbon of the run", value, "t CO2", equation, None, (energy(scene), intensity))


def water(scene: Scene) -> Node:
    """Return the tree of the run's water."""
    value = middle(scene.performance.water_m3)
    use = _site_field(scene, "use", "water of the site per IT energy", "water_l_per_kwh", "L/kWh")
    equation = "energy / pue x use" if value is not None else None
    return Node("water", "water of the run", value, "m3", equation, None, (energy(scene), pue(scene), use))


def _site_field(scene: Scene, symbol: str, name: str, path: str, unit: Unit) -> Node:
    site = scene.resolved.site
    if site is None:
        return Node(symbol, name, None, unit, grounds=Grounds("assumed", "no site in the plan"))
    return field(symbol, name, site, path, unit)


def joules_per_token(scene: Scene) -> Node:
    """Return the tree of the energy of one token."""
    value = middle(scene.performance.joules_per_token)
    tokens = typed("tokens", "training tokens", scene.training.tokens, "tokens", "workload")
    equation = f"energy x {JOULES_PER_MWH:.0f} / tokens" if value is not None else None
    return Node(
        "joules_per_token", "energy of one token", value, "J/token", equation, None, (energy(scene), tokens)
    )
