"""The package: a wheel that needs nothing of the suite, and documents that say what is so."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from backup.cli.calling import every_name
from backup.cli.commands import GROUPS
from tests.repository.files import ROOT

PACKAGE = ROOT / "clients" / "suite-backup"
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
IMPORTED = {"psycopg": "psycopg[binary]", "pkcs11": "python-pkcs11"}
"""Packages whose name isn't that of their module."""
WITH = {"boto3": {"botocore", "urllib3"}, "requests": {"urllib3"}}
"""Modules that come with a package."""


def name(requirement: str) -> str:
    return re.split(r"[~=<>! ]", requirement)[0]


def asked() -> list[str]:
    return [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]


def test_what_it_needs_is_what_the_suite_needs() -> None:
    """The package asks for the same versions as the suite, in which they are tested."""
    suite = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    known = [*suite["dependencies"], *(one for extra in suite["optional-dependencies"].values() for one in extra)]
    versions = {name(one).partition("[")[0]: one[len(name(one)) :] for one in known}
    assert {one: versions[name(one).partition("[")[0]] for one in asked()} == {
        one: one[len(name(one)) :] for one in asked()
    }


def test_what_is_imported_is_asked_for() -> None:
    """Engine and command line import only what the package brings."""
    brought = {name(one) for one in asked()} | {extra for one in asked() for extra in WITH.get(name(one), ())}
    found = set()
    for path in [*(ROOT / "backup" / "engine").rglob("*.py"), *(ROOT / "backup" / "cli").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    others = found - sys.stdlib_module_names - {"backup"}
    assert {IMPORTED.get(one, one) for one in others} - brought == set()


def test_the_page_names_every_command() -> None:
    """The README of the package names every command, and none that there isn't."""
    [table] = re.findall(r"## Commands\n\n(.*?)\n\n", (PACKAGE / "README.md").read_text(), re.DOTALL)
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    named = set()
    for row in rows:
        words = [words.split()[:2] for words in re.findall(r"`([^`]+)`", row)]
        if words[0][0] in GROUPS:
            named |= {f"{words[0][0]} {one[-1]}" for one in words}
        else:
            named |= {one[0] for one in words}
    assert named == set(every_name())


@pytest.mark.parametrize("document", ["backup/README.md", "clients/suite-backup/README.md"])
def test_the_examples_exist(document: str) -> None:
    """Each command in the examples of a document is one, with options that it has."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0] for block in blocks for line in block.splitlines() if "suite-backup " in line]
    assert len(lines) > 5
    for line in lines:
        words = line.partition("suite-backup ")[2].split()
        commands = [one for one in every_name() if f" {one} " in f" {' '.join(words)} "]
        assert commands or "COMMAND" in line, line
        if commands:
            shown = subprocess.run(
                [Path(sys.executable).with_name("suite-backup"), *max(commands, key=len).split(), "--help"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            options = [word for word in words if word.startswith("-") and len(word) > 1]
            assert [option for option in options if option not in shown] == [], line


@pytest.mark.slow
def test_a_wheel_without_the_suite(tmp_path: Path) -> None:
    """The wheel makes a repository, saves, checks and restores where there is no Django, in French too."""
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, PACKAGE], check=True)
    [wheel] = tmp_path.glob("*.whl")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, wheel], check=True)
    listed = subprocess.run(
        [UV, "pip", "list", "--python", python, "--format", "json"], capture_output=True, check=True
    )
    assert "django" not in {one["name"] for one in json.loads(listed.stdout)}
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_bytes(os.urandom(100_000))

    def run(*words: str | Path, key: str = "writer", **more: str) -> str:
        environment = {
            "HOME": str(tmp_path),
            "SUITE_BACKUP_REPOSITORY": str(tmp_path / "repository"),
            "SUITE_BACKUP_KEYFILE": str(tmp_path / f"{key}.key"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        program = tmp_path / "venv" / "bin" / "suite-backup"
        done = subprocess.run(
            [program, *words], env={**environment, **more}, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done
        return done.stdout

    run("init", "--master", "master.key")
    for role in ("writer", "reader"):
        run("key", "derive", "--master", "master.key", "--type", role, "-o", f"{role}.key")
    run("save", "--source", "tree", tree)
    assert "Intact" in run("check", "--read-data", key="reader", LANG="fr_FR.UTF-8")
    run("restore", f"tree:{tree}", "--target", "restored", key="reader")
    assert (tmp_path / "restored" / "file").read_bytes() == (tree / "file").read_bytes()
    assert "suite-backup" in run("completion", "fish")
    assert "FORMAT.md" in {path.name for path in (tmp_path / "venv").rglob("*.md")}


@pytest.mark.slow
def test_a_store_whose_library_is_missing(tmp_path: Path) -> None:
    """Where the library of a store isn't installed, the extra that brings it is named."""
    without = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; sys.modules['asyncssh'] = None"
    launch = f"{without}; from backup.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", launch, "init", "sftp://nas/x", "--master", str(tmp_path / "m.key")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "suite-backup: this needs a library more: pip install 'suite-backup[sftp]'\n",
    )
