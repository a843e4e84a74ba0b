"""Keys on paper, in the hands of several people, and in the memory of an agent."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backup.cli.conftest import Cli


def lines(sheet: str) -> list[str]:
    """The lines of a recovery sheet that are to be typed."""
    return [line for line in sheet.splitlines() if re.match(r"\d\d [0-9A-Z]{4} ", line)]


def shares(sheets: str) -> list[str]:
    """The words of each share, as somebody would type them."""
    found = []
    for sheet in sheets.split("Imprimé le / Printed on")[1:]:
        rows = [line for line in sheet.splitlines() if re.match(r" ?\d+ [a-z]+ +\d+ [a-z]+", line)]
        found.append(" ".join(re.findall(r"[a-z]+", " ".join(rows))))
    return found


@pytest.mark.parametrize("role", ["master", "reader"])
def test_a_key_comes_back_from_its_sheet(cli: Cli, role: str) -> None:
    """`key sheet` prints what `key combine` makes the same key of again."""
    sheet = cli("key", "sheet", cli.key(role)).out
    done = cli("key", "combine", "-o", "again.key", "--json", given="\n".join(lines(sheet)).encode())
    shown = cli("key", "show", cli.key(role), "--json").summary
    assert (done.summary["key"], done.summary["control"]) == (shown["key"], shown["control"])
    listed = "snapshots" if role == "reader" else "check"
    assert cli(listed, "--keyfile", "again.key").code == 0


def test_a_mistyped_line_is_named(cli: Cli) -> None:
    """A mistake in a line is told with the number of the line, and no key is made."""
    typed = lines(cli("key", "sheet", cli.key("master")).out)
    typed[1] = typed[1][:-1] + ("0" if typed[1][-1] != "0" else "1")
    done = cli("key", "combine", "-o", "again.key", given="\n".join(typed).encode(), code=1)
    assert "line 2" in done.err
    assert not (cli.base / "again.key").exists()


def test_a_sheet_to_print(cli: Cli) -> None:
    """With -o the sheet is a page for the printer that only its owner reads."""
    cli("key", "sheet", cli.key("master"), "-o", "sheet.html", "--location", "the safe")
    page = (cli.base / "sheet.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "the safe" in page
    assert (cli.base / "sheet.html").stat().st_mode & 0o077 == 0
    cli("key", "sheet", cli.key("master"), "-o", "sheet.html", code=1)


def test_enough_shares_make_the_master_key(cli: Cli) -> None:
    """Of three shares any two make the master key again, and one doesn't."""
    first, _second, third = shares(
        cli("key", "split", "--master", cli.key("master"), "--shares", "3", "--needed", "2").out
    )
    words = ("key", "combine", "--shares", "-o", "again.key")
    cli(*words, given=first.encode(), code=1)
    cli(*words, given=f"{third}\n{first}\n".encode())
    assert (cli.base / "again.key").read_text() == cli.key("master").read_text()
    assert "2 to 16" in cli("key", "split", "--master", cli.key("master"), "--shares", "1", "--needed", "1", code=1).err


def test_shares_of_another_repository(cli: Cli) -> None:
    """Shares that are typed while another repository is named make no key: it is said, and none is written."""
    cli("init", cli.base / "other", "--master", cli.key("other"))
    first, second, _third = shares(
        cli("key", "split", "--master", cli.key("other"), "--shares", "3", "--needed", "2").out
    )
    done = cli("key", "combine", "--shares", "-o", "again.key", given=f"{first}\n{second}\n".encode(), code=1)
    assert "no key of this repository" in done.err
    assert not (cli.base / "again.key").exists()


@contextmanager
def agent(cli: Cli, socket: Path, key: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """An agent at work, and the name of its key."""
    words = ("key", "agent", "--socket", socket, "--json")
    with cli.start(*words, key=key, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["keyfile"]
        finally:
            process.terminate()


def test_an_agent_holds_the_key(cli: Cli, tmp_path: Path) -> None:
    """`key agent` opens for others of the same user, until a signal ends it; then nothing opens."""
    cli.save()
    socket = tmp_path / "agent"
    with agent(cli, socket, "reader") as (process, name):
        env = {"SUITE_BACKUP_KEYFILE": name}
        assert len(cli("snapshots", "--json", env=env).array) == 1
        assert cli("key", "show", "--json", env=env).summary["role"] == "reader"
        cli("restore", f"latest:{cli.tree}", "--target", cli.base / "restored", "--keyfile", name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert not socket.exists()
    assert cli("snapshots", env=env, code=1).err.count("\n") == 1


def test_an_agent_saves(cli: Cli, tmp_path: Path) -> None:
    """A writer's key in an agent saves as its keyfile does, with the same memory."""
    cli.save()
    with agent(cli, tmp_path / "agent", "writer") as (_process, name):
        assert cli.save("--keyfile", name)["added"] < 10_000
