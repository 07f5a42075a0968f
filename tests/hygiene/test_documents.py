"""The documents hold what they promise: commands that run, pins that cover, links that lead somewhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from planner.catalog.catalog import load_catalog
from planner.plans.offers import offered_plans
from planner.plans.plan_file import plan_from_data

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for line in README.splitlines() if line.startswith("python3 -m venv")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_readme_has_its_two_commands_near_the_top() -> None:
    assert len(COMMANDS) == 2
    assert COMMANDS[0].endswith(".venv/bin/planner saved_plans/pangu-ultra-135b-910b.toml")
    assert COMMANDS[1].endswith(".venv/bin/pytest")
    assert README.splitlines().index(COMMANDS[1]) < 30


def test_the_check_script_runs_the_second_command_as_printed() -> None:
    extract = "grep '^python3 -m venv' README.md | sed -n 2p"
    assert extract in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    shown = subprocess.run(
        ["bash", "-c", extract], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.strip() == COMMANDS[1]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_lock_pins_every_dependency_and_no_place_to_get_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {normal(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in wanted}
    found = pins()
    assert names <= {normal(name) for name in found}
    assert [name.lower() for name in found] == sorted(name.lower() for name in found)
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in found.values())


def test_each_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        assert re.split(r"[^A-Za-z0-9._-]", requirement)[0] in reasons


def test_the_plan_in_readme_is_one() -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example is not None
    plan = plan_from_data(tomllib.loads(example.group(1)), where="README.md")
    catalog = load_catalog(include_user=False)
    assert catalog.get("systems", plan.cluster.pools[0].system or "").profile.chip
    assert plan.site.profile in catalog.sites
    assert plan.model.profile in catalog.models


def test_the_offers_in_readme_are_some_of_its_plan() -> None:
    plan, offers = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[:2]
    found = offered_plans(plan_from_data(tomllib.loads(plan + offers), where="README.md"), "README.md")
    assert [offered.cluster.pools[0].rental_months for _, offered in found] == [None, 36]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/runs.md"])
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    folder = (ROOT / document).parent
    missing = [target for target in targets if not (folder / target).exists()]
    assert not missing
