"""What the documents say is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from core.config import env
from core.embedded.commands import BEFORE_DJANGO
from tests.repository.files import ROOT, named

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")


def commands(document: str) -> list[str]:
    """The commands in the shell blocks of a document, without their comments."""
    blocks = BLOCK.findall((ROOT / document).read_text())
    lines = (line.split("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


README = commands("README.md")
DEPLOY = commands("deploy/README.md")


def test_the_documents_have_commands() -> None:
    """The tests below read what a person would type."""
    assert "make up" in README
    assert "make test" in README
    assert len(DEPLOY) > 8


@pytest.mark.parametrize("line", [line for line in [*README, *DEPLOY] if line.startswith("make ")])
def test_make_knows_the_target(line: str) -> None:
    """Each `make` in the documents is a target of the Makefile, with variables that it reads."""
    done = subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    known = (ROOT / "Makefile").read_text() + "".join(path.read_text() for path in named(".py", among=("core",)))
    assert [word for word in shlex.split(line) if "=" in word and word.split("=")[0] not in known] == []


def of_manage() -> list[list[str]]:
    words = (shlex.split(line) for line in [*README, *DEPLOY])
    return [line[2:] for line in words if line[:2] == [".venv/bin/python", "manage.py"]]


@pytest.mark.parametrize("words", of_manage(), ids=" ".join)
def test_manage_knows_the_command(words: list[str]) -> None:
    """Each command of manage.py in the documents exists."""
    assert words[0] in {*get_commands(), *BEFORE_DJANGO}


def test_the_settings_are_printed() -> None:
    """`manage.py settings` prints every setting as the code has it, before there is any."""
    done = subprocess.run(
        [sys.executable, "manage.py", "settings"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == env.table()


@pytest.mark.parametrize("path", named(".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """A link between documents of the repository leads to a file that is there."""
    assert [target for target in LINK.findall(path.read_text()) if not (path.parent / target).exists()] == []


def test_the_readme_lists_every_target() -> None:
    """Every command of the Makefile that is meant for people is in the README or in CONTRIBUTING."""
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert [target for target in phony.split() if f"make {target}" not in text] == []
