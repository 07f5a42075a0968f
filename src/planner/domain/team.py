"""Who runs a training: the classes of teams whose rates and spreads differ, and what each is called."""

from typing import Literal, get_args

#: By who publishes and whose chip it is, never by the error (docs/runs.md has the rule). vendor: the chip's
#: maker, with a recipe tuned for the model and the chip; reference: a framework's maintainers, or a lab with
#: a stack of its own; single: any other team.
Team = Literal["vendor", "reference", "single"]
TEAMS: tuple[Team, ...] = get_args(Team)
#: Who is meant where nobody says: most buyers are neither the chip's maker nor a framework's maintainers.
USUAL_TEAM: Team = "single"
TEAM_WORDS: dict[Team, str] = {
    "vendor": "the chip's vendor",
    "reference": "a framework's maintainers or a lab with its own stack",
    "single": "a single team",
}
