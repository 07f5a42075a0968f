"""What somebody does who looks at nothing: keys, words, the mouse and the terminal's size, by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

ESCAPE = "\x1b"
LEAVE = "\x11"
#: Keys and what a terminal sends for them.
KEYS = {
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "enter": "\r",
    "escape": ESCAPE,
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "insert": "\x1b[2~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+up": "\x1b[1;5A",
    "ctrl+down": "\x1b[1;5B",
    "ctrl+right": "\x1b[1;5C",
    "ctrl+left": "\x1b[1;5D",
    "shift+left": "\x1b[1;2D",
    "shift+end": "\x1b[1;2F",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "f11": "\x1b[23~",
    "f12": "\x1b[24~",
    **{f"ctrl+{chr(96 + number)}": chr(number) for number in range(1, 27) if number not in (9, 13)},
    **{f"alt+{letter}": f"\x1b{letter}" for letter in "abfx"},
}
#: What opens something, or acts on the plan: pressed more often than the rest.
OPENERS = ["f1", "f3", "f4", "f6", "f7", "f9", "f10", "f11", "f12"]
OPENERS += [f"ctrl+{letter}" for letter in "nopst"]
PLAIN = ["enter", "escape", "tab", "down", "up", "space", "left", "right", "backspace"]
LETTERS = "?eybBYaxtfsdrlkmcqnvuhvogwp+/0123456789.-"
#: What is typed into fields, lists and the palette. No slash: files are saved where somebody is.
# fmt: off
WORDS = [
    "128", "0", "-1", "1e308", "5T", "13.2T", "1,024", "40%", "4..8", "=1,2,3", "nan", "x", "2027-04-01",
    "1", "60M", "0.5", "8k", "H200", "910B", "a100", "b300", "llama", "pangu", "custom", "theme", "new",
    "baseline", "remove", "since", "open", "use", "undo", "redo", "rename", "save", "claim", "compare",
    "copy", "quit", "profiles", "evidence", "edit", "quote", "Vela", "über", "模型", "\u202e", "[red]", "[/",
    "{0}", "~", "..", "$HOME",
]
# fmt: on
PASTED = ["300", "a\nb\nc", "x" * 3000, "1\t2", "\x1b[2J", "13.2T\r", "\u6a21\u578b" * 40, "", "[/]" * 9]
SIZES = [(20, 5), (250, 70), (59, 17), (60, 18), (80, 24), (100, 30), (119, 40), (120, 40), (160, 48), (1, 1)]


@dataclass(frozen=True)
class Hand:
    """One thing that a hand does."""

    #: what is typed; empty where the terminal gets another size
    typed: str = ""
    size: tuple[int, int] | None = None
    #: how long until the next one [s]
    pause_s: float = 0.0


class RandomHands:
    """The events of a seed, which know nothing but the size of the terminal."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.size = (100, 30)

    def next(self) -> Hand:
        """Return what is done next."""
        chance = self.chance
        kind = chance.choices(
            (self.key, self.opener, self.letter, self.word, self.paste, self.mouse, self.resize, self.rush),
            (30, 12, 14, 8, 2, 20, 4, 10),
        )[0]
        hand = kind()
        # three in four wait for what comes of it, as a person does
        pause_s = 0.0 if chance.random() < 0.25 else chance.choice((0.005, 0.02, 0.05))
        return Hand(hand.typed, hand.size, pause_s)

    def key(self) -> Hand:
        names = PLAIN if self.chance.random() < 0.6 else list(KEYS)
        return Hand(KEYS[self.chance.choice(names)])

    def opener(self) -> Hand:
        return Hand(KEYS[self.chance.choice(OPENERS)])

    def letter(self) -> Hand:
        return Hand(self.chance.choice(LETTERS))

    def word(self) -> Hand:
        ending = self.chance.choice(("", "", "\r", "\t", "\r\r"))
        return Hand(self.chance.choice(WORDS) + ending)

    def paste(self) -> Hand:
        return Hand(f"\x1b[200~{self.chance.choice(PASTED)}\x1b[201~")

    def mouse(self) -> Hand:
        """Press, release, click, double-click, drag, turn the wheel, or move, somewhere."""
        column, row = self.chance.randint(1, self.size[0]), self.chance.randint(1, self.size[1])
        press, release = f"\x1b[<0;{column};{row}M", f"\x1b[<0;{column};{row}m"
        elsewhere = f"\x1b[<32;{self.chance.randint(1, self.size[0])};{row}M"
        wheel = f"\x1b[<{self.chance.choice((64, 65))};{column};{row}M"
        return Hand(
            self.chance.choice(
                (
                    press + release,
                    press + release,
                    (press + release) * 2,
                    (press + release) * 3,
                    press,
                    release,
                    press + elsewhere + release,
                    wheel * self.chance.randint(1, 5),
                    f"\x1b[<35;{column};{row}M",
                    f"\x1b[<2;{column};{row}M\x1b[<2;{column};{row}m",
                )
            )
        )

    def resize(self) -> Hand:
        chance = self.chance
        self.size = (
            chance.choice(SIZES)
            if chance.random() < 0.7
            else (chance.randint(20, 250), chance.randint(5, 70))
        )
        return Hand(size=self.size)

    def rush(self) -> Hand:
        """Do several things in one write."""
        kinds = (self.key, self.opener, self.letter, self.mouse)
        return Hand("".join(self.chance.choice(kinds)().typed for _ in range(self.chance.randint(2, 6))))
