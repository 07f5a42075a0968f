"""Who runs a plan's cluster and how it is kept alive: what fails, how it goes on, checkpoints and upkeep."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import model_validator

from planner.domain.amounts import AmountSpan, Count, Days, DaysSpan, FractionSpan, SecondsSpan
from planner.domain.base import Model
from planner.domain.keys import Key
from planner.domain.ranges import Range
from planner.domain.team import TEAM_WORDS, USUAL_TEAM, Team
from planner.engine.operators import OPERATORS

# The words that a plan may use are those of the engine's table, which a type checker cannot read.
if TYPE_CHECKING:
    OperatorName = str
else:
    OperatorName = Literal[tuple(OPERATORS)]

OPERATOR_WORDS = {name: operator.words for name, operator in OPERATORS.items()}
#: What each class of teams is as an operator, where a plan does not say.
TEAM_OPERATORS: dict[Team, OperatorName] = {
    "vendor": "practised",
    "reference": "practised",
    "single": "first",
}
WriteRate = Annotated[Count, Range(1, 1e18, "a rate of 0 would never end a checkpoint")]
#: Of one failure, or of one checkpoint.
Delay = Annotated[SecondsSpan, Range(0, 1e7, "no time is less than none", "it takes days at most")]
FailureHours = Annotated[
    Count, Range(1, 1e9, "what fails within the hour trains nothing", "no chip runs for 100,000 years")
]
#: Of one thing in 1,000 days, or of all in one.
Failures = Annotated[
    AmountSpan,
    Range(0, 1e5, "nothing fails less often than never", "what fails a hundred times a day trains nothing"),
]
MaintenanceShare = Annotated[
    FractionSpan, Range(0, 0.9, "no share is less than nothing", "what is always maintained trains nothing")
]
DebuggingShare = Annotated[
    FractionSpan,
    Range(0, 0.9, "no share is less than nothing", "what is always debugged trains nothing"),
]
Spares = Annotated[int, Range(0, 10_000_000, "0 says that there is none")]
#: Days; text may use any unit of time.
SetupDays = Annotated[
    DaysSpan,
    Range(0, 3650, "what is ready at once takes none", "it would be written off before its first step"),
]
RepairDays = Annotated[Days, Range(0, 1000, "no repair takes less than no time", "it would be bought anew")]
_OPERATOR = "as the operator does"
_LOGBOOK = "The logbook of a run on the same cluster."


def _delay(title: str, meaning: str, *, absent: str = _OPERATOR, example: str = "5 min", **more: Any) -> Key:
    return Key(title, meaning, absent=absent, find=_LOGBOOK, example=example, **more)


#: What a plan says in place of the time of all restarts.
_PARTS = ("detection_s", "diagnosis_s", "replacement_s", "warm_up_s", "by_hand_share", "by_hand_s")


class Operations(Model):
    """Who runs it, and how it is kept alive."""

    team: Annotated[
        Team | None,
        Key(
            "run by",
            "Whose recipe and hands the training has: what others reached on the same chips differs by it, "
            "and how far they scattered.",
            absent="a single team",
            consequence="slower than vendors publish, and a wide band",
            find="Whether the chip's vendor tuned this model on this chip for you and stands by the rate.",
            example="single",
            answers=TEAM_WORDS,
        ),
    ] = None
    operator: Annotated[
        OperatorName | None,
        Key(
            "operator",
            "Whether who keeps the job alive has done so before. It moves the date more than the chip does.",
            absent="a single team's first large run, a vendor or a lab practised",
            consequence="failures, restarts and checkpoints are assumed as theirs were",
            find="Whether a run of weeks on a thousand chips went through here before.",
            example="practised",
            answers=OPERATOR_WORDS,
        ),
    ] = None
    failures_per_1000_server_days: Annotated[
        Failures | None,
        Key(
            "faults",
            "Interruptions of a job by one server (or tray), in 1,000 days of it.",
            absent="3.8 of eight chips",
            find=_LOGBOOK,
            example="3.8 or 2.3..6.5",
            rivals=("chip_mtbf_hours",),
        ),
    ] = None
    chip_mtbf_hours: Annotated[
        FailureHours | None,
        Key(
            "chip MTBF",
            "Hours between interruptions of a job by one chip and its share of the server.",
            absent="by the failures of servers",
            find=_LOGBOOK,
            example="50,000",
        ),
    ] = None
    failures_per_1000_rack_days: Annotated[
        Failures | None,
        Key(
            "rack faults",
            "Interruptions by what the servers of one rack share, in 1,000 days of it.",
            absent="as one of its servers",
            find="The vendor, and the logbook of whoever has such racks.",
            example="4",
        ),
    ] = None
    own_failures_per_day: Annotated[
        Failures | None,
        Key(
            "own faults",
            "Interruptions a day by software, storage or settings, however many chips there are.",
            absent=_OPERATOR,
            find=_LOGBOOK,
            example="0.5",
        ),
    ] = None
    restart_s: Annotated[
        Delay | None,
        _delay(
            "restart",
            "From any failure to the next step, on the mean; it takes the place of its parts below.",
            absent="the sum of its parts",
            example="10 min",
            rivals=_PARTS,
        ),
    ] = None
    detection_s: Annotated[Delay | None, _delay("detection", "From a failure until it is noticed.")] = None
    diagnosis_s: Annotated[
        Delay | None, _delay("diagnosis", "From then until it is known what must be replaced.")
    ] = None
    replacement_s: Annotated[
        Delay | None,
        _delay("replacement", "Until another server has joined, where no warm spare waits.", example="1 h"),
    ] = None
    warm_up_s: Annotated[
        Delay | None,
        _delay(
            "warm-up", "From then to the next step, beside the load of the checkpoint from a known storage."
        ),
    ] = None
    by_hand_share: Annotated[
        FractionSpan | None,
        Key(
            "by hand",
            "The share of restarts that people help.",
            absent=_OPERATOR,
            find=_LOGBOOK,
            example="5 %",
        ),
    ] = None
    by_hand_s: Annotated[
        Delay | None, _delay("hand restart", "How long such a restart waits for people.", example="4 h")
    ] = None
    warm_spares: Annotated[
        Spares | None,
        Key(
            "warm spares",
            "Servers of each pool that wait, checked and booted, for another to fail.",
            absent="as many as repairs ask for; else money.spares_share",
            find="The contract with the vendor.",
            example="8",
        ),
    ] = None
    repair_days: Annotated[
        RepairDays | None,
        Key(
            "repair days",
            "How long a server that failed is away.",
            absent="7, assumed",
            find="The vendor's support contract.",
            example="2",
        ),
    ] = None
    checkpoint_s: Annotated[
        Delay | None,
        _delay("checkpoint", "How long the copy of a checkpoint stops training.", example="10 s",
               rivals=("checkpoint_bytes_per_s",)),
    ] = None  # fmt: skip
    checkpoint_bytes_per_s: Annotated[
        WriteRate | None,
        Key(
            "copy rate",
            "The rate at which all chips together are rid of a checkpoint while training stands still: "
            "of the copy to the hosts' memory, or of the storage where training waits for the whole write.",
            absent="a checkpoint stops it as long as the operator's",
            find="Time a checkpoint: 14 bytes a parameter over its seconds.",
            example="20G",
        ),
    ] = None
    storage_bytes_per_s: Annotated[
        WriteRate | None,
        Key(
            "storage rate",
            "The rate at which the storage takes a checkpoint, and gives it back to all chips.",
            absent="it delays nothing",
            find="The storage's quotation: sequential write of all clients together.",
            example="100G",
        ),
    ] = None
    hidden_share: Annotated[
        FractionSpan | None,
        Key(
            "write hidden",
            "The share of the write that is done beside the next steps.",
            absent="all by the practised, nothing in a first run",
            find="The framework: asynchronous checkpoints hide it all.",
            example="100 %",
        ),
    ] = None
    maintenance_share: Annotated[
        MaintenanceShare | None,
        Key(
            "maintenance",
            "The share of the time that planned maintenance takes.",
            absent="1 %",
            find="The facility's and the vendor's calendar of maintenance.",
            example="2 %",
        ),
    ] = None

    setup_days: Annotated[
        SetupDays | None,
        Key(
            "setup",
            "From the first day that is paid for to the first step that counts: delivery in parts, burn-in, "
            "tuning of network and storage. Offers are held side by side with it; the run's own days begin "
            "after it.",
            absent="unknown",
            consequence="no offer is called best without it",
            find="The seller's quotation, and customers of the same seller.",
            example="10 or 5..20",
        ),
    ] = None
    debugging_share: Annotated[
        DebuggingShare | None,
        Key(
            "debugging",
            "The share of the time in which people look for faults of the platform and nothing trains, "
            "beside what one run's goodput loses. Offers are held side by side with it.",
            absent="unknown",
            consequence="no offer is called best without it",
            find="Customers of the same seller, or a trial of some weeks.",
            example="2 %",
        ),
    ] = None

    @property
    def running_team(self) -> Team:
        """Return who runs it; where nobody says, a single team."""
        return self.team or USUAL_TEAM

    @property
    def running_operator(self) -> OperatorName:
        """Return who keeps it alive: as the plan says, else as such teams do."""
        return self.operator or TEAM_OPERATORS[self.running_team]

    @model_validator(mode="after")
    def _is_told_once(self) -> Self:
        """Refuse what says the same thing twice."""
        for name, others in (
            ("failures_per_1000_server_days", ("chip_mtbf_hours",)),
            ("restart_s", _PARTS),
            ("checkpoint_s", ("checkpoint_bytes_per_s",)),
        ):
            beside = [other for other in others if getattr(self, other) is not None]
            if getattr(self, name) is not None and beside:
                raise ValueError(f"expected either {name} or {beside[0]}, not both")
        return self
