"""Hooks: what is run before and after a command, what it is told, and what it may prevent."""

from __future__ import annotations

from pathlib import Path

from tests.backup.cli.conftest import Cli


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return path


def test_hooks_run_around_a_save(cli: Cli) -> None:
    """--pre runs before anything is read, --post once all is done, and both stand in the summary with their exit."""
    log = cli.base / "log"
    before = script(
        cli.base / "before", f'echo fresh > {cli.tree}/dump; echo "pre $SUITE_BACKUP_SOURCE" >> {log}; echo hi'
    )
    after = script(
        cli.base / "after", f'env | grep ^SUITE_BACKUP_S | sort >> {log}; echo "$SUITE_BACKUP_FILES" >> {log}; exit 4'
    )
    done = cli("save", "--source", "tree", cli.tree, "--pre", before, "--post", after, "--json")
    summary = done.summary
    assert summary["files"] == 5
    assert [(one["when"], one["exit"]) for one in summary["hooks"]] == [("pre", 0), ("post", 4)]
    lines = log.read_text().splitlines()
    assert lines[0] == "pre tree"
    assert f"SUITE_BACKUP_SNAPSHOT={summary['snapshot']}" in lines
    assert "SUITE_BACKUP_STATUS=done" in lines
    assert lines[-1] == "5"
    assert "exit 4" in done.err


def test_a_hook_that_fails_prevents_the_save(cli: Cli) -> None:
    """All hooks before a command run, also where one fails; then nothing is saved, and those after are told."""
    log = cli.base / "log"
    done = cli(
        *("save", "--source", "tree", cli.tree),
        *("--pre", "false", "--pre", script(cli.base / "second", f"echo second >> {log}")),
        *("--post", script(cli.base / "after", f'echo "$SUITE_BACKUP_STATUS" >> {log}')),
        code=1,
    )
    assert log.read_text() == "second\nfailed\n"
    assert "false failed" in done.err
    assert cli.snapshots() == []


def test_a_folder_of_hooks(cli: Cli) -> None:
    """A folder runs what can be run in it, in alphabetical order; no shell reads a command."""
    log = cli.base / "log"
    for name in ("20-b", "10-a"):
        script(cli.base / "hooks" / name, f"echo {name} >> {log}")
    (cli.base / "hooks" / "README").write_text("not to be run")
    cli("save", "--source", "tree", cli.tree, "--pre", cli.base / "hooks", "--post", f"sh -c 'echo last >> {log}'")
    assert log.read_text() == "10-a\n20-b\nlast\n"


def test_hooks_of_the_configuration(cli: Cli) -> None:
    """[hooks] names what runs before and after each command, whatever its options."""
    path = cli.base / "home" / ".config" / "suite-backup" / "config.toml"
    path.parent.mkdir(parents=True)
    log = cli.base / "log"
    after = script(cli.base / "after", f'echo "$SUITE_BACKUP_COMMAND $SUITE_BACKUP_STATUS" >> {log}')
    path.write_text(f'[hooks]\npre-save = "touch {log}"\npost-save = ["{after}"]\npost-check = "{after}"\n')
    cli.save()
    cli("check", key="reader")
    assert log.read_text() == "save done\ncheck done\n"


def test_a_command_that_makes_no_sense_runs_no_hook(cli: Cli) -> None:
    """Hooks run for what will be done, not for a mistake."""
    cli("save", "--source", "tree", "--pre", f"touch {cli.base / 'ran'}", code=1)
    assert not (cli.base / "ran").exists()
