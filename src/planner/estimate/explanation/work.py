"""Explains what training costs in operations: parameters, FLOPs, utilisation, and the export class."""

from __future__ import annotations

import math
from dataclasses import replace

from planner.compliance.eccn import classification_words
from planner.compliance.facts import derive, number
from planner.domain.evidence import value_of
from planner.engine.architecture import (
    layer_parameters,
    mixture_layers,
    parameter_counts,
    recomputed_flops_per_token,
    training_flops_per_token,
)
from planner.engine.attention import attention_flops_per_token, mean_context
from planner.engine.recompute import RECOMPUTE
from planner.estimate.explanation.node import Grounds, Node, Unit
from planner.estimate.explanation.scene import ModelScene, Scene, field, of_profile, typed
from planner.planning.chip import half_precision_peak
from planner.planning.compliance_facts import BIT_LENGTHS, PoolFacts, pool_facts
from planner.planning.workload import phase_workloads

#: Numbers of the shape that count other things than parameters.
_COUNTED = frozenset({"layers", "dense_layers", "mixture_layers", "experts"})


def _shape(scene: ModelScene, symbol: str, name: str, value: float, path: str = "architecture") -> Node:
    """Return a number of the model's shape as a leaf."""
    model = scene.resolved.model
    grounds = (
        Grounds("plan", f"plan: model.{path}")
        if model is None
        else of_profile(model, path, model.architecture_evidence)
    )
    unit: Unit = "" if symbol in _COUNTED else "parameters"
    return Node(symbol, name, float(value), unit, grounds=grounds)


def parameters(scene: ModelScene, *, is_active: bool = False) -> Node:
    """Return the tree of the model's parameters, or of those that one token uses."""
    shape = scene.architecture
    counts, part = parameter_counts(shape), layer_parameters(shape)
    total = float(counts.active if is_active else counts.total)
    sparse = float(mixture_layers(shape))
    common = float(part.attention_matmul + part.attention_vectors + part.norm_vectors)
    terms = [
        ("embedding", [("embedding", "input embedding", float(counts.embedding))]),
        (
            "layers x attention",
            [
                ("layers", "layers", float(shape.layers)),
                ("attention", "attention and norms of a layer", common),
            ],
        ),
    ]
    if float(shape.has_tied_embeddings) == 0:
        terms.append(("head", [("head", "output head", float(counts.output_head))]))
    if sparse < float(shape.layers):
        dense = ("dense_layers", "layers without experts", float(shape.layers) - sparse)
        width = float(part.feed_forward_matmul + part.feed_forward_vectors)
        terms.append(
            (
                "dense_layers x feed_forward",
                [dense, ("feed_forward", "feed-forward part of such a layer", width)],
            )
        )
    if sparse:
        terms += _expert_terms(scene, sparse, is_active=is_active)
    known = sum(math.prod(value for _, _, value in factors) for _, factors in terms)
    terms.append(("rest", [("rest", "final norm, learned positions, biases of the head", total - known)]))
    rows = {symbol: (name, value) for _, factors in terms for symbol, name, value in factors}
    children = tuple(_shape(scene, symbol, name, value) for symbol, (name, value) in rows.items())
    equation = " + ".join(term for term, _ in terms)
    symbol = "active_parameters" if is_active else "parameters"
    name = "parameters that one token uses" if is_active else "parameters"
    return Node(symbol, name, total, "parameters", equation, None, children)


def _expert_terms(
    scene: ModelScene, sparse: float, *, is_active: bool
) -> list[tuple[str, list[tuple[str, str, float]]]]:
    """Return the terms of the layers with experts: routed experts, and what every token uses beside them."""
    shape, part = scene.architecture, layer_parameters(scene.architecture)
    layers = ("mixture_layers", "layers with experts", sparse)
    used = float(shape.active_experts if is_active else shape.experts)
    expert = float(part.expert_matmul + part.expert_vectors)
    name = "routed experts that a token uses" if is_active else "routed experts"
    shared = ("shared", "router and shared experts of a layer", float(part.router + part.shared_matmul))
    return [
        (
            "mixture_layers x experts x expert",
            [layers, ("experts", name, used), ("expert", "one expert", expert)],
        ),
        ("mixture_layers x shared", [layers, shared]),
    ]


def flops_per_token(
    scene: ModelScene, sequence: float, *, causal: bool = True, with_prediction: bool = True
) -> Node:
    """Return the tree of the FLOPs of one training token."""
    a = scene.architecture
    counts = parameter_counts(a)
    modules = float(a.multi_token_prediction_layers) if with_prediction else 0.0
    children = [
        _shape(
            scene,
            "matmul",
            "weights that multiply each token, output head included",
            float(counts.active_matmul),
        ),
        Node(
            "attention_layers",
            "layers with attention, prediction modules included" if modules else "layers",
            float(a.layers) + modules,
            "",
            grounds=_shape(scene, "", "", 0.0, "architecture.layers").grounds,
        ),
        _attention(scene, sequence, causal=causal),
    ]
    equation = "6 x matmul + 3 x attention_layers x attention"
    if modules:
        extra = float(counts.prediction_active_matmul)
        children.append(_shape(scene, "prediction", "weights of the prediction modules", extra))
        equation = "6 x (matmul + prediction) + 3 x attention_layers x attention"
    value = training_flops_per_token(a, sequence, causal=causal, with_prediction=with_prediction)
    return Node(
        "flops_per_token",
        "FLOPs of one training token",
        float(value),
        "FLOP",
        equation,
        None,
        tuple(children),
    )


def _attention(scene: ModelScene, sequence: float, *, causal: bool) -> Node:
    a = scene.architecture
    context = float(mean_context(a, sequence, causal=causal))
    value = float(attention_flops_per_token(a, sequence, causal=causal))
    widths = value / (2.0 * float(a.heads) * context)
    grounds = _shape(scene, "", "", 0.0).grounds
    children = (
        Node("heads", "attention heads", float(a.heads), "", grounds=grounds),
        Node("widths", "width of a head's query and value together", widths, "", grounds=grounds),
        Node(
            "context",
            f"keys that a query meets on average ({'causal: half' if causal else 'all'} of the sequence)",
            context,
            "tokens",
            method="full layers meet the sequence, windowed ones their window",
            children=(typed("sequence", "sequence length", sequence, "tokens", "workload.sequence_length"),),
        ),
    )
    return Node(
        "attention",
        "forward FLOPs of attention, per token and layer",
        value,
        "FLOP",
        "2 x heads x widths x context",
        None,
        children,
    )


def training_flops(scene: ModelScene) -> Node:
    """Return the tree of what thresholds on training compute count."""
    phases = []
    terms = []
    total = 0.0
    workloads = phase_workloads(scene.resolved.plan)
    for index, phase in enumerate(workloads, start=1):
        key = "workload.tokens" if len(workloads) == 1 else f"workload.phases[{index - 1}].tokens"
        tokens = typed(f"tokens_{index}", "training tokens", phase.tokens, "tokens", key)
        each = flops_per_token(scene, float(phase.sequence_length), with_prediction=False)
        each = replace(each, symbol=f"flops_{index}")
        phases += [tokens, each]
        terms.append(f"tokens_{index} x flops_{index}")
        assert isinstance(tokens.value, float)
        assert isinstance(each.value, float)
        total += tokens.value * each.value
    name = "training FLOPs (6N + causal attention, no recomputation)"
    return Node("training_flops", name, total, "FLOP", " + ".join(terms), None, tuple(phases))


def peak(scene: Scene | ModelScene) -> Node:
    """Return the dense 16-bit peak, which utilisations are by."""
    _, datatype = half_precision_peak(scene.pool.chip)
    return field(
        "peak",
        f"dense {datatype} peak of one chip",
        scene.pool.chip,
        f"peak_dense_flops_per_s.{datatype}",
        "FLOP/s",
    )


def utilisation(scene: Scene, rate: Node, *, causal: bool = True, is_hardware: bool = False) -> Node:
    """Return the tree of model or hardware FLOP utilisation."""
    sequence = float(scene.main.workload.sequence_length)
    performance = scene.performance
    each = flops_per_token(scene.model, sequence, causal=causal)
    chips = typed("chips", "chips of the pool", float(scene.pool.chips), "chips", "cluster.pools")
    if is_hardware:
        again, layers_again = RECOMPUTE[scene.main.layout.recompute].shares
        extra = float(recomputed_flops_per_token(scene.model.architecture, sequence, again, layers_again))
        recomputed = Node(
            "recomputed",
            f"FLOPs that recomputation adds to a token ({scene.main.layout.recompute})",
            extra,
            "FLOP",
            method="one more forward pass of what is run again",
        )
        return Node(
            "hfu",
            "hardware FLOP utilisation",
            performance.hfu.band.p50,
            "share",
            "(flops_per_token + recomputed) x tokens_per_second / (chips x peak)",
            None,
            (each, recomputed, rate, chips, peak(scene)),
        )
    shown = performance.mfu if causal else performance.mfu_full_attention
    return Node(
        "mfu" if causal else "mfu_full_attention",
        f"model FLOP utilisation ({shown.convention})",
        shown.band.p50,
        "share",
        "flops_per_token x tokens_per_second / (chips x peak)",
        None,
        (each, rate, chips, peak(scene)),
    )


def total_processing_performance(scene: ModelScene) -> Node:
    """Return the tree of the export rules' total processing performance."""
    chip = scene.pool.chip
    children = []
    for datatype, figure in chip.peak_dense_flops_per_s.items():
        rate, bits = value_of(figure), BIT_LENGTHS.get(datatype)
        if rate is None or bits is None:
            continue
        leaf = field("rate", f"dense {datatype} rate", chip, f"peak_dense_flops_per_s.{datatype}", "FLOP/s")
        length = Node("bits", f"bit length of {datatype}", float(bits), "", grounds=_rule_grounds())
        children.append(
            Node(
                datatype, f"{datatype}", rate / 1e12 * bits, "TPP", "rate / 1e12 x bits", None, (leaf, length)
            )
        )
    value = number(_chip_facts(scene), "chip.tpp")
    listed = ", ".join(child.symbol for child in children)
    equation = f"max({listed})" if len(children) > 1 else listed or None
    name = "total processing performance: dense TOPS x bit length, the greatest"
    return Node("tpp", name, value, "TPP", equation, None, tuple(children))


def performance_density(scene: ModelScene) -> Node:
    """Return the tree of the export rules' performance density."""
    area = field("area", "area of the logic dies", scene.pool.chip, "trade.logic_die_area_mm2", "mm2")
    value = number(_chip_facts(scene), "chip.performance_density")
    children = (total_processing_performance(scene), area)
    equation = "tpp / area" if value is not None else None
    return Node("performance_density", "performance density", value, "TPP/mm2", equation, None, children)


def export_class(scene: ModelScene) -> Node:
    """Return what the export classification is read from."""
    return Node(
        "eccn",
        "export class of ECCN 3A090 by the chip's numbers",
        str(_chip_facts(scene).get("chip.eccn", "unknown")),
        "words",
        method=classification_words(),
        children=(
            total_processing_performance(scene),
            performance_density(scene),
            field(
                "datacenter",
                "designed or marketed for data centres",
                scene.pool.chip,
                "trade.is_datacenter",
                "words",
            ),
        ),
    )


def _chip_facts(scene: ModelScene) -> dict[str, object]:
    pool = scene.pool
    return derive(pool_facts(PoolFacts(pool.pool.id, pool.chip, pool.chips, None)))


def _rule_grounds() -> Grounds:
    return Grounds("derived", "ECCN 3A090, technical note 2", (), "the bit length of the operation")
