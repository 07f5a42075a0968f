"""Colours: meanings told by blue and orange, parts by an ordered palette, in dark, light and ansi themes."""

from __future__ import annotations

from textual.theme import Theme

from planner.app.shelf import PickItem

# Okabe and Ito's palette, which stays apart for people who see red and green alike.
_DARK_PARTS = (
    "#56B4E9",
    "#E69F00",
    "#009E73",
    "#F0E442",
    "#CC79A7",
    "#0072B2",
    "#D55E00",
    "#999999",
    "#66CCB0",
    "#B8A0D8",
)
_LIGHT_PARTS = (
    "#0072B2",
    "#B87700",
    "#007A58",
    "#8A7A00",
    "#A8517F",
    "#3C93C8",
    "#B84A00",
    "#6B6B6B",
    "#2E8F77",
    "#7A5FA8",
)
_ANSI_PARTS = (
    "ansi_blue",
    "ansi_yellow",
    "ansi_cyan",
    "ansi_magenta",
    "ansi_green",
    "ansi_bright_blue",
    "ansi_bright_yellow",
    "ansi_default",
    "ansi_bright_cyan",
    "ansi_bright_magenta",
)
_MEANINGS = ("good", "bad", "quiet", "heading", "override")
_DARK = ("#6CB6FF", "#FFB454", "#9AA3AD", "#8FC7FF", "#FFCF70")
_LIGHT = ("#005A9C", "#A04A00", "#5B6570", "#004F8A", "#8A5A00")
_ANSI = ("ansi_blue", "ansi_yellow", "ansi_default", "ansi_cyan", "ansi_yellow")

PLANNER_DARK = Theme(
    name="planner-dark",
    primary="#4C9BE8",
    secondary="#6C8EAD",
    accent="#FFB454",
    warning="#FFB454",
    error="#FF9A3C",
    success="#6CB6FF",
    background="#12161B",
    surface="#171C22",
    panel="#1E252D",
    foreground="#DCE3EA",
    dark=True,
)
PLANNER_LIGHT = Theme(
    name="planner-light",
    primary="#0A66B0",
    secondary="#50708C",
    accent="#A04A00",
    warning="#A04A00",
    error="#A04A00",
    success="#005A9C",
    background="#FAFBFC",
    surface="#FFFFFF",
    panel="#EDF1F5",
    foreground="#1B2229",
    dark=False,
)
THEME_CHOICES = tuple(
    PickItem(name, title, aside, search=f"{name} {title} {aside}".lower())
    for name, title, aside in (
        ("planner-dark", "dark", "blue and orange"),
        ("planner-light", "light", "blue and orange"),
        ("ansi-dark", "terminal, dark", "the terminal's own colours"),
        ("ansi-light", "terminal, light", "the terminal's own colours"),
        ("textual-dark", "Textual dark", ""),
        ("textual-light", "Textual light", ""),
        ("nord", "Nord", ""),
        ("gruvbox", "Gruvbox", ""),
        ("solarized-light", "Solarized light", ""),
        ("solarized-dark", "Solarized dark", ""),
    )
)


def meaning_colours(theme: Theme) -> dict[str, str]:
    """Return the variables of meanings and parts for a theme."""
    if theme.ansi:
        meanings, parts = _ANSI, _ANSI_PARTS
    elif theme.dark:
        meanings, parts = _DARK, _DARK_PARTS
    else:
        meanings, parts = _LIGHT, _LIGHT_PARTS
    named = {f"part-{number}": colour for number, colour in enumerate(parts, start=1)}
    return dict(zip(_MEANINGS, meanings, strict=True)) | named
