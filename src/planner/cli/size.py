"""`planner size`: the smallest cluster of each system that meets a deadline, power and money."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from planner.cli.estimate import add_set_argument
from planner.cli.forms import check_form, hand_out
from planner.cli.inputs import (
    PLAN_HELP,
    check_given_rules,
    load_set_plan,
    narrate_notices,
    open_catalog,
)
from planner.cli.terminal import narrate
from planner.errors import InputError
from planner.files.reading import shown_path
from planner.files.values import shown_value, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan
    from planner.domain.plan import Targets as PlanTargets
    from planner.exploring.post_answers import PostSize
    from planner.exploring.sizes import SystemAnswer
    from planner.exploring.targets import Asked, Targets

_ALL = "all"
_EXIT_INTERRUPTED = 130
_Answer = TypeVar("_Answer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "--deadline-days",
        metavar="D",
        help="days from the first step to the last; without it and --finish-by the plan's own targets count",
    )
    parser.add_argument(
        "--steps-per-day", metavar="N", help="of post-training: steps a day, goodput counted in"
    )
    parser.add_argument("--finish-by", metavar="DATE", help="the day by which training must be done")
    parser.add_argument("--max-mw", metavar="P", help="power at the meter, such as 25 or '800 kW'")
    parser.add_argument(
        "--max-usd", metavar="C", help="money, such as 200M, for what the plan's budget is of"
    )
    parser.add_argument(
        "--systems",
        metavar="A,B,...",
        help="which systems, by id, or 'all' that can be planned; else the plan's own; of two pools of "
        "post-training, those of the one that learns",
    )
    parser.add_argument(
        "--rollout-systems",
        metavar="A,B,...",
        help="of two pools of post-training, which systems generate; else the plan's own",
    )
    parser.add_argument(
        "--confidence",
        choices=("0.5", "0.8", "0.9"),
        default="0.8",
        help="the share of outcomes in which the targets hold (default: 0.8)",
    )
    add_set_argument(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")
    parser.add_argument(
        "--to",
        metavar="FILE",
        help="save the best answer as a plan (.toml); or write the whole answer: .html, .xlsx, .md, .csv or "
        ".json",
    )
    parser.add_argument(
        "--replace", action="store_true", help="write over a file that exists, where it is no plan"
    )
    parser.add_argument("--system", metavar="ID", help="whose answer is saved; else the best")


def run(arguments: argparse.Namespace) -> int:
    """Print the smallest clusters; 1 where no system that was asked about meets the targets."""
    if arguments.system is not None and arguments.to is None:
        raise InputError("size: --system says whose answer is saved; expected --to FILE too")
    is_report = _is_report(arguments)
    if is_report:
        check_form(arguments)
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    check_given_rules(arguments, catalog, plan.as_of)
    if plan.workload.is_post_training:
        return _run_post_training(plan, catalog, arguments, is_report=is_report)
    if arguments.steps_per_day is not None:
        raise InputError(f"--steps-per-day: is of post-training; the plan's kind is {plan.workload.kind}")
    if arguments.rollout_systems is not None:
        raise InputError(f"--rollout-systems: is of post-training; the plan's kind is {plan.workload.kind}")
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.exploring.targets import targets_of

    asked = _asked(arguments, plan)
    targets = targets_of(plan, asked, catalog)
    own = [pool.system for pool in plan.cluster.pools if pool.system is not None]
    systems = own if arguments.systems is None else _systems(arguments.systems, own, catalog)
    began = time.perf_counter()
    answers, is_whole = _answers(plan, catalog, targets, systems)
    narrate_notices(catalog)
    if arguments.to is not None and not is_report:
        _save(answers, targets, arguments)
        arguments.to = None
    if answers or arguments.json:
        from planner.report.export import exported_sizes

        hand_out(arguments, exported_sizes(plan.name, answers, targets, time.perf_counter() - began))
    if not is_whole:
        return _EXIT_INTERRUPTED
    return 0 if any(answer.is_feasible for answer in answers) else 1


def _run_post_training(
    plan: Plan, catalog: Catalog, arguments: argparse.Namespace, *, is_report: bool
) -> int:
    """Print the smallest pools of post-training; 1 where no size of any systems is enough."""
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.exploring.post_sizes import told_in_full
    from planner.exploring.post_systems import PoolSystems, mixes_of
    from planner.exploring.sizes import ranked
    from planner.exploring.targets import targets_of
    from planner.report.post_size_document import exported_post_sizes

    targets = targets_of(plan, _asked(arguments, plan), catalog)
    learning, generating = _learning_and_generating(plan)
    pools = PoolSystems(
        None if arguments.systems is None else _systems(arguments.systems, learning, catalog),
        None
        if arguments.rollout_systems is None
        else _systems(arguments.rollout_systems, generating, catalog, option="--rollout-systems"),
    )
    sizes, is_whole = _post_sizes(plan, catalog, targets, mixes_of(plan, pools))
    if len(sizes) == 1 and sizes[0].why:
        raise InputError(sizes[0].why)
    narrate_notices(catalog)
    if arguments.to is not None and not is_report:
        _save_post_training(sizes, targets, arguments)
        arguments.to = None
    if sizes:
        best, *others = ranked(sizes)
        hand_out(arguments, exported_post_sizes([told_in_full(best, catalog), *others], plan.name))
    if not is_whole:
        return _EXIT_INTERRUPTED
    return 0 if any(size.found is not None for size in sizes) else 1


def _learning_and_generating(plan: Plan) -> tuple[list[str], list[str]]:
    """Return the systems of the pools that learn and of the one that generates, as far as a plan says."""
    rollouts = plan.post_training.rollout_pool
    pools = [pool for pool in plan.cluster.pools if pool.system is not None]
    learning = [pool.system for pool in pools if pool.id != rollouts]
    generating = [pool.system for pool in pools if pool.id == rollouts]
    return [it for it in learning if it], [it for it in generating if it]


def _post_sizes(
    plan: Plan, catalog: Catalog, targets: Targets, mixes: Sequence[tuple[str, ...]]
) -> tuple[list[PostSize], bool]:
    """Return the answers, and whether they are all: whoever interrupts gets those that were found."""
    from planner.exploring.post_answers import TOLD_OF_SIZES
    from planner.exploring.post_systems import post_training_sizes

    return _gathered(
        (size.lean(*TOLD_OF_SIZES) for size in post_training_sizes(plan, catalog, targets, mixes)),
        lambda size: size.system_id,
        len(mixes),
        "mixes of systems",
    )


def _save_post_training(sizes: list[PostSize], targets: Targets, arguments: argparse.Namespace) -> None:
    """Write the plan of the best pools that were found into a file that does not exist yet."""
    from planner.exploring.sizes import ranked
    from planner.report.size_words import systems_words

    own = arguments.system
    able = [
        size.found
        for size in ranked(sizes)
        if size.found is not None and (own is None or own in dict(size.systems).values())
    ]
    if not able:
        whose = "no size that was tried" if own is None else f"no size with '{own}'"
        narrate(f"nothing is saved: {whose} is enough")
        return
    _write(able[0].plan, targets, systems_words(able[0].plan), arguments.to)


def _is_report(arguments: argparse.Namespace) -> bool:
    """Return whether the whole answer goes into the file that was named, and not the plan of one of them."""
    if arguments.to is None:
        return False
    from planner.report.export import WRITERS

    is_report = Path(arguments.to).suffix.lower() in WRITERS
    if is_report and arguments.system is not None:
        raise InputError("size: --system says whose answer is saved as a plan; expected --to FILE.toml too")
    return is_report


def _asked(arguments: argparse.Namespace, plan: Plan) -> Asked:
    from planner.exploring.targets import Asked

    finish_by = _target(plan, "--finish-by", "finish_by", arguments.finish_by)
    power = _target(plan, "--max-mw", "power_mw", arguments.max_mw)
    money = _target(plan, "--max-usd", "money_usd", arguments.max_usd)
    steps = arguments.steps_per_day
    return Asked(
        deadline_days=_days(arguments.deadline_days),
        steps_per_day=None if steps is None else _positive("--steps-per-day", steps, "steps"),
        finish_by=None if finish_by is None else finish_by.finish_by,
        max_mw=None if power is None else power.power_mw,
        max_usd=None if money is None else money.money_usd,
        confidence=float(arguments.confidence),
    )


def _days(text: str | None) -> float | None:
    return None if text is None else _positive("--deadline-days", text, "days")


def _positive(option: str, text: str, unit: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.01 <= number <= 100_000.0:
        raise InputError(f"{option} {shown_value(text)}: expected {unit}, from 0.01 to 100,000")
    return number


def _target(plan: Plan, option: str, key: str, text: str | None) -> PlanTargets | None:
    """Return a plan's targets with one that was asked for, read as the plan's own key is."""
    if text is None:
        return None
    from planner.plans.overrides import apply_overrides

    if not text.strip():
        raise InputError(f"{option}: is empty; expected a value")
    return apply_overrides(plan, [f"targets.{key}={text}"], where=option).targets


def _systems(text: str, own: list[str], catalog: Catalog, *, option: str = "--systems") -> list[str]:
    """Return the ids of the systems that are asked about, the plan's own first."""
    known = list(catalog.systems)
    if text.strip() == _ALL:
        return [*own, *(system for system in known if system not in own)]
    named = [name.strip() for name in text.split(",") if name.strip()]
    if not named:
        raise InputError(f"{option}: names none; expected ids such as dgx-h100,atlas-800t-a2, or all")
    for name in named:
        if name not in known:
            raise InputError(f"{option} {shown_value(name)}: no such system{suggestion(name, known)}")
    return list(dict.fromkeys(named))


def _answers(
    plan: Plan, catalog: Catalog, targets: Targets, systems: list[str]
) -> tuple[list[SystemAnswer], bool]:
    """Return the answers, and whether they are all: whoever interrupts gets those that were found."""
    from planner.exploring.sizes import SystemAnswer, sizes
    from planner.report.size_words import answer_line

    answers = (step for step in sizes(plan, catalog, targets, systems) if isinstance(step, SystemAnswer))
    return _gathered(answers, lambda answer: answer_line(answer, targets), len(systems), "systems")


def _gathered(
    answers: Iterable[_Answer], told: Callable[[_Answer], str], asked: int, what: str
) -> tuple[list[_Answer], bool]:
    """Return the answers, each told as it comes, and whether they are all: whoever interrupts gets some."""
    found: list[_Answer] = []
    is_told = asked > 1 and sys.stderr is not None and sys.stderr.isatty()
    try:
        for answer in answers:
            found.append(answer)
            if is_told:
                narrate(f"{len(found)} of {asked}: {told(answer)}")
    except KeyboardInterrupt:
        narrate(f"stopped: {len(found)} of {asked} {what} are answered")
        return found, False
    return found, True


def _save(answers: list[SystemAnswer], targets: Targets, arguments: argparse.Namespace) -> None:
    """Write the plan of an answer into a file that does not exist yet."""
    from planner.exploring.sizes import ranked

    able = [answer for answer in ranked(answers) if answer.is_feasible]
    chosen = next((it for it in able if arguments.system in (None, it.system_id)), None)
    if chosen is None or chosen.plan is None:
        whose = "no system" if arguments.system is None else f"not '{arguments.system}'"
        narrate(f"nothing is saved: {whose} meets the targets")
        return
    _write(chosen.plan, targets, f"{chosen.count:,} x {chosen.system_name}", arguments.to)


def _write(plan: Plan, targets: Targets, systems: str, to: str) -> None:
    """Write the plan of an answer, called by its systems, and say so."""
    from planner.cli.new import new_file
    from planner.exploring.targets import name_of_answer, plan_of_answer
    from planner.plans.plan_file import save_plan

    name = name_of_answer(plan, systems)
    path = new_file(to)[0]
    save_plan(path, plan_of_answer(plan, targets, name), None)
    narrate(f"wrote {shown_path(path)}, {name}; open it with: planner {path}")
