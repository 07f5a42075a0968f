"""The rule book of a search path."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.check import check_folder
from planner.catalog.moved import with_figures
from planner.catalog.pinning import PinnedCatalog
from planner.catalog.rules import load_rule_book
from planner.domain.plan import Pin
from planner.errors import ProfileError

TODAY = datetime.date(2026, 11, 22)
RULE = """
id = "{id}"
jurisdiction = "US"
title = "A team's own rule"
citation = "house policy"
status = "in_force"
subject = "screening"
severity = "block"
note = "Ask before you sign."
verified = true
evidence = "primary"
confidence = "high"
[condition]
f = "{field}"
op = "{op}"
v = {value}
[[sources]]
title = "House policy"
"""
GROUPS = """
id = "{date}"
name = "Groups"
source = "test"
verified = true
[groups]
D5M = ["{country}"]
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "country_groups").mkdir()
    return tmp_path


def write_rule(
    folder: Path, identifier: str, field: str = "chip.tpp", op: str = ">", value: str = "1"
) -> None:
    text = RULE.format(id=identifier, field=field, op=op, value=value)
    (folder / "rules" / f"{identifier.lower()}.toml").write_text(text, encoding="utf-8")


def test_a_shared_folder_adds_and_replaces_rules_by_id(shared: Path) -> None:
    write_rule(shared, "XX-OURS")
    write_rule(shared, "US-EL")
    built_in = load_rule_book(load_catalog(include_user=False), TODAY).checked()
    book = load_rule_book(load_catalog([shared], include_user=False), TODAY).checked()
    assert set(book.rules) - set(built_in.rules) == {"XX-OURS"}
    assert book.rules["US-EL"].title == "A team's own rule"
    assert built_in.rules["US-EL"].title != "A team's own rule"
    assert check_folder(shared) == []


@pytest.mark.parametrize(
    ("field", "op", "value", "message"),
    [
        ("chip.tp", ">", "1", "unknown field 'chip.tp'; the nearest known one is 'chip.tpp'"),
        ("chip.tpp", "=>", "1", "unknown operator '=>'"),
        ("as_of", "<", '"2026-02-30"', "'2026-02-30' is not a date"),
        ("site.country", "in_group", '"D6M"', "no country group"),
        ("chip.name", "matches", "'(a+)+'", "the expression"),
    ],
)
def test_a_broken_rule_is_one_line_with_its_file(
    shared: Path, field: str, op: str, value: str, message: str
) -> None:
    write_rule(shared, "XX-BROKEN", field, op, value)
    book = load_rule_book(load_catalog([shared], include_user=False), TODAY)
    assert "XX-BROKEN" not in book.rules
    assert len(book.rules) == 103
    with pytest.raises(ProfileError, match=message) as caught:
        book.checked()
    assert "xx-broken.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
    (problem,) = check_folder(shared)
    assert message in problem


def test_a_rule_must_lie_in_the_file_of_its_name(shared: Path) -> None:
    write_rule(shared, "XX-OURS")
    (shared / "rules" / "xx-ours.toml").rename(shared / "rules" / "other.toml")
    with pytest.raises(ProfileError, match="the file's own name"):
        load_rule_book(load_catalog([shared], include_user=False), TODAY).checked()


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2020-01-01", "2026-09-24"),
        ("2026-09-24", "2026-09-24"),
        ("2027-01-31", "2026-09-24"),
        ("2027-02-01", "2027-02-01"),
        ("2030-01-01", "2027-02-01"),
    ],
)
def test_the_newest_groups_that_are_not_younger_than_the_date(
    shared: Path, as_of: str, expected: str
) -> None:
    text = GROUPS.format(date="2027-02-01", country="ZZ")
    (shared / "country_groups" / "2027-02-01.toml").write_text(text, encoding="utf-8")
    book = load_rule_book(load_catalog([shared], include_user=False), datetime.date.fromisoformat(as_of))
    assert book.groups_date == expected


def test_a_rule_book_is_put_together_once_for_a_catalog_and_its_groups(shared: Path) -> None:
    (shared / "country_groups" / "2027-02-01.toml").write_text(
        GROUPS.format(date="2027-02-01", country="ZZ"), encoding="utf-8"
    )
    catalog = load_catalog([shared], include_user=False)
    book = load_rule_book(catalog, TODAY)
    assert load_rule_book(catalog, TODAY + datetime.timedelta(days=1)) is book
    assert load_rule_book(catalog, datetime.date(2028, 1, 1)).groups_date == "2027-02-01"
    write_rule(shared, "XX-OURS")
    assert "XX-OURS" in load_rule_book(load_catalog([shared], include_user=False), TODAY).rules


def test_a_catalog_with_another_chip_has_the_same_rules_and_one_with_another_rule_its_own() -> None:
    catalog = load_catalog(include_user=False)
    book = load_rule_book(catalog, TODAY)
    moved = with_figures(catalog, "chips", "h100-sxm", {"tdp_w": 700.5})
    assert load_rule_book(moved, TODAY) is book
    key = f"rules/{next(iter(book.rules)).lower()}"
    pinned = PinnedCatalog(catalog, {key: Pin(hash="0" * 12, values={"title": "Another"})})
    assert load_rule_book(pinned, TODAY) is not book
