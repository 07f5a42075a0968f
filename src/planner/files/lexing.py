"""A linear look over TOML text before it is parsed: comments, nesting and key lengths."""

from __future__ import annotations

import re

#: Deeper than any plan, profile or rule; far from what would exhaust the parser's stack.
MAXIMUM_DEPTH = 32

#: Strings swallow an unterminated rest, so that every pass over a hostile text stays linear.
TOKENS = re.compile(
    r'''
      (?P<string>
        """(?:[^\\"]++|\\.|"(?!""))*+(?:"{3,5}|\\?\Z)
      | \'\'\'(?:[^']++|'(?!\'\'))*+(?:'{3,5}|\Z)
      | "(?:[^"\\\n]++|\\[^\n])*+(?:"|\\?)
      | '[^'\n]*+'?
      )
    | (?P<comment>\#[^\n]*+)
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    | (?P<newline>\n)
    | (?P<part>[^"'#\[\]{}\n.=,]++)
    | (?P<dot>\.)
    | (?P<other>[=,])
    ''',
    re.VERBOSE | re.DOTALL,
)


def has_comments(text: str) -> bool:
    """Return whether somebody wrote comments into the TOML text, which a rewrite would lose."""
    return any(match.lastgroup == "comment" for match in TOKENS.finditer(text))


def too_deep_at(text: str) -> int | None:
    """Return the line where brackets or dotted keys nest beyond `MAXIMUM_DEPTH`, or None.

    The parser recurses into brackets and takes quadratic time over dotted keys, so this comes first.
    """
    line = 1
    depth = 0
    dots = 0
    for match in TOKENS.finditer(text):
        kind = match.lastgroup
        if kind == "newline":
            line += 1
            dots = 0
        elif kind == "open":
            depth += 1
            dots = 0
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "dot":
            dots += 1
        elif kind == "other":
            dots = 0
        elif kind == "string":
            line += match.group().count("\n")
        if depth > MAXIMUM_DEPTH or dots > MAXIMUM_DEPTH:
            return line
    return None
