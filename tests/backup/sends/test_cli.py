"""`suite-backup send` and `receive` against a running suite, as people call them."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from backup.cli.commands import receive
from backup.engine.sealing.layout import to_fragment
from backup.models import Send
from backup.permissions import SEND
from backup.services import sends
from core.access.demo import World, build
from core.api import services as tokens
from tests.backup.sends import kit
from tests.e2e.conftest import apart, server  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

PROGRAM = str(Path(sys.executable).with_name("suite-backup"))
Run = Callable[..., subprocess.CompletedProcess[str]]
LARGE = random.Random(11).randbytes(10_000_000)


@pytest.fixture
def world(transactional_db: None) -> World:
    return apart(build)


@pytest.fixture
def run(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """Call the program in an empty folder, with the owner's token."""
    until = timezone.now() + timedelta(days=1)
    _row, token = apart(
        lambda: tokens.create_token(world.user["owner"], world.project, "cli", ["access.view_project", SEND], until)
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "SUITE_BACKUP_TOKEN": token}

    def run(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [PROGRAM, *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    return run


def test_sent_and_received(run: Run, world: World, server: Server, tmp_path: Path) -> None:  # noqa: F811
    """A file of several pieces goes out with a passphrase and comes back bit by bit, with its message."""
    (tmp_path / "images.zip").write_bytes(LARGE)
    (tmp_path / "word").write_text("trois mots secrets\n")
    options = ["--project", world.project.slug, "--days", 3, "--most", 2, "--message", "Pour jeudi"]
    sent = run("send", "images.zip", server.address, *options, "--protect-file", "word")
    link = sent.stdout.strip()
    row = apart(Send.objects.get)
    assert (row.state, row.is_protected, row.piece_count) == ("ready", True, 3)
    assert "protected" in run("receive", link, code=1).stderr
    (tmp_path / "wrong").write_text("autre chose\n")
    assert "passphrase" in run("--passphrase-file", "wrong", "receive", link, "-o", "x", code=1).stderr
    assert not (tmp_path / "x").exists()
    got = run("--passphrase-file", "word", "receive", link, "-o", "again.zip")
    assert "Pour jeudi" in got.stdout
    assert (tmp_path / "again.zip").read_bytes() == LARGE
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"images.zip", "word", "wrong", "again.zip"}


def test_dropped_by_a_request(run: Run, world: World, server: Server, tmp_path: Path) -> None:  # noqa: F811
    """Without a token, a file goes to who asked for it; only his key opens it."""
    from backup.engine.format import cipher

    asked = apart(lambda: kit.ask(world))
    (tmp_path / "letter.txt").write_bytes(kit.SMALL)
    given = to_fragment(cipher.public_half(asked.own))
    run("send", "letter.txt", f"{server.address}/sealed/to/{asked.row.link}/#{given}")
    row = apart(Send.objects.get)
    (tmp_path / "letter.txt").unlink()
    run("receive", f"{server.address}/sealed/{row.link}/#{kit.key_in(asked, row)}")
    assert (tmp_path / "letter.txt").read_bytes() == kit.SMALL


def test_names_lead_nowhere(run: Run, world: World, server: Server, tmp_path: Path) -> None:  # noqa: F811
    """A name with a path in it, or that begins with a point, is made a plain one here; nothing is overwritten."""
    made = kit.sealed(name="../../.bashrc")
    row = apart(lambda: kit.send(world, made))
    link = f"{server.address}/sealed/{row.link}/#{made.fragment}"
    run("receive", link)
    [found] = [path.name for path in tmp_path.iterdir() if path.is_file()]
    assert found == "_.._.bashrc"
    assert "already" in run("receive", link, code=1).stderr


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("..", "file"),
        (" ..", "file"),
        (" .profile", "profile"),
        (". .a", "a"),
        ("\u2028.ssh", "_.ssh"),
        ("a .b ", "a .b"),
    ],
)
def test_no_name_is_hidden(name: str, given: str) -> None:
    """However a sender writes it, what comes in is no step up and no file that programs read at their start."""
    assert receive.safe(name) == given


def test_what_goes_wrong_is_said(run: Run, world: World, server: Server, tmp_path: Path) -> None:  # noqa: F811
    """A cut link, a link of the other kind, one that is revoked, no such address, no project: each in words."""
    made = kit.sealed()
    row = apart(lambda: kit.send(world, made))
    apart(lambda: sends.revoke(world.user["owner"], row))
    link = f"{server.address}/sealed/{row.link}/#{made.fragment}"
    (tmp_path / "a").write_text("a")
    cases = {
        "whole link": ("receive", link[:-1]),
        "withdrawn": ("receive", link),
        "for receiving": ("send", "a", link),
        "for dropping": ("receive", link.replace("/sealed/", "/sealed/to/")),
        "in whose name": ("send", "a", server.address),
        "begins with https": ("send", "a", "ftp://example.org", "--project", "x"),
        "can't be read": ("send", "b", server.address, "--project", "x"),
        "etude": ("send", "a", server.address, "--project", "etude"),
    }
    for words, command in cases.items():
        assert words in run(*command, code=1).stderr
