"""Reads `--name value` arguments out of a launch script, as far as they are plain words."""

from __future__ import annotations

import re
from typing import Any

from planner.errors import FileError

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.+)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::?-([^} ]*))?\}?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_MOST_WORDS = 20_000


def parse_arguments(text: str, *, where: str) -> dict[str, Any]:
    r"""Return the arguments by their names, with underscores; one without a value is true.

    A variable that the script itself sets to a plain value stands for that value; one that it does not
    is no value, and whoever needs a number there refuses it.

    Raises
    ------
    FileError
        Where no argument is found, or there are more words than a launch has.

    Examples
    --------
    >>> parse_arguments("TP=8\ntrain.py --tensor-model-parallel-size $TP --swiglu", where="run.sh")
    {'tensor_model_parallel_size': 8, 'swiglu': True}
    """
    variables: dict[str, str] = {}
    words: list[str] = []
    for line in text.split("\n"):
        # quotations and lists of words are read as the words in them
        plain = re.sub(r"[\"'()\\]", " ", re.sub(r"(=|:?-)[\"']", r"\1", _COMMENT.sub("", line)))
        for word in (_filled(word, variables) for word in plain.split()):
            found = _ASSIGNMENT.fullmatch(word)
            if found is not None and not word.startswith("--"):
                variables[found[1]] = found[2]
            words.append(found[2] if found is not None and found[2].startswith("--") else word)
        if len(words) > _MOST_WORDS:
            raise FileError(
                f"{where}: holds more than {_MOST_WORDS:,} words; expected the arguments of one launch"
            )
    arguments = _paired(words)
    if not arguments:
        raise FileError(f"{where}: holds no arguments; expected such as --num-layers 32")
    return arguments


def _filled(word: str, variables: dict[str, str]) -> str:
    """Return a word with the variables that are known put in."""
    return _VARIABLE.sub(lambda found: variables.get(found[1], found[2] or found[0]), word)


def _paired(words: list[str]) -> dict[str, Any]:
    """Return the arguments with their first values: none of those that are read has more."""
    arguments: dict[str, Any] = {}
    name = None
    for word in words:
        if word.startswith("--") and word[2:3].isalpha():
            key, equals, value = word[2:].partition("=")
            name = None if equals else key.replace("-", "_")
            arguments[key.replace("-", "_")] = _value(value) if equals else True
        elif word.startswith("$"):
            # what nothing in the script sets may be more arguments: the name before is one without a value
            name = None
        elif name is not None and (_NUMBER.fullmatch(word) or not word.startswith("-")):
            arguments[name] = _value(word)
            name = None
    return arguments


def _value(text: str) -> Any:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), text)
