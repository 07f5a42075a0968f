"""The words for keys: what parts, classes, tiers, severities and statuses are called on a screen."""

from __future__ import annotations

STEP_PARTS = {
    "compute": "compute",
    "memory_bound": "memory-bound",
    "tensor": "tensor parallel",
    "context": "context parallel",
    "expert": "expert parallel",
    "pipeline_p2p": "pipeline sends",
    "data": "data parallel",
    "bubble": "pipeline bubble",
    "optimizer": "optimizer",
    "jitter": "jitter",
}
TIERS = {"scale_up": "inside the scale-up domain", "scale_out": "over the fabric"}
MEMORY_PARTS = {
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "optimizer states",
    "activations": "activations",
    "logits": "logits",
    "buffers": "buffers",
    "reserve": "reserve",
}
TARGETS = {
    "finish_by": "finish date",
    "power_mw": "power",
    "money_usd": "money",
    "site.power_cap_mw": "site's power cap",
}
FACTS = {
    "parameters": "parameters",
    "active_parameters": "active parameters",
    "tokens": "tokens",
    "training_flops": "training FLOPs",
}
SEVERITIES = {
    "block": "BLOCK",
    "licence_required": "LICENCE",
    "notify": "NOTIFY",
    "report": "REPORT",
    "advisory": "ADVISORY",
}
#: A sign beside each colour: nothing is told by colour alone.
SEVERITY_SIGNS = {"block": "x", "licence_required": "!", "notify": "!", "report": "-", "advisory": "."}
VERDICT_SIGNS = {"met": "+", "likely": "~", "missed": "x", "unknown": "?"}
VERDICT_WORDS = {"met": "met", "likely": "likely met", "missed": "missed", "unknown": "unknown"}
PROFILE_KINDS = {
    "chips": "chip",
    "systems": "system",
    "fabrics": "fabric",
    "stacks": "stack",
    "models": "model",
    "sites": "site",
    "rules": "rule",
    "country_groups": "country groups",
    "claims": "claim",
}


def words(key: str, names: dict[str, str] | None = None) -> str:
    """Return the name of a key, or the key with spaces where it has none."""
    return (names or {}).get(key) or key.replace("_", " ")
