"""What holds for every file of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from statistics import median

import pytest

from tests.repository.files import CODE, ROOT, TOOLS, named, parts, tracked

SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b")
WORK_LEFT = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w.~-])/(root|work|Users|home)/(?!notebook)\w")
"""A folder of somebody's own; /home/notebook is in the notebooks' box."""
VAGUE = ("utils", "helpers", "misc", "common")
LONGEST = 400
TEXT = (".py", ".js", ".mjs", ".html", ".css", ".md", ".toml", ".po")


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def modules() -> list[Path]:
    return [path for path in named(".py", among=CODE) if "migrations" not in path.parts]


def test_modules_are_short() -> None:
    """No module passes 400 lines, and most fit on a screen or two."""
    assert {str(path.relative_to(ROOT)): lines(path) for path in modules() if lines(path) > LONGEST} == {}
    assert median(lines(path) for path in modules() if lines(path)) <= 80


def test_modules_are_named_for_what_they_are() -> None:
    """Nothing is put into a drawer for everything."""
    assert [path for path in tracked() if path.stem in VAGUE or set(parts(path)) & set(VAGUE)] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_says_what_it_is_for(tool: str) -> None:
    """Each tool has a README with its map and its main flow."""
    assert lines(ROOT / tool / "README.md") >= 10


def test_no_work_is_left_behind() -> None:
    """What isn't done is an issue, not a note in the code."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in TEXT and path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if WORK_LEFT.search(line)
    ]
    assert found == []


def test_no_key_is_in_the_repository() -> None:
    """No private key or token of a service has slipped in."""
    assert [path for path in tracked() if path.suffix in TEXT and SECRET.search(path.read_text())] == []


def test_no_path_of_somebodys_machine_is_in_the_repository() -> None:
    """What works here works anywhere: no file names a folder that only one machine has."""
    assert [path for path in tracked() if path.suffix in TEXT and MACHINE.search(path.read_text())] == []


def test_no_error_is_swallowed() -> None:
    """An error that nobody expects is never passed over in silence."""
    swallowed = re.compile(r"except(\s+(Base)?Exception)?\s*:\s*\n\s*pass\b")
    assert [path for path in named(".py") if swallowed.search(path.read_text())] == []


def test_what_npm_installs_has_no_fixed_address() -> None:
    """The lock of npm names packages and their hashes, not the server they came from."""
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity"' in text


def test_what_pip_installs_is_locked() -> None:
    """Every package is pinned with hashes, and no address of a registry is named."""
    text = (ROOT / "requirements.txt").read_text()
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+(?: ;.*)? \\\n    --hash=", text, re.MULTILINE)
    pinned = re.findall(r"^[a-z0-9]\S*", text, re.MULTILINE)
    assert len(names) == len(pinned) > 50
    assert "://" not in text


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml asks for is in the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[~=<>!; ]", line)[0].lower()) for line in asked}
    assert names - locked == set()


def test_the_licence_is_whole() -> None:
    """The licence of the suite is in the repository, in full."""
    text = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "END OF TERMS AND CONDITIONS" in text
