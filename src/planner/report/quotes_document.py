"""Offers side by side as a document: what each costs and does, why they differ, and what is certain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from planner.quantities.figure import Band, Figure, scaled
from planner.quotes.months import days_in
from planner.quotes.offer import FACTORS, LINES, Offer
from planner.quotes.promises import PromisedWork
from planner.quotes.quotes import Quote, Quotes
from planner.report import numbers
from planner.report.compare_rows import LETTERS
from planner.report.currency_words import settings_words
from planner.report.diff_rows import Precision
from planner.report.document import (
    Block,
    Cell,
    Entries,
    Entry,
    Heading,
    Item,
    Items,
    Number,
    Role,
    Summary,
    Table,
    Text,
    document,
)
from planner.report.estimate_document import pool_words
from planner.report.figures import numbers_of, scales_of
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.promise_words import (
    NO_REMEDY,
    REMEDIES_TITLE,
    promised_text,
    promised_title,
    remedies_text,
)
from planner.units import SECONDS_PER_DAY

NOTHING = "-"
#: Of the largest amount of a table.
_DIGITS = 4
_ROLES: Mapping[str, Role] = {"best": "good", "dearer": "bad"}
_KIND_WORDS = {"purchase": "bought", "reservation": "reserved", "rental": "rented by the hour"}
_NEEDED = "for the same work"
#: So many of the figures that an offer lacks stand in the summary.
_NAMED = 4
#: What is paid for time in which nothing is trained.
_LOST = {"setup": "of it for setup", "debugging": "for debugging", "goodput": "for lost goodput"}
_ONE_SIDED = " (!)"
_LEGEND = (
    "[a..b] holds 8 of 10 outcomes, over draws that the offers share; *: assumed; (!): one of the two has no "
    "figure of it, and nothing stands in its place",
    "a purchase costs what the months use up of it in a straight line, and is bought again after its life; "
    "a commitment is paid for all hours of its terms, used or not",
    "committed: what is owed whether or not it is used",
    "in the gap, a line is the difference of what is paid; raw rate, goodput and lost time are what it costs "
    "to do as much work",
    "each line on its own: planner explain PLAN ledger.LINE",
)


@document
def quotes_document(quotes: Quotes) -> Iterator[Block]:
    """Yield offers side by side; which is best is said in words, and only where it is certain."""
    shown = list(zip(LETTERS, quotes.quotes, strict=False))
    months = f"{quotes.months.count:,.4g} months"
    yield Heading(f"Offers side by side over {months}", level=1)
    yield Items((Item(f"months: {quotes.months.because}", role="quiet"),), indent=0)
    yield Entries(tuple(_entry(letter, quote.offer) for letter, quote in shown), 1)
    header = ("", *(letter for letter, _ in shown))
    offers = [quote.offer for quote in quotes.quotes]
    money = _money(quotes)
    precision = _precision([line.figure.p50 for it in offers for line in it.lines], money)
    yield Heading("Money", precision.scale.name)
    yield Table(header, tuple(_money_rows(quotes.quotes, precision)), layout="plans")
    yield Heading("Work", "in these months")
    yield Table(header, tuple(_work_rows(quotes)), layout="plans")
    if sum(quote.is_compared for quote in quotes.quotes) > 1:
        yield from _gaps(quotes, header)
    yield Items(tuple(Item(text, role="quiet") for text in _LEGEND), indent=0)
    yield Items(tuple(map(Item, _remarks(quotes))), indent=0)
    yield Summary(headline(quotes), _detail(quotes))


def _entry(letter: str, offer: Offer) -> Entry:
    term = f" for {offer.term:,.4g} months" if offer.term else ""
    paid = f", paid for {offer.paid:,.4g}" if offer.term and offer.paid != offer.term else ""
    pools = tuple(map(pool_words, offer.estimate.pools))
    return Entry(letter, offer.label, "title", aside=(*pools, f"{_KIND_WORDS[offer.kind]}{term}{paid}"))


def _money(quotes: Quotes) -> tuple[numbers.Scale, ...]:
    """Return the units of amounts that are in the offers' currency already."""
    return scales_of("USD", replace(quotes.rate, per_usd=1.0))


def _precision(values: Sequence[float | None], money: tuple[numbers.Scale, ...]) -> Precision:
    """Return the unit of the largest amount, and decimals that leave it four digits."""
    largest = max((abs(value) for value in values if value), default=0.0)
    scale = numbers.pick_scale(largest, money)
    before = math.floor(math.log10(largest / scale.factor)) + 1 if largest else 1
    return Precision(scale, max(0, _DIGITS - max(1, before)))


def _money_rows(quotes: Sequence[Quote], precision: Precision) -> Iterator[tuple[Cell, ...]]:
    titles = _titles(quotes)
    for identifier in titles:
        found = [
            next((line for line in quote.offer.lines if line.id == identifier), None) for quote in quotes
        ]
        cells = [
            Cell(NOTHING)
            if line is None
            else _amount(line.amount, precision, ASSUMED_MARK if line.state == "assumed" else "")
            for line in found
        ]
        yield (Cell(titles[identifier]), *cells)
    yield (Cell("all that is known"), *(_total(quote.offer, precision) for quote in quotes))
    for name, title in _LOST.items():
        yield (
            Cell(title),
            *(_figure(quote.offer, quote.offer.lost.get(name), precision) for quote in quotes),
        )
    yield (Cell("paid at the start"), *(_figure(it.offer, it.offer.at_start, precision) for it in quotes))
    yield (Cell("committed"), *(_figure(it.offer, it.offer.committed, precision) for it in quotes))
    yield (Cell("priced"), *(Cell(_share(quote.offer)) for quote in quotes))


def _titles(quotes: Sequence[Quote]) -> dict[str, str]:
    """Return what the lines of any offer are called, in their order."""
    found = {line.id: line.short for quote in quotes for line in quote.offer.lines}
    return {identifier: found[identifier] for identifier in LINES if identifier in found}


def _amount(amount: Decimal | None, precision: Precision, behind: str = "") -> Cell:
    if amount is None:
        return Cell(UNKNOWN, role="bad")
    return Cell(precision.number(float(amount)) + behind, _number(float(amount), precision))


def _total(offer: Offer, precision: Precision) -> Cell:
    if not offer.lines:
        return Cell(NOTHING)
    amount, band = offer.amount, offer.money.band
    cell = _amount(amount, precision)
    return cell._replace(is_strong=True, below="" if band is None else _ends(band, precision))


def _ends(band: Band, precision: Precision, *, is_signed: bool = False) -> str:
    low, high = (precision.number(end, is_signed=is_signed) for end in (band.p10, band.p90))
    return "" if low == high else f"[{low}..{high}]"


def _figure(offer: Offer, figure: Figure | None, precision: Precision) -> Cell:
    if figure is None or not offer.lines:
        return Cell(NOTHING)
    band = figure.band
    if band is None:
        return Cell(UNKNOWN, role="bad")
    return Cell(precision.number(band.p50), _number(band.p50, precision), below=_ends(band, precision))


def _number(amount: float, precision: Precision) -> tuple[Number, ...]:
    return numbers_of((amount,), (numbers.Scale(1.0, precision.scale.name.split(" ")[-1]),))


def _share(offer: Offer) -> str:
    share = offer.priced_share
    return NOTHING if share is None else f"{numbers.percent(share, 3)}{'' if share == 1 else ASSUMED_MARK}"


def _work_rows(quotes: Quotes) -> Iterator[tuple[Cell, ...]]:
    offers = [quote.offer for quote in quotes.quotes]
    for name, title in FACTORS.items():
        yield (Cell(title), *(_factor(offer, name, quotes.months.count) for offer in offers))
    if any(offer.step_tokens for offer in offers):
        yield (Cell("steps"), *(_count(offer, offer.step_tokens) for offer in offers))
        yield (Cell("samples"), *(_count(offer, offer.sample_tokens) for offer in offers))
    else:
        yield (Cell("tokens"), *(_count(offer, 1.0) for offer in offers))
    promised = [quote.promised for quote in quotes.quotes]
    if any(promised):
        yield (Cell(promised_title(promised)), *map(_promised, promised))
        yield (Cell(REMEDIES_TITLE), *map(_remedies, promised))


def _count(offer: Offer, tokens: float | None) -> Cell:
    """Return how often an offer trains so many tokens."""
    if not offer.factors or not tokens:
        return Cell(NOTHING)
    return Cell(numbers.count(float(offer.work.values[0]) / tokens), is_strong=True)


def _promised(work: PromisedWork | None) -> Cell:
    text, ends = promised_text(work)
    return Cell(text, is_strong=True, below=ends) if ends else Cell(text, role="quiet")


def _remedies(work: PromisedWork | None) -> Cell:
    text = remedies_text(work)
    return Cell(text, role="quiet" if text == NO_REMEDY else "plain")


def _factor(offer: Offer, name: str, months: float) -> Cell:
    factor = offer.factors.get(name)
    if factor is None:
        return Cell(NOTHING)
    if factor.gaps and not factor.is_known:
        return Cell(UNKNOWN, role="bad")
    band = factor.band
    assert band is not None
    mark = ASSUMED_MARK if name == "in_use" and factor.gaps else ""
    if name == "rate" and offer.step_tokens:
        steps = scaled(band, SECONDS_PER_DAY / offer.step_tokens)
        middle, ends = numbers.middle_and_ends(steps, digits=3)
        return Cell(f"{middle} steps/day", below=ends)
    if name == "rate":
        middle, ends = numbers.middle_and_ends(band, numbers.TOKEN_RATE, 3)
        return Cell(middle.removesuffix(" tokens/s") + "/s", below=ends)
    if name == "setup":
        whole = days_in(months)
        lost = Band(whole - band.p90, whole - band.p50, whole - band.p10)
        middle, ends = numbers.middle_and_ends(lost, (numbers.Scale(1.0, "days"),), 3)
    else:
        band = Band(1 - band.p90, 1 - band.p50, 1 - band.p10) if name == "debugging" else band
        middle, ends = numbers.middle_and_ends(band, numbers.PERCENT, 3)
    return Cell(middle + mark, below=ends if band.p10 != band.p90 else "")


def _gaps(quotes: Quotes, header: tuple[str, ...]) -> Iterator[Block]:
    assert quotes.reference is not None
    letter = LETTERS[quotes.reference]
    gaps = [quote.gap for quote in quotes.quotes]
    known = [gap for gap in gaps if gap is not None]
    money = _money(quotes)
    precision = _precision([float(part.amount) for gap in known for part in gap.parts], money)
    titles = {(name, "money"): title for name, title in _titles(quotes.quotes).items()}
    titles |= {(name, "work"): title for name, title in FACTORS.items()}
    rows: list[tuple[Cell, ...]] = []
    for key, title in titles.items():
        parts = [
            next((part for part in gap.parts if (part.id, part.kind) == key), None) if gap else None
            for gap in gaps
        ]
        if any(part is not None and part.amount for part in parts):
            cells = [
                Cell(NOTHING)
                if part is None or not part.amount
                else _signed(part.amount, part.band, precision, _mark(key[0], quote, quotes))
                for part, quote in zip(parts, quotes.quotes, strict=True)
            ]
            rows.append((Cell(title), *cells))
    sums = [Cell(NOTHING) if gap is None else _signed(gap.amount, gap.band, precision) for gap in gaps]
    yield Heading(f"Gap to {letter}", f"{precision.scale.name} more {_NEEDED}, taken apart")
    total = tuple(cell._replace(is_strong=True) for cell in sums)
    relative = tuple(_relative(quote.relative) for quote in quotes.quotes)
    # of post-training by samples, of which a million are so many million tokens
    sample = quotes.quotes[quotes.reference].offer.sample_tokens
    price = tuple(_price(scaled(quote.per_million_tokens, sample or 1.0)) for quote in quotes.quotes)
    standing = tuple(_standing(quote) for quote in quotes.quotes)
    yield Table(
        header,
        (
            *rows,
            (Cell("whole gap"), *total),
            (Cell(f"relative to {letter}"), *relative),
            (Cell(f"{quotes.rate.currency}/1M {'samples' if sample else 'tokens'}"), *price),
            (Cell("stands"), *standing),
        ),
        layout="plans",
    )


def _mark(identifier: str, quote: Quote, quotes: Quotes) -> str:
    """Return the mark of a part that one of two offers has no figure of."""
    assert quotes.reference is not None
    pair = (quote.offer, quotes.quotes[quotes.reference].offer)
    lines = (line.figure for offer in pair for line in offer.lines if line.id == identifier)
    factors = (offer.factors[identifier] for offer in pair if identifier in offer.factors)
    return "" if all(figure.is_known for figure in (*lines, *factors)) else _ONE_SIDED


def _signed(amount: Decimal, band: Band, precision: Precision, behind: str = "") -> Cell:
    text = precision.number(float(amount), is_signed=True) + behind
    return Cell(text, _number(float(amount), precision), below=_ends(band, precision, is_signed=True))


def _relative(band: Band | None) -> Cell:
    if band is None:
        return Cell(NOTHING)
    ends = "" if band.p10 == band.p90 else f"[{band.p10:.3f}..{band.p90:.3f}]"
    return Cell(f"{band.p50:.3f}", numbers_of((band,)), below=ends)


def _price(band: Band | None) -> Cell:
    middle, ends = numbers.middle_and_ends(band, digits=3)
    return Cell(NOTHING) if band is None else Cell(middle, below=ends)


def _standing(quote: Quote) -> Cell:
    text = NOTHING if quote.standing == "none" else quote.standing
    return Cell(text, role=_ROLES.get(quote.standing, "plain"), is_strong=quote.standing == "best")


def _remarks(quotes: Quotes) -> Iterator[Text]:
    yield from settings_words([quote.offer.estimate.known.setting for quote in quotes.quotes])
    for letter, quote in zip(LETTERS, quotes.quotes, strict=False):
        offer = quote.offer
        if offer.reasons:
            yield f"x {letter} is not held against the others: {'; '.join(offer.reasons)}"
            continue
        if offer.missing:
            yield f"{letter} without: {', '.join(offer.missing)}"
        if offer.assumed:
            yield f"{letter} * assumed: {', '.join(offer.assumed)}"


def headline(quotes: Quotes) -> str:
    """Return what the comparison comes to, in a sentence."""
    if quotes.reference is None:
        return "no offer can be held against the others"
    letter = LETTERS[quotes.reference]
    if quotes.best is not None:
        lacks = quotes.quotes[quotes.best].offer.missing
        whatever = f", whatever it pays for {' and '.join(lacks)}" if lacks else ""
        return f"{LETTERS[quotes.best]} costs least {_NEEDED} in 9 outcomes of 10{whatever}"
    others = [it for it in quotes.quotes if it.is_compared]
    if len(others) == 1:
        return f"{letter} alone can be told of in these months, and there is nothing to hold it against"
    lacks = quotes.quotes[quotes.reference].offer.missing
    why = "it is not told apart from the others"
    if lacks:
        more = f" and {len(lacks) - _NAMED} more" if len(lacks) > _NAMED else ""
        why = f"it has no figure of {', '.join(lacks[:_NAMED])}{more}"
    return f"no offer can be called best: {letter} costs least {_NEEDED} on what is known, but {why}"


def _detail(quotes: Quotes) -> str:
    texts = []
    if quotes.reference is not None and quotes.room is not None:
        room = numbers.quantity(float(quotes.room), _money(quotes), 3)
        letter = LETTERS[quotes.reference]
        texts.append(f"{letter} costs least at the medians while what it lacks comes to less than {room}")
    for letter, quote in zip(LETTERS, quotes.quotes, strict=False):
        band = quote.relative
        if band is not None and quote is not quotes.quotes[quotes.reference or 0]:
            ends = f" [{_percent(band.p10)}..{_percent(band.p90)}]" if band.p10 != band.p90 else ""
            texts.append(f"{letter} {_percent(band.p50)} %{ends}")
    return "; ".join(texts)


def _percent(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f}"
