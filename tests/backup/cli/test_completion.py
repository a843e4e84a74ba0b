"""`completion`: a real bash completes commands, options, files, sources and snapshots."""

from __future__ import annotations

import subprocess

import pytest

from tests.backup.cli.conftest import PROGRAM, Cli

ASK = """
suite-backup() { "$PROGRAM" "$@"; }
eval "$(suite-backup completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
$(complete -p suite-backup | sed 's/.*-F \\([^ ]*\\).*/\\1/') suite-backup "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(cli: Cli, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    environment = {**cli.environment, "SUITE_BACKUP_KEYFILE": str(cli.key("lister")), "PROGRAM": PROGRAM}
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", "suite-backup", *words],
        env=environment,
        cwd=cli.base,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("sa",), ["save"]),
        (("key", "de"), ["derive"]),
        (("save", "--exclude-l"), ["--exclude-larger-than"]),
        (("key", "derive", "--type", "ver"), ["verifier"]),
        (("restore", "lat"), ["latest"]),
        (("save", "--source", "tr"), ["tree"]),
        (("-k", "writ"), ["writer.key"]),
    ],
)
def test_bash_completes(cli: Cli, words: tuple[str, ...], offered: list[str]) -> None:
    """Each kind of word is completed where it stands."""
    cli.save()
    assert complete(cli, *words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_every_command(cli: Cli, shell: str) -> None:
    """The script of each shell names every command, and speaks the language that is asked for."""
    script = cli("completion", shell, env={"LANG": "fr_FR.UTF-8"}).out
    for name in ("save", "restore", "snapshots", "derive", "completion"):
        assert name in script


def test_names_are_offered_without_a_question(cli: Cli) -> None:
    """What is offered while one types asks for no passphrase, and is nothing where the key can't list."""
    cli.save()
    assert cli("completion", "sources", key="reader").out.split() == ["tree"]
    assert cli("completion", "snapshots", key="writer").out == ""
    assert cli("completion", "snapshots", env={"SUITE_BACKUP_REPOSITORY": "sftp://nowhere/x"}).out == ""
