"""Saves plans in processes that are killed, or that race; run by `test_durability.py` as a program.

A program of its own, without threads, so that it can fork cheaply; it prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from planner.domain.plan import Plan
from planner.errors import ConflictError
from planner.plans.drafts import SessionDrafts, discard_draft, find_drafts
from planner.plans.plan_file import file_state, load_plan, open_plan, plan_text, save_plan

PLAN = Plan.model_validate(
    {
        "name": "0",
        "model": {"profile": "m"},
        "workload": {"tokens": "13.2T"},
        "cluster": {"pools": [{"id": "train", "system": "s", "count": 4}]},
    }
)


def version(number: int) -> Plan:
    """Return the plan of one edit: its number is its name, and its length differs from the last one's."""
    return PLAN.model_copy(update={"name": str(number), "notes": "x" * (number * 997 % 9_000)})


def child(work: Callable[[int], None]) -> tuple[int, int]:
    """Fork; return the process and the pipe on which the child reports while it does the work."""
    reader, writer = os.pipe()
    process = os.fork()
    if process:
        os.close(writer)
        return process, reader
    os.close(reader)
    try:
        work(writer)
    finally:
        os._exit(0)


def report(pipe: int, text: str) -> None:
    os.write(pipe, text.encode())


def received(pipe: int) -> str:
    parts = []
    while part := os.read(pipe, 65_536):
        parts.append(part)
    os.close(pipe)
    return b"".join(parts).decode()


def leftovers(folder: Path) -> int:
    return sum(path.name.endswith((".tmp", ".session")) for path in folder.iterdir())


def check_killed(path: Path, drafts: Path, log: str) -> None:
    """Hold that the file is the last version whose save returned, or the one that was being saved, whole."""
    finished = [int(word[1:]) for word in log.split() if word.startswith("s")]
    kept = [int(word[1:]) for word in log.split() if word.startswith("d")]
    found = int(load_plan(path).name)
    last = finished[-1] if finished else 0
    assert found in (last, last + 1), (found, last)
    assert plan_text(load_plan(path)) == plan_text(version(found))
    left = find_drafts(path, folder=drafts)
    if kept:
        (draft,) = left
        assert not draft.is_in_use
        assert int(draft.plan.name) in (kept[-1], kept[-1] + 1), (draft.plan.name, kept[-1])
    for draft in left:
        discard_draft(draft)


#: However slow the machine is, the kills end.
MOST_KILLS_PER_ROUND = 20


def random_kills(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Kill a process that keeps a draft of each edit and saves it, at random moments.

    At least `rounds` times, and until as many saves went through as there were rounds asked for: on a busy
    machine few saves fit between two kills.
    """
    path, drafts = folder / "plan.toml", folder / "drafts"
    chance = random.Random(seed)
    saves = kills = left = 0
    while kills < rounds or (saves <= rounds and kills < MOST_KILLS_PER_ROUND * rounds):
        kills += 1
        save_plan(path, version(0), file_state(path))

        def work(pipe: int) -> None:
            state = file_state(path)
            session = SessionDrafts(drafts)
            for number in range(1, 10_000):
                session.keep(lambda: (path, version(number)))  # noqa: B023 - called at once
                report(pipe, f"d{number} ")
                state = save_plan(path, version(number), state)
                report(pipe, f"s{number} ")

        process, pipe = child(work)
        select.select([pipe], [], [])  # the first edit is under way
        time.sleep(chance.uniform(0.0, 0.03))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        log = received(pipe)
        check_killed(path, drafts, log)
        saves += log.count("s")
        left += leftovers(folder)
    save_plan(path, version(0), file_state(path))
    session = SessionDrafts(drafts)
    session.keep(lambda: (path, version(0)))
    session.release()
    return {"kills": kills, "saves": saves, "left": left, "leftovers": leftovers(folder) + leftovers(drafts)}


def reaches_system(called: object) -> bool:
    """Return whether a function of C is one that talks to the system."""
    module = getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__
    return module in ("posix", "fcntl", "_io")


def kills_at_every_step(folder: Path) -> dict[str, Any]:
    """Kill a save before and after every single call that replacing the file makes."""
    path, drafts = folder / "plan.toml", folder / "drafts"
    old = new = step = 0
    while True:
        save_plan(path, version(0), file_state(path))

        def work(pipe: int, fatal: int = step) -> None:
            state = file_state(path)
            steps = 0
            is_writing = False

            def watch(frame: FrameType, event: str, argument: object) -> None:
                nonlocal steps, is_writing
                if frame.f_code.co_name == "write_bytes_atomic" and event in ("call", "return"):
                    is_writing = event == "call"
                # what reaches the system is a call of these modules, or of the file that they opened
                if is_writing and event in ("c_call", "c_return") and reaches_system(argument):
                    if steps == fatal:
                        os.kill(os.getpid(), signal.SIGKILL)
                    steps += 1

            sys.setprofile(watch)
            save_plan(path, version(1), state)
            sys.setprofile(None)
            report(pipe, "s1 ")

        process, pipe = child(work)
        os.waitpid(process, 0)
        log = received(pipe)
        check_killed(path, drafts, log)
        found = load_plan(path).name
        old, new = old + (found == "0"), new + (found == "1")
        if log:
            return {"steps": step, "old": old, "new": new}
        step += 1


def two_writers(folder: Path, rounds: int) -> dict[str, Any]:
    """Let two processes add lines to the notes of one plan; each line is saved or refused, never lost."""
    path = folder / "plan.toml"
    save_plan(path, version(0), None)

    def writer(name: str) -> Callable[[int], None]:
        def work(pipe: int) -> None:
            for number in range(rounds):
                while True:
                    opened = open_plan(path)
                    notes = f"{opened.plan.notes}{name}{number} "
                    try:
                        save_plan(path, opened.plan.model_copy(update={"notes": notes}), opened.state)
                    except ConflictError:
                        report(pipe, "c ")
                        continue
                    report(pipe, "s ")
                    break

        return work

    children = [child(writer(name)) for name in "ab"]
    logs = [received(pipe) for _, pipe in children]
    for process, _ in children:
        os.waitpid(process, 0)
    notes = load_plan(path).notes.split()
    lost = {f"{name}{number}" for name in "ab" for number in range(rounds)} - set(notes)
    return {
        "saves": sum(log.count("s") for log in logs),
        "conflicts": sum(log.count("c") for log in logs),
        "lost": sorted(lost),
        "kept": len(notes),
    }


def two_windows(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Edit one plan in two sessions, of which one also saves, and kill both; the work of both is kept."""
    path, drafts = folder / "plan.toml", folder / "drafts"
    chance = random.Random(seed)
    edits = saves = 0

    def window(pipe: int, first: int, *, saves_too: bool) -> None:
        session = SessionDrafts(drafts)
        for number in range(first, first + 10_000):
            session.keep(lambda: (path, version(number)))  # noqa: B023 - called at once
            report(pipe, f"d{number} ")
            if saves_too:
                save_plan(path, version(number), file_state(path))
                session.keep(lambda: (path, None))
                report(pipe, f"s{number} ")

    for _ in range(rounds):
        save_plan(path, version(0), file_state(path))
        windows = [
            child(lambda pipe: window(pipe, 1, saves_too=True)),
            child(lambda pipe: window(pipe, 20_001, saves_too=False)),
        ]
        for _, pipe in windows:
            select.select([pipe], [], [])
        time.sleep(chance.uniform(0.0, 0.05))
        for process, _ in windows:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        saving, typing = (received(pipe).split() for _, pipe in windows)
        edits, saves = edits + len(typing), saves + sum(word.startswith("s") for word in saving)
        left = find_drafts(path, folder=drafts)
        assert not any(draft.is_in_use for draft in left)
        kept = [int(draft.plan.name) for draft in left if int(draft.plan.name) > 20_000]
        last = int(typing[-1][1:])
        assert kept in ([last], [last + 1]), (kept, last)
        if saving[-1].startswith("d"):
            # killed with its work unsaved, or while its draft went because it was saved by then
            number = int(saving[-1][1:])
            names = {int(draft.plan.name) for draft in left} | {int(load_plan(path).name)}
            assert names & {number, number + 1}, (names, number)
        for draft in left:
            discard_draft(draft)
    return {"edits": edits, "saves": saves}


def main() -> None:
    what, folder, *numbers = sys.argv[1:]
    amounts = [int(number) for number in numbers]
    runs: dict[str, Callable[..., dict[str, Any]]] = {
        "random": random_kills,
        "steps": kills_at_every_step,
        "writers": two_writers,
        "windows": two_windows,
    }
    print(json.dumps(runs[what](Path(folder), *amounts)))


if __name__ == "__main__":
    main()
