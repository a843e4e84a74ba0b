"""What docs/asvs.csv claims is whole and has its test; and what it claims of the code as a whole is so."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from core.config import asvs
from tests.repository.files import CODE, ROOT, named

LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123", "2.1": "122", "2.2": "112",
    "2.3": "12223", "2.4": "23", "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333",
    "3.6": "3", "3.7": "22333", "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222", "5.1": "2",
    "5.2": "112333", "5.3": "113", "5.4": "222", "6.1": "122", "6.2": "111111112222", "6.3": "11223333",
    "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33", "6.8": "2222", "7.1": "222", "7.2": "1111",
    "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22", "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222", "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333",
    "10.5": "22222", "10.6": "22", "10.7": "222", "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222",
    "11.5": "23", "11.6": "23", "11.7": "33", "12.1": "12233", "12.2": "11", "12.3": "22223", "13.1": "2333",
    "13.2": "222223", "13.3": "2233", "13.4": "1222233", "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333", "16.1": "2", "16.2": "22222", "16.3": "2222",
    "16.4": "222", "16.5": "2223", "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
"""Each section of ASVS 5.0.0, with the levels of its requirements in their order."""

REQUIREMENTS = asvs.read(ROOT / "docs" / "asvs.csv")
MODULES = [path for path in named(".py", among=CODE) if "migrations" not in path.parts]


def test_no_requirement_is_missing() -> None:
    """Every number of levels 1 and 2 has its line, with its level, in order, and none else has."""
    wanted = [
        (f"{section}.{index}", int(level))
        for section, levels in LEVELS.items()
        for index, level in enumerate(levels, 1)
        if level != "3"
    ]
    assert [(each.number, each.level) for each in REQUIREMENTS] == wanted
    assert len(wanted) == 253


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda each: each.number)
def test_every_claim_has_its_test(requirement: asvs.Requirement) -> None:
    """What is met names tests that exist; a gap says its risk; what doesn't apply says why."""
    assert requirement.state in asvs.STATES
    assert requirement.how
    assert requirement.tests or requirement.state != "met"
    assert "Risk: " in requirement.how or requirement.state != "gap"
    for test in requirement.tests:
        path, _, name = test.partition("::")
        assert name in functions(ROOT / path), f"{test} is not there"


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call in our code, by its file and the dotted words before its bracket."""
    return tuple(
        (f"{path.relative_to(ROOT)}: {ast.unparse(node.func)}", node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    )


def told(pattern: str) -> list[str]:
    return sorted({name for name, _node in calls() if re.search(pattern, name)})


def test_no_shell_is_asked() -> None:
    """Programs are started with a list of arguments; none is a line for a shell."""
    assert told(r": os\.(system|popen)$") == []
    shells = [name for name, node in calls() for word in node.keywords if word.arg == "shell"]
    assert shells == []


def test_nothing_is_unpickled() -> None:
    """No format that runs code when it is read, and no eval, but the box's own running of a notebook's cells."""
    assert told(r"\b(pickle|marshal|shelve|dill|joblib)\.loads?$|: (yaml\.load)$") == []
    found = {name.partition(":")[0] for name in told(r": (builtins\.)?(eval|exec)$")}
    assert {name for name in found if not name.startswith("datahub/")} == set()


def test_secrets_are_random() -> None:
    """Chance that only looks like it makes fictitious data and nothing else."""
    found = {name.partition(":")[0] for name in told(r": random\.")}
    assert {name for name in found if "demo" not in name and "/synthetic/" not in name} == set()


def test_no_weak_hash_is_used() -> None:
    """Neither MD5 nor SHA-1, nor a cipher of its own; but S3 tells by an MD5 whether all bytes of an object arrived."""
    found = told(r"hashlib\.(md5|sha1)$|hashes\.(MD5|SHA1)$|modes\.(ECB|CBC)$|algorithms\.(ARC4|TripleDES)$")
    assert found == ["backup/engine/stores/s3.py: hashlib.md5"]


def test_no_script_reaches_a_prototype() -> None:
    """No script of ours names `__proto__` or extends what every object has."""
    scripts = [path for path in named(".js", among=CODE) if "static_src" in path.parts]
    assert len(scripts) > 10
    found = [path.name for path in scripts if re.search(r"__proto__|\.prototype\s*[.\[=]", path.read_text())]
    assert found == []


def test_every_sealed_thing_is_in_the_inventory() -> None:
    """Each setting that is a key, and each primitive that is imported, stands in docs/cryptography.md."""
    from core.config.env import SETTINGS

    page = (ROOT / "docs" / "cryptography.md").read_text()
    keys = [setting.name for setting in SETTINGS if setting.secret and "KEY" in setting.name]
    imported = set[str]()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography.hazmat"):
                imported |= {alias.name for alias in node.names}
    primitives = {name for name in imported if name[0].isupper() and not name.endswith(("Key", "Encoding", "Format"))}
    missing = [name for name in (*keys, *sorted(primitives)) if name not in page]
    assert missing == []
