"""Random keys, mouse events and sizes through a terminal: no crash, no silence, no lost work, a proper end.

One seed is run alone, and for longer, by ``PLANNER_SEED=7 PLANNER_EVENTS=5000``.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.hostile import watched_app
from tests.hostile.random_hands import LEAVE, Hand, RandomHands
from tests.hostile.terminal import PATIENCE_S, Terminal
from tests.hostile.watched_app import Record, read_records

from planner.plans.drafts import find_drafts
from planner.plans.shipped import list_plans

#: The key that `watched_app` answers by a record.
PROBE = b"\x1b[57383u"
#: A key is pressed again after that long: a question that comes unasked is deaf for a moment.
PRESS_AGAIN_S = 2.0
#: After so many events somebody looks whether the window still answers.
BATCH = 40
#: A draft is on disk within a second of an edit; a busy machine is given another.
DRAFT_S = 2.0
ESCAPES = re.compile(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()P_^X].|\x1b.")
UNSAVED = "Unsaved work"
PROFILE_UNSAVED = "Profile not saved"
FOUND = "Unsaved work was found"
#: Answers after which unsaved work may go.
LET_GO = (f"{UNSAVED}: discard", "The file was changed: theirs")


class Sitting:
    """Somebody at the app with their eyes shut, until it is left; then once more, until all is done."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.root = folder
        self.desk = folder / "home" / "deep" / "desk"
        self.desk.mkdir(parents=True)
        self.records_path = folder / "records"
        self.hands = RandomHands(seed)
        self.chance = self.hands.chance
        self.done: list[Hand] = []
        self.shown: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.plans = [Path(shutil.copy(path, self.desk)) for path in list_plans()]
        self.homes = {f"XDG_{name}_HOME": str(folder / "home" / name) for name in ("STATE", "DATA", "CONFIG")}
        self.homes |= {"HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.homes["XDG_CACHE_HOME"] = str(folder / "cache")

    # One run of the app

    def open(self) -> None:
        """Start the app on one of the plans, or on none."""
        self.records: list[Record] = []
        self.records_path.unlink(missing_ok=True)
        self.records_end = 0
        #: what earlier runs left
        self.drafts = [draft for path in (*self.plans, None) for draft in find_drafts(path)]
        plan = self.chance.choice(self.plans)
        shown = plan if self.chance.random() < 0.8 else plan.stem
        arguments = [watched_app.__file__, str(self.records_path), str(self.root)]
        arguments += [str(shown)] if self.chance.random() < 0.7 else []
        self.hands.size = self.chance.choice(((100, 30), (160, 48), (80, 24)))
        # once the app is left its end is waited for: a ^Z that follows its ^Q would put that off for ever
        self.terminal = Terminal(
            arguments, self.homes, size=self.hands.size, folder=self.desk, takes_keys=False
        )
        self.terminal.read(PATIENCE_S, until=b"\x1b[?1049h")

    def play(self, events: int) -> None:
        """Do so many things, and look now and then whether the window answers."""
        for number in range(1, events + 1):
            hand = self.hands.next()
            self.done.append(hand)
            if hand.size is not None:
                self.terminal.resize(*hand.size)
            self.terminal.write(hand.typed.encode("utf-8", "surrogatepass"))
            self.terminal.read(hand.pause_s)
            if number % BATCH == 0 and not self.terminal.is_over:
                self.hold_answers()
            if self.terminal.is_over:
                return

    def hear(self) -> None:
        """Take what was written down since."""
        new, self.records_end = read_records(self.records_path, self.records_end)
        self.records += new
        self.shown.update(record.words[0] for record in new if record.what == "shown")

    def answered(self) -> int:
        self.hear()
        return sum(record.what == "alive" for record in self.records)

    def hold_answers(self) -> None:
        """Hold the window to an answer to a key, and to something painted at a new size."""
        before, end = self.answered(), time.monotonic() + PATIENCE_S
        while self.answered() == before and not self.terminal.is_over:
            assert time.monotonic() < end, f"the window does not answer{self.where()}"
            self.terminal.write(PROBE)
            again = time.monotonic() + PRESS_AGAIN_S
            while self.answered() == before and time.monotonic() < again and not self.terminal.is_over:
                self.terminal.read(0.02)
        size, begin = self.terminal.size, len(self.terminal.said)
        self.terminal.resize(101 if size[0] == 100 else 100, 30)
        while len(self.painted(begin)) < 40 and not self.terminal.is_over:
            assert time.monotonic() < end, f"the window is blank{self.where()}"
            self.terminal.read(0.1)
        self.terminal.resize(*size)

    def painted(self, begin: int) -> str:
        """Return the characters that were painted since."""
        said = ESCAPES.sub(b"", bytes(self.terminal.said[begin:])).decode("utf-8", "replace")
        return "".join(said.split())

    def where(self) -> str:
        """Return where the app stands, that does not answer."""
        self.terminal.send(signal.SIGUSR1)
        begin = len(self.terminal.said)
        self.terminal.read(2.0)
        painted = len(self.terminal.said) - begin
        path = self.root / "where"
        stands = path.read_text(encoding="utf-8") if path.exists() else "nowhere that it could tell"
        shown = [record.words for record in self.records if record.what == "shown"][-4:]
        return f" at {self.terminal.size}, painting {painted} bytes in 2 s; screens {shown}\n{stands}"

    def told(self) -> str:
        """Return what was written down last, and which drafts there are, by the time since [s]."""
        records = self.records[-60:]
        now = records[-1].at if records else 0.0
        lines = [
            f"{record.at - now:.2f} {record.what} {' '.join(record.words)}"
            + (f"{record.path} {hash(repr(record.plan)):x} {record.is_dirty}" if record.plan else "")
            for record in records
        ]
        drafts = sorted(self.root.glob("home/STATE/planner/drafts/*"))
        return "\n".join([*lines, *(f"{path.stat().st_mtime - now:.2f} {path.name}" for path in drafts)])

    # The end of a run

    def leave(self) -> None:
        """Press ^Q, and discard what is unsaved."""
        end, next_key = time.monotonic() + PATIENCE_S, 0.0
        seen = self.answered()
        while not self.terminal.is_over:
            assert time.monotonic() < end, f"^Q does not leave{self.where()}"
            # the question may be of another flow, of a plan that was about to be opened
            if self.answered() > seen:
                seen = self.answered()
                on_top = [record for record in self.records if record.what == "alive"][-1]
                asks = {UNSAVED, PROFILE_UNSAVED} & set(on_top.words)
                self.terminal.write(b"d" if asks else LEAVE.encode())
                next_key = time.monotonic() + 0.2
            elif time.monotonic() > next_key:
                self.terminal.write(PROBE)
                next_key = time.monotonic() + PRESS_AGAIN_S
            self.terminal.read(0.05)

    def close(self) -> None:
        """Leave in one of the ways there are, and look what is left."""
        way = "itself"
        self.is_stopped = False
        expected = number = 0
        if not self.terminal.is_over:
            way = self.chance.choices(("^Q", "SIGTERM", "SIGHUP", "SIGKILL"), (5, 2, 2, 1))[0]
            if way == "^Q":
                self.leave()
            else:
                number = signal.Signals[way]
                self.is_stopped = True
                self.terminal.send(number)
                expected = -number if way == "SIGKILL" else 128 + number
        ended = time.time()
        self.terminal.read(PATIENCE_S)
        assert self.terminal.is_over, f"it does not end after {way}{self.where()}"
        code = self.terminal.end()
        self.ends[way] += 1
        self.hear()
        reports = list((self.root / "home").rglob("planner-report-*.txt"))
        reports += (self.root / "home").rglob("last-error.txt")
        assert not reports, "a bug: " + reports[0].read_text(encoding="utf-8")[-6000:]
        # one that had left already may end before the signal, or by it where nobody waits for it any more
        had_left = any(record.what == "exit" and record.words for record in self.records)
        codes = {expected, 0, -number} if self.is_stopped and had_left else {expected}
        assert code in codes, f"exit code {code} after {way}: {bytes(self.terminal.said[-300:])!r}"
        assert b"Traceback" not in self.terminal.said
        self.hold_work(way, ended)

    def hold_questions(self) -> Record | None:
        """Hold the app to a question wherever unsaved work goes; return what there was in the end."""
        begun = next((n for n, record in enumerate(self.records) if record.what == "left"), 0) + 1
        answer, answered, last = "", 0.0, None
        for record in self.records[begun:]:
            if record.what == "answer":
                answer, answered = ": ".join(record.words), record.at
            elif record.what == "plan":
                last = record
                # what comes a moment after an answer was typed before it was seen to be the last word
                if record.is_dirty and record.at > answered + DRAFT_S:
                    answer = ""
            elif record.what in ("left", "exit") and record.is_dirty:
                is_stopped = self.is_stopped and not record.words
                assert answer in LET_GO or is_stopped, f"unsaved work was {record.what}"
            if record.what == "exit":
                # what was discarded or saved a moment before a signal, or while it came, needs no draft
                rest = self.records[self.records.index(record) :]
                is_let_go = any(later.words for later in rest if later.what == "exit")
                is_saved = any(not later.is_dirty for later in rest if later.what == "plan")
                last = None if is_let_go or is_saved else last
                break
        return last

    def hold_work(self, way: str, ended: float) -> None:
        """Hold the app to what it promises of unsaved work: that of this run, and that of runs before."""
        plans = [record.plan for record in self.records if record.what == "plan"]
        # a draft that somebody saved since is no draft any more
        gone = [draft for draft in self.drafts if not draft.path.exists() and draft.plan not in plans]
        answered = sum(record.words in ((FOUND, "discard"), (FOUND, "restore")) for record in self.records)
        assert len(gone) <= answered, f"drafts of earlier runs are gone: {gone}"
        last = self.hold_questions()
        if last is None or not last.is_dirty or way in ("^Q", "itself"):
            return
        states = [record for record in self.records if record.what == "plan"]
        recent = [state for state in states[:-1] if state.at > ended - DRAFT_S] if way == "SIGKILL" else []
        if way == "SIGKILL" and last.at > ended - DRAFT_S:
            before = [state for state in states if state.at <= ended - DRAFT_S]
            if not before or not before[-1].is_dirty:
                # nothing had to be there yet
                return
            recent.append(before[-1])
        drafts = [draft.plan for draft in find_drafts(last.path)]
        assert any(state.plan in drafts for state in (last, *recent)), (
            f"not in {len(drafts)} drafts {ended - last.at:.2f} s after the last edit, by {way}"
        )


def sit(folder: Path, seed: int, events: int) -> Sitting:
    """Play a seed to its end; a fault names the seed and what was done last."""
    sitting = Sitting(folder, seed)
    try:
        while len(sitting.done) < events:
            sitting.open()
            sitting.play(min(sitting.chance.choice((100, 300, 700)), events - len(sitting.done)))
            sitting.close()
    except BaseException as error:
        last = "\n".join(repr(hand) for hand in sitting.done[-BATCH:])
        error.add_note(f"seed {seed}, event {len(sitting.done)}; the last ones:\n{last}")
        error.add_note(sitting.told())
        raise
    finally:
        sitting.terminal.kill()
    return sitting


@pytest.mark.parametrize(
    ("seed", "events"),
    [
        (int(os.environ.get("PLANNER_SEED", "7")), int(os.environ.get("PLANNER_EVENTS", "60"))),
        *(pytest.param(seed, 5000, marks=pytest.mark.exhaustive) for seed in range(1, 21)),
    ],
)
@pytest.mark.timeout(3600)
def test_random_hands_break_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, events: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "STATE"))
    sitting = sit(tmp_path, seed, events)
    print(
        f"\nseed {seed}: {len(sitting.done)} events, ends {dict(sitting.ends)}, shown {dict(sitting.shown)}"
    )
