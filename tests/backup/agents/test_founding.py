"""`suite-backup init --portal`: the keys are made on a machine, and a real portal is told what opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backup.engine.format import keyfile
from backup.engine.format.keys import Role
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Repository
from backup.permissions import MANAGE, RESTORE, VIEW
from core.access.demo import World
from core.api import services as tokens
from tests.backup.agents.machines import Computer, serving

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(world: World) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def computer(world: World, tmp_path: Path) -> Computer:
    """A machine whose person has a token of the portal, in a file."""
    made = Computer(tmp_path / "computer")
    until, may = timezone.now() + timedelta(days=1), ["access.view_project", VIEW, MANAGE, RESTORE]
    _row, text = tokens.create_token(world.user["owner"], world.project, "cli", may, until)
    (made.base / "token").write_text(f"{text}\n")
    made.more = {
        "SUITE_BACKUP_TOKEN_FILE": str(made.base / "token"),
        "SUITE_BACKUP_PORTAL_TOKEN_FILE": str(made.base / "token"),
    }
    return made


def test_founded_at_a_portal(world: World, computer: Computer, portal: str) -> None:
    """The key is made and stays on the machine; the portal keeps the repository, confirmed; the address leads to it."""
    words = ("init", "--portal", portal, "--project", world.project.slug, "--master", "master.key")
    summary = computer(*words, "--name", "Ward", "--quota", "2T", "--json").summary
    row = Repository.objects.get()
    assert (row.name, row.quota, row.saves_here, row.isolated) == ("Ward", 2 * 10**12, True, False)
    assert (row.is_confirmed, row.confirmed_by) == (True, world.user["owner"])
    assert summary["url"] == f"suite+{portal}/{row.pk}"
    kept = (computer.base / "master.key").read_text()
    assert (computer.base / "master.key").stat().st_mode & 0o777 == 0o600
    assert f"Control: {row.control_code}" in kept
    master = keyfile.load(kept)
    opened = Opened.open(LocalStore(row.path), master)
    assert {badge.role for badge in opened.badges().values()} == {Role.LISTER, Role.WRITER}
    assert computer("-r", summary["url"], "--keyfile", "master.key", "snapshots", "--json").out.strip() == "[]"
    again = computer(*words, "--name", "Ward 2", code=1)
    assert "registered already" in again.err
    assert (computer.base / "master.key").read_text() == kept


def test_for_agents_alone(world: World, computer: Computer, portal: str) -> None:
    """With a passphrase, isolated, and without a key for the portal to save with."""
    (computer.base / "word").write_text("une phrase de passe\n")
    words = ("init", "--portal", portal, "--project", world.project.slug, "--name", "Agents", "--master", "master.key")
    computer(*words, "--isolated", "--no-server-saves", "--protect-file", "word")
    row = Repository.objects.get()
    assert (row.saves_here, row.isolated, row.has_passphrase) == (False, True, True)
    assert keyfile.load((computer.base / "master.key").read_text(), "une phrase de passe").role is Role.MASTER


def test_refused_the_key_is_there_still(world: World, computer: Computer, portal: str) -> None:
    """What the portal refuses is said in its words; the key that was made stays, and founds the repository then."""
    words = ("init", "--portal", portal, "--project", world.project.slug, "--master", "master.key", "--name", "Ward")
    refused = computer(*words, "--folder", "/nowhere", code=1)
    assert "hasn't allowed this place" in refused.err
    kept = (computer.base / "master.key").read_text()
    assert not Repository.objects.exists()
    computer(*words)
    assert f"Control: {Repository.objects.get().control_code}" in kept


def test_nothing_is_made_for_nothing(computer: Computer, portal: str) -> None:
    """What is missing is said before any key is made; a token goes nowhere unencrypted."""
    for words, told in (
        (("--portal", portal), "--project"),
        (("/somewhere", "--portal", portal, "--project", "x", "--name", "x"), "not both"),
        (("--portal", "http://suite.example", "--project", "x", "--name", "x"), "https"),
    ):
        assert told in computer("init", *words, "--master", "master.key", code=1).err
    computer.more = {}
    done = computer("init", "--portal", portal, "--project", "x", "--name", "x", "--master", "master.key", code=1)
    assert "SUITE_BACKUP_TOKEN_FILE" in done.err
    assert not (computer.base / "master.key").exists()
