"""`planner claim`: judges a vendor's statement about training, typed in or shipped."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import show, write
from planner.errors import InputError, QuantityError
from planner.files.values import shown_value

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.planning.published import PublishedRun
    from planner.units import Dimension

_EXAMPLE = "planner claim --chip ascend-910b --chips 8192 --model pangu-ultra-135b --tokens 13.2T --mfu 50%%"
#: Options that state a claim, by the field that they fill.
_STATED = (
    "chip",
    "chips",
    "nodes",
    "model",
    "parameters",
    "active_parameters",
    "tokens",
    "days",
    "tokens_per_second",
    "mfu",
    "joules_per_token",
    "peak_flops_per_s",
    "sequence_length",
    "precision",
    "flops_convention",
    "flops_per_token",
    "is_original_training",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.epilog = (
        f"Example: {_EXAMPLE}. Exit code 1: the claim is impossible, or the sources call it false."
    )
    parser.add_argument("id", metavar="ID", nargs="?", help="a shipped claim; --list names them")
    parser.add_argument("--list", action="store_true", dest="is_list", help="the shipped claims")
    parser.add_argument("--json", action="store_true", help="print JSON")
    stated = parser.add_argument_group("a claim of your own")
    stated.add_argument("--chip", metavar="ID", help="such as ascend-910b")
    stated.add_argument("--chips", metavar="N", help="how many")
    stated.add_argument("--nodes", metavar="N", help="servers, where the claim counts them too")
    stated.add_argument("--model", metavar="ID", help="such as pangu-ultra-135b")
    stated.add_argument("--params", metavar="P", dest="parameters", help="such as 260B, in place of a model")
    stated.add_argument("--active-params", metavar="P", dest="active_parameters", help="of a mixture")
    stated.add_argument("--tokens", metavar="T", help="such as 13.2T")
    stated.add_argument("--days", metavar="D", help="from first to last step")
    stated.add_argument("--tokens-per-second", metavar="R", help="of all chips")
    stated.add_argument("--mfu", metavar="M", help="model FLOP utilisation, such as 50%%")
    stated.add_argument("--joules-per-token", metavar="J", help="energy of one token")
    stated.add_argument("--peak", metavar="F", dest="peak_flops_per_s", help="the peak that the MFU is by")
    stated.add_argument("--sequence", metavar="S", dest="sequence_length", help="tokens of a sequence")
    stated.add_argument("--precision", metavar="P", help="bf16 where it is not said")
    stated.add_argument(
        "--convention",
        metavar="C",
        dest="flops_convention",
        help="what the MFU counts: 6n, 6n-causal, 6n-full",
    )
    stated.add_argument(
        "--flops-per-token", metavar="F", help="what the MFU counts for a token, such as 437B"
    )
    stated.add_argument(
        "--original",
        action="store_const",
        const=True,
        dest="is_original_training",
        help="the claim tells how the model was trained",
    )


def run(arguments: argparse.Namespace) -> int:
    """Judge the claim; 1 where it is impossible or the sources call it false."""
    stated = {name: getattr(arguments, name) for name in _STATED if getattr(arguments, name) is not None}
    if arguments.is_list + bool(stated) + (arguments.id is not None) != 1:
        raise InputError(
            "claim: expected a claim's ID, --list, or a claim of your own; see planner claim --help"
        )
    if arguments.is_list:
        return _list(arguments)
    return _shipped(arguments) if arguments.id is not None else _own(arguments, stated)


def _list(arguments: argparse.Namespace) -> int:
    from planner.report.claim_document import claims_document
    from planner.report.claim_json import claim_summary
    from planner.report.estimate_json import json_text

    catalog = open_catalog(arguments)
    claims = [entry.profile for entry in catalog.of_kind("claims").values()]
    narrate_notices(catalog)
    if arguments.json:
        write(json_text([claim_summary(claim) for claim in claims]))
    else:
        show(claims_document(claims))
    return 0


def _shipped(arguments: argparse.Namespace) -> int:
    catalog = open_catalog(arguments)
    claim = catalog.get("claims", arguments.id.lower()).profile
    from planner.claims.judgement import judge_claim
    from planner.report.claim_document import claim_document
    from planner.report.claim_json import claim_to_dict
    from planner.report.estimate_json import json_text

    judgement = judge_claim(claim, catalog, _published(catalog))
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(claim_to_dict(judgement)))
    else:
        show(claim_document(judgement, catalog.sources))
    return 1 if judgement.is_no else 0


def _own(arguments: argparse.Namespace, stated: dict[str, Any]) -> int:
    from planner.domain.claim import TrainingStatement
    from planner.files.validation import validate

    statement = validate(TrainingStatement, dict(_parsed(stated)), where="claim")
    catalog = open_catalog(arguments)
    from planner.claims.judgement import judge_training
    from planner.report.claim_document import training_document
    from planner.report.claim_json import training_to_dict
    from planner.report.estimate_json import json_text

    judgement = judge_training(statement, catalog, _published(catalog))
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(training_to_dict(judgement)))
    else:
        show(training_document(judgement, catalog.sources))
    return 1 if judgement.verdict == "impossible" else 0


def _published(catalog: Catalog) -> tuple[PublishedRun, ...]:
    from planner.catalog.runs import load_runs
    from planner.planning.published import published_runs

    return published_runs(load_runs().runs, catalog)


def _parsed(stated: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed as the statement's values: numbers of things as whole numbers.

    Raises
    ------
    InputError
        Where a text is no quantity of its kind: the message names the option.
    """
    from planner.units import COUNT, TIME, TOKENS

    for name in ("chip", "chips"):
        if name not in stated:
            raise InputError(f"claim: --{name} is missing; expected such as {_EXAMPLE.replace('%%', '%')}")
    values: dict[str, Any] = dict(stated)
    for name in ("chips", "nodes", "sequence_length"):
        if name in stated:
            values[name] = _whole(name, _number(name, stated[name], COUNT))
    if "days" in stated:
        values["days"] = _number("days", stated["days"], TIME, unit="days")
    for name, dimension in (
        ("joules_per_token", COUNT),
        ("flops_per_token", COUNT),
        ("tokens_per_second", TOKENS),
    ):
        if name in stated:
            values[name] = _number(name, stated[name], dimension)
    return values


def _number(name: str, text: str, dimension: Dimension, *, unit: str = "") -> float:
    from planner.units import parse_quantity

    try:
        return parse_quantity(text, dimension, unit=unit)
    except QuantityError as error:
        raise InputError(f"claim: {_option(name)} {shown_value(text)} {error}") from None


def _whole(name: str, value: float) -> int:
    if not value.is_integer():
        raise InputError(f"claim: {_option(name)} {value:g} is not a whole number")
    return int(value)


def _option(name: str) -> str:
    return {"sequence_length": "--sequence"}.get(name, "--" + name.replace("_", "-"))
