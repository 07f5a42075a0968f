"""Who keeps a training alive: how often each class of operators stops, and how long it takes to go on.

A plan may name exactly the classes of this table. Of each figure the middle stands for the median, low and
high for the 10th and the 90th percentile of what others found; what no plan states is drawn between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a plan that says nothing gets: 80 % of the cases lie between low and high."""

    middle: float
    low: float
    high: float
    #: what it rests on
    note: str
    #: whether nobody who was read says so
    is_assumed: bool = False


def _exactly(value: float, note: str) -> Assumption:
    return Assumption(value, value, value, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One class of operators."""

    #: what it is called
    name: str
    #: what it does, in a few words for a list of choices
    words: str
    #: failures a day of software, storage or settings, however many chips there are. [1/day]
    own_failures_per_day: Assumption
    #: from a failure until somebody or something notices. [s]
    detection_s: Assumption
    #: from then until it is known what must be replaced or restarted. [s]
    diagnosis_s: Assumption
    #: from then until what replaces it has joined, where no warm spare waits. [s]
    replacement_s: Assumption
    #: from then to the next step: start of the processes, the checkpoint's load, the first slow steps. [s]
    warm_up_s: Assumption
    #: share of restarts that a person must help. [-]
    by_hand_share: Assumption
    #: how long such a restart takes. [s]
    by_hand_s: Assumption
    #: how long a checkpoint stops training where no rate of writing is known. [s]
    checkpoint_s: Assumption
    #: of writing a checkpoint, the part that is done beside the next steps. [-]
    hidden_share: Assumption
    #: share of the time that planned maintenance takes. [-]
    maintenance_share: Assumption


#: Failures of an eight-way server that stop a job, a day. [1/day]
#: 419 unexpected interruptions in 54 days on 16,384 H100 lie in the middle (Dubey et al., The Llama 3 Herd of
#: Models, arXiv 2407.21783, section 3.3.4, table 5), two research clusters at the ends: 2.34 and 6.50 in
#: 1,000 node-days (Kokolis et al., arXiv 2410.21680).
SERVER_FAILURES_PER_DAY = Assumption(
    419 / 54 / (16_384 / 8),
    2.3e-3,
    6.5e-3,
    "3.8 in 1,000 days of an eight-way server (Llama 3, arXiv 2407.21783, table 5); 2.3 and 6.5 on research "
    "clusters (arXiv 2410.21680)",
)
#: Chips of the servers that it was counted on.
COUNTED_SERVER_CHIPS = 8.0
#: Failures a day of a rack as a whole, of what its servers share: power shelves, switches, its backplane.
#: Nobody published any; assumed to be those of one server. [1/day]
RACK_FAILURES_PER_DAY = Assumption(
    SERVER_FAILURES_PER_DAY.middle,
    SERVER_FAILURES_PER_DAY.low / 3.0,
    SERVER_FAILURES_PER_DAY.high * 3.0,
    "no figure of racks was published: as often as one of its servers",
    is_assumed=True,
)
#: Restarts a day that people help, at most: what recurs more often is automated before long. Assumed; 35 in
#: two months were the most that was published (OPT-175B). [1/day]
BY_HAND_PER_DAY = 1.0

OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "practised": Operator(
            name="practised",
            words="has done such runs: restarts by itself, checkpoints beside the training",
            own_failures_per_day=_exactly(0.0, "counted among the servers' failures"),
            detection_s=Assumption(
                60.0, 10.0, 180.0, "with diagnosis under ten minutes (MegaScale, arXiv 2402.15627)"
            ),
            diagnosis_s=Assumption(
                240.0, 30.0, 480.0, "with detection under ten minutes (MegaScale, arXiv 2402.15627)"
            ),
            replacement_s=Assumption(1800.0, 600.0, 7200.0, "a cold server boots and is checked", True),
            warm_up_s=Assumption(
                300.0, 80.0, 500.0, "under 15 minutes to catch up (MegaScale, arXiv 2402.15627)"
            ),
            by_hand_share=Assumption(
                0.03, 0.007, 0.1, "3 of 419 (Llama 3); under a tenth (MegaScale, arXiv 2402.15627)"
            ),
            by_hand_s=Assumption(7200.0, 3600.0, 14_400.0, "somebody is on call", True),
            checkpoint_s=Assumption(
                10.0, 1.0, 30.0, "the copy to the hosts' memory, written beside the next steps", True
            ),
            hidden_share=_exactly(1.0, "written beside the next steps (MegaScale, arXiv 2402.15627)"),
            maintenance_share=Assumption(
                0.01, 0.001, 0.03, "47 of 466 interruptions were planned (Llama 3)", True
            ),
        ),
        "first": Operator(
            name="a first large run",
            words="its first large run: watches, restarts by hand, finds its own faults",
            own_failures_per_day=Assumption(
                1.0,
                0.1,
                3.0,
                "what servers do not explain: about 2.7 a day (OPT-175B, arXiv 2205.01068, section 2.5, over "
                "33 days of running), 2.2 of jobs of 1,024 chips (arXiv 2410.21680), next to none (BLOOM)",
            ),
            detection_s=Assumption(300.0, 150.0, 500.0, "by a time-out of the collectives", True),
            diagnosis_s=Assumption(300.0, 150.0, 500.0, "what a script finds; the rest is by hand", True),
            replacement_s=Assumption(3600.0, 1800.0, 14_400.0, "a cold server boots and is checked", True),
            warm_up_s=Assumption(300.0, 180.0, 450.0, "as of a practised operator", True),
            by_hand_share=Assumption(
                1.0 / 3.0, 0.2, 0.5, "35 of 105 (OPT-175B, arXiv 2205.01068, section 2.5)"
            ),
            by_hand_s=Assumption(
                21_600.0,
                7200.0,
                50_400.0,
                "OPT-175B lost five to six hours with each restart of either kind, nights among them",
            ),
            checkpoint_s=Assumption(
                60.0, 30.0, 90.0, "training waits for the write: 40 s for BLOOM's 2.3 TB", True
            ),
            hidden_share=_exactly(0.0, "training waits for the write"),
            maintenance_share=Assumption(0.01, 0.001, 0.03, "as of a practised operator", True),
        ),
    }
)
