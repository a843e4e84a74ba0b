"""How it speaks: French and English, people and programs, a bar on a terminal, signals."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from backup.cli import reasons, words
from backup.engine import sayings
from tests.backup.cli.conftest import PROGRAM, Cli

ROOT = Path(__file__).parents[3]
FRENCH = {"LANG": "fr_FR.UTF-8"}


def test_help_in_both_languages(cli: Cli) -> None:
    """Help speaks the language of the system or of --lang, with argparse's own words too."""
    assert cli("--help").out.startswith("usage: ")
    french = cli("--help", env=FRENCH).out
    assert french.startswith("utilisation\u00a0: ")
    assert cli("--lang", "fr", "--help").out == french
    assert cli("save", "--lang", "fr", "--help").out.startswith("utilisation\u00a0: ")
    assert cli("--lang", "en", "--help", env=FRENCH).out.startswith("usage: ")


@pytest.mark.parametrize(
    ("env", "french"),
    [
        ({"LANG": "fr_CA.UTF-8"}, True),
        ({"LANG": "fr_FR", "LC_MESSAGES": "en_US.UTF-8"}, False),
        ({"LANG": "en_US", "LC_ALL": "fr_FR.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": ""}, False),
    ],
)
def test_the_language_of_the_system(cli: Cli, env: dict[str, str], french: bool) -> None:
    """LC_ALL goes before LC_MESSAGES, and that before LANG; what we don't speak is English."""
    assert cli("--help", env=env).out.startswith("utilisation") == french


def test_sizes_times_and_errors_in_french(cli: Cli) -> None:
    """Numbers, dates and errors are written as the language writes them; what programs read stays the same."""
    done = cli("save", "--source", "arbre", cli.tree, env=FRENCH)
    assert re.search(r"4 fichiers, \d+\u00a0ko", done.out)
    table = cli("snapshots", key="reader", env=FRENCH).out
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", table)
    assert cli("snapshots", "--json", key="reader", env=FRENCH).array == cli.snapshots()
    error = cli("save", "--source", "arbre", cli.base / "rien", env=FRENCH, code=1).err
    assert "n’existe pas" in error


def test_what_people_meet_is_said_in_french(cli: Cli) -> None:
    """What a command couldn't read, why a program or the disk failed and where a line is mistyped: all in French."""
    (cli.tree / "secret").write_text("x")
    (cli.tree / "secret").chmod(0)
    done = cli.unprivileged("--lang", "fr", "save", "--source", "tree", cli.tree)
    assert done.err == f"suite-backup: non lu\u00a0: {cli.tree}/secret: permission refusée\n"
    said = cli("save", "--stdin-from-command", "x", "--", "sh", "-c", "echo oups >&2; exit 4", code=1, env=FRENCH).err
    assert said == "suite-backup: sh a fini avec le code 4\u00a0: oups\n"
    (cli.base / "repository").rename(cli.base / "elsewhere")
    assert "son disque est-il branché" in cli("snapshots", key="reader", code=1, env=FRENCH).err
    (cli.base / "lines").write_text("01 AAAA\n")
    said = cli("key", "combine", "lines", "-o", "x", code=1, env=FRENCH).err
    assert "ligne 1\u00a0: a 4 signes après son numéro au lieu de 36" in said


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("a: b: Permission denied", "a: b: permission refusée"),
        ("is gone", "a disparu"),
        ("is gone: x", "is gone: x"),
        ("a/b: its owner can't be set: Operation not permitted", "a/b: son propriétaire ne peut être rétabli"),
        ("line 1: is missing; line 2: is mistyped, most likely in group 3", "ligne 2\u00a0: est mal tapée, sans doute"),
        ("Permission denied can't be started: is gone", "Permission denied ne peut être lancé\u00a0: a disparu"),
        ("something new", "something new"),
        ("packs/a: is gone. this save can't be restored", "packs/a: a disparu. "),
    ],
)
def test_the_words_of_the_engine(text: str, french: str) -> None:
    """What the engine says is told as far as it is known, whatever names stand in it; all else stays English."""
    before = words.language
    words.speak("fr")
    try:
        assert french in reasons.told(text)
    finally:
        words.speak(before)
    words.speak("en")
    assert reasons.told(text) == text
    words.speak(before)


def test_no_reason_is_out_of_date() -> None:
    """Each reason in the catalogue is said somewhere in the engine, or by the system."""
    files = (path for path in (ROOT / "backup" / "engine").rglob("*.py") if path.name != "sayings.py")
    said = re.sub(r'"\s*f?"', "", "".join(path.read_text() for path in files)).replace("\\", "")
    system = {os.strerror(number) for number in errno.errorcode}
    for one in sayings.ALL:
        parts = [part for part in re.split(r"\{\w+\}| (?=can't be set)", one) if len(part) > 3]
        known = one in system or all(part.strip(" :;.") in said for part in parts)
        assert known or one.startswith(("is gone: later", "{path} isn't there")), one


def test_no_other_language(cli: Cli) -> None:
    """A language that isn't spoken is refused."""
    assert "de" in cli("--lang", "de", "version", code=1).err


def test_quiet(cli: Cli) -> None:
    """--quiet says nothing but what went wrong."""
    assert cli("save", "--source", "tree", cli.tree, "--quiet").out == ""
    (cli.tree / "secret").write_text("x")
    (cli.tree / "secret").chmod(0)
    done = cli.unprivileged("save", "--source", "tree", cli.tree, "-q")
    assert (done.code, done.out) == (3, "")
    assert "secret" in done.err


def test_errors_for_programs(cli: Cli) -> None:
    """With --json the last line says what went wrong, and the exit code."""
    done = cli("restore", "nothing", "--target", "x", "--json", key="reader", code=1)
    assert done.rows[-1]["type"] == "error"
    assert done.rows[-1]["exit"] == 1
    assert done.rows[-1]["message"] in done.err


def test_an_unknown_command(cli: Cli) -> None:
    """A command that there isn't is answered with those that there are."""
    assert "snapshots" in cli("snapshot", code=1).err
    assert "derive" in cli("key", "deriv", code=1).err
    assert cli(code=1).err.count("\n") == 1


@pytest.mark.parametrize("name", ["save", "restore", "key", "key derive", "forget", "prune"])
def test_every_command_has_help(cli: Cli, name: str) -> None:
    """`COMMAND --help` shows how it is used, and opens nothing."""
    assert f"suite-backup {name}" in cli(*name.split(), "--help", env={"SUITE_BACKUP_REPOSITORY": "/nowhere"}).out


def test_version(cli: Cli) -> None:
    """`version` names the version of the program and of the format."""
    assert cli("version").out.startswith("suite-backup 1.")
    assert cli("version", "--json").summary["format"] == 1


def test_an_error_shows_no_trace_unless_it_is_asked_for(cli: Cli) -> None:
    """--debug shows where in the program an error came up; nothing else does."""
    words = ("snapshots", "-r", "/nowhere")
    assert "Traceback" not in cli(*words, key="reader", code=1).err
    with cli.start(*words, "--debug", key="reader", stderr=subprocess.PIPE, text=True) as process:
        assert "Traceback" in process.communicate()[1]
    assert process.returncode == 1


def test_a_bar_on_a_terminal(cli: Cli) -> None:
    """On a terminal a bar shows how far it is, and is gone in the end; elsewhere there is none."""
    assert "\r" not in cli("save", "--source", "tree", cli.tree).err
    for number in range(2000):
        (cli.tree / f"file-{number}").write_bytes(os.urandom(4000))
    cli.save()
    for number in range(2000):
        (cli.tree / f"file-{number}").write_bytes(os.urandom(4000))
    above, below = pty.openpty()
    words = ("save", "--source", "tree", cli.tree, "--limit-upload", "12M")
    shown = b""
    with cli.start(*words, stdout=subprocess.DEVNULL, stderr=below, stdin=below, env={"COLUMNS": "100"}) as process:
        os.close(below)
        while select.select([above], [], [], 30)[0]:
            try:
                shown += os.read(above, 65536)
            except OSError:  # the other end is closed
                break
    os.close(above)
    assert process.returncode == 0
    text = shown.decode()
    assert re.search(r"\r▕.+▏ +\d+%  [\d.]+\u00a0[kM]B / 8\.\d+\u00a0MB", text)
    assert text.endswith("\r\x1b[K")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_save(cli: Cli, number: signal.Signals) -> None:
    """SIGINT and SIGTERM end a save with 130: it says what is kept, hooks are told, and the next save goes on."""
    for name in range(4):
        (cli.tree / f"large-{name}").write_bytes(os.urandom(24 << 20))
    post = f"sh -c 'echo $SUITE_BACKUP_STATUS > {cli.base}/status'"
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with cli.start("save", "--source", "tree", cli.tree, "--json", "--post", post, text=True, **pipes) as process:
        assert process.stdout is not None
        while '"added": 0,' in (line := process.stdout.readline()) or "progress" not in line:
            assert process.poll() is None
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "the next save takes it up" in err
    assert "Traceback" not in err
    assert json.loads(out.splitlines()[-1])["exit"] == 130
    assert (cli.base / "status").read_text() == "interrupted\n"
    assert cli.snapshots() == []
    assert cli.save()["added"] < 96 << 20
    assert len(cli.snapshots()) == 1


def test_a_signal_twice(cli: Cli) -> None:
    """Asked again after a moment, it goes at once, whatever it still waits for."""
    began = time.monotonic()
    stubborn = f"trap '' TERM; touch {cli.base}/ready; sleep 6"
    with cli.start(
        "save", "--stdin-from-command", "x", "--", "sh", "-c", stubborn, stderr=subprocess.DEVNULL
    ) as process:
        while not (cli.base / "ready").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        time.sleep(1.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 130
    assert time.monotonic() - began < 4


def test_nothing_is_dumped(cli: Cli) -> None:
    """No core file of a process that held a key is ever written."""
    with cli.start("save", "--stdin", "x", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while not list((cli.base / "state").rglob("state.sqlite3")):
            assert process.poll() is None
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        process.kill()
    assert re.search(r"Max core file size +0 +0", limits)


def test_the_launcher_is_found_anywhere(cli: Cli) -> None:
    """The program runs from whatever folder, and takes no module from there."""
    (cli.base / "backup.py").write_text("raise SystemExit('the wrong module')")
    assert cli("version").code == 0
    assert subprocess.run([PROGRAM, "version"], cwd="/", capture_output=True, check=True).stdout
