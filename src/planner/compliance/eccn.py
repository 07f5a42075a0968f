"""ECCN 3A090: the numbers from which a chip falls under each paragraph, and the sentence about them."""

from __future__ import annotations

from dataclasses import dataclass

#: What the classification says where the density that would decide is unknown.
UNDETERMINED_CLASS = "unknown"
NO_CLASS = "none"
#: A chip that is not for data centres, from the performance of a.1 and below it.
NOT_FOR_DATA_CENTRES, BELOW_NOTE_2 = "3A090.a.1-nondc", "note2"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: it holds from this performance and, where it asks for one, from this density."""

    name: str
    #: total processing performance: TOPS times bit length
    performance: int
    #: performance per mm2 of logic die; None: none is asked for
    density: float | None = None

    @property
    def words(self) -> str:
        """Return what it takes, in words."""
        density = "" if self.density is None else f" with density from {self.density:g}"
        return f"from {self.performance:,}{density}"


#: For chips that are designed or marketed for data centres; the first that holds wins.
#: 15 CFR 774, supplement 1, ECCN 3A090; the rules `US-3A090-*` quote it, and a test holds both together.
PARAGRAPHS = (
    Paragraph("3A090.a.1", 4800),
    Paragraph("3A090.a.2", 1600, 5.92),
    Paragraph("3A090.b.1", 2400, 1.6),
    Paragraph("3A090.b.2", 1600, 3.2),
)
_HIGHEST = PARAGRAPHS[0]
#: The paragraphs of 3A090.a.
CLASS_A = tuple(paragraph.name for paragraph in PARAGRAPHS if paragraph.name.startswith("3A090.a."))


def classification(performance: float, density: float | None, *, is_datacenter: bool) -> str:
    """Return the paragraph that a chip falls under by its numbers.

    Examples
    --------
    >>> classification(6016, None, is_datacenter=True), classification(1700, None, is_datacenter=True)
    ('3A090.a.1', 'unknown')
    """
    if not is_datacenter:
        return NOT_FOR_DATA_CENTRES if performance >= _HIGHEST.performance else BELOW_NOTE_2
    for paragraph in PARAGRAPHS:
        if performance < paragraph.performance:
            continue
        if paragraph.density is None:
            return paragraph.name
        if density is None:
            return UNDETERMINED_CLASS
        if density >= paragraph.density:
            return paragraph.name
    return NO_CLASS


def classification_words() -> str:
    """Return how a chip is classified, as one sentence."""
    others = (f"{entry.name.removeprefix('3A090.')} {entry.words}" for entry in PARAGRAPHS[1:])
    return (
        f"data centre: {'; '.join((f'{_HIGHEST.name} {_HIGHEST.words}', *others))}; else {NO_CLASS}. "
        f"Not for data centres: {_HIGHEST.words}"
    )
