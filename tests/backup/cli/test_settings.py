"""Settings: a flag goes before the environment, that before the files, a profile before the rest of a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.backup.cli.conftest import Cli
from tests.repository.files import ROOT


def configure(cli: Cli, text: str, name: str = "") -> Path:
    """Write a configuration file: the user's own, or one with a name."""
    path = cli.base / name if name else cli.base / "home" / ".config" / "suite-backup" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


EMPTY = {"SUITE_BACKUP_REPOSITORY": "", "SUITE_BACKUP_KEYFILE": ""}


def test_a_file_names_the_repository_and_the_key(cli: Cli) -> None:
    """What the user's own file says holds; a path in it counts from the file's folder."""
    (cli.base / "home" / ".config" / "suite-backup").mkdir(parents=True)
    (cli.base / "home" / ".config" / "suite-backup" / "my.key").write_bytes(cli.key("reader").read_bytes())
    (cli.base / "home" / ".config" / "suite-backup" / "my.key").chmod(0o600)
    configure(cli, f'repository = "{cli.base / "repository"}"\nkeyfile = "my.key"\n')
    assert cli("snapshots", "--json", env=EMPTY).array == []


def test_the_environment_goes_before_a_file(cli: Cli) -> None:
    """SUITE_BACKUP_… holds where a file says something else."""
    configure(cli, f'repository = "/nowhere"\nkeyfile = "{cli.key("writer")}"\njson = true\n')
    assert cli("snapshots", key="reader").array == []
    assert "nowhere" in cli("snapshots", key="reader", env={"SUITE_BACKUP_REPOSITORY": ""}, code=1).err


def test_a_flag_goes_before_the_environment(cli: Cli) -> None:
    """A flag holds where the environment says something else, before the command as after it; the later one counts."""
    env = {"SUITE_BACKUP_REPOSITORY": "/nowhere"}
    there = str(cli.base / "repository")
    assert cli("-r", there, "snapshots", "--json", key="reader", env=env).array == []
    assert cli("snapshots", "--repository", there, "--json", key="reader", env=env).array == []
    assert cli("-r", "/nowhere", "snapshots", "-r", there, "--json", key="reader").array == []


def test_a_named_file_is_read_alone(cli: Cli) -> None:
    """--config and SUITE_BACKUP_CONFIG name the one file that is read."""
    configure(cli, 'repository = "/nowhere"\n')
    path = configure(cli, 'json = true\nrepository = "repository"\n', "other.toml")
    env = {"SUITE_BACKUP_REPOSITORY": ""}
    assert cli("snapshots", "--config", path, key="reader", env=env).array == []
    assert cli("snapshots", key="reader", env=env | {"SUITE_BACKUP_CONFIG": str(path)}).array == []
    assert "missing.toml" in cli("snapshots", "--config", "missing.toml", key="reader", code=1).err


def test_a_profile_goes_before_the_rest(cli: Cli) -> None:
    """--profile takes what stands in [profiles.NAME] first; one that isn't there is refused."""
    text = f'repository = "/nowhere"\n[profiles.home]\nrepository = "{cli.base / "repository"}"\njson = true\n'
    configure(cli, text)
    env = {"SUITE_BACKUP_REPOSITORY": ""}
    assert cli("--profile", "home", "snapshots", key="reader", env=env).array == []
    assert cli("snapshots", key="reader", env=env | {"SUITE_BACKUP_PROFILE": "home"}).array == []
    assert "`away`" in cli("--profile", "away", "snapshots", key="reader", code=1).err


def test_the_options_of_a_command_stand_in_its_table(cli: Cli) -> None:
    """[save] and the like say what the options of a command are where the command line is silent."""
    configure(
        cli,
        f"""
        json = true
        [save]
        source = "from the file"
        paths = ["{cli.tree}"]
        exclude = ["*.bin"]
        exclude-larger-than = "1M"
        one-file-system = true
        tag = ["nightly"]
        """,
    )
    summary = cli("save").summary
    assert (summary["source"], summary["files"]) == ("from the file", 3)
    assert cli("save", "--exclude", "*.txt").summary["files"] == 1
    assert cli("save", "--source", "tree", cli.tree / "letters").summary["files"] == 2
    assert cli.snapshots()[0]["tags"] == ["nightly"]


def test_a_policy_stands_in_a_file(cli: Cli) -> None:
    """What is kept is written down once, in [forget]."""
    configure(cli, 'json = true\n[forget]\nkeep-last = 1\nkeep-within-daily = "7d"\nkeep-tag = ["a,b", "c"]\n')
    cli.save()
    assert cli("forget", key="pruner").summary["kept"] == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("repository = ", "config.toml"),
        ("repositery = 'x'", "`repositery`"),
        ("repository = ['x']", "`repository`"),
        ("json = 'perhaps'", "`json`"),
        ("[save]\nexclud = ['x']", "`exclud`"),
        ("[save]\nexclude-larger-than = 'huge'", "`exclude-larger-than`"),
        ("[save]\none-file-system = 'x'", "`one-file-system`"),
        ("[hooks]\nbefore = 'x'", "`hooks.before`"),
        ("[hooks]\npre-nothing = 'x'", "`hooks.pre-nothing`"),
        ("hooks = 'x'", "`hooks`"),
        ("[sav]\nx = 1", "`sav`"),
    ],
)
def test_what_nobody_would_read_is_refused(cli: Cli, text: str, why: str) -> None:
    """A file that says something that nothing reads stops the command with one line that names it."""
    configure(cli, text)
    done = cli("save", "--source", "tree", cli.tree, code=1)
    assert why in done.err
    assert done.err.count("\n") == 1


def test_the_example_of_the_page_is_read(cli: Cli) -> None:
    """The configuration that the page of the package shows is one."""
    page = (ROOT / "clients" / "suite-backup" / "README.md").read_text()
    [example] = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = configure(cli, example, "example.toml")
    for command in ("save", "forget"):
        cli("--config", path, "--profile", "offsite", command, "--help")


def test_nothing_is_named(cli: Cli) -> None:
    """Without a repository or a key the command says how to name one."""
    assert "SUITE_BACKUP_REPOSITORY" in cli("snapshots", key="reader", env={"SUITE_BACKUP_REPOSITORY": ""}, code=1).err
    assert "SUITE_BACKUP_KEYFILE" in cli("snapshots", env={"SUITE_BACKUP_KEYFILE": ""}, code=1).err


def test_limits_hold(cli: Cli) -> None:
    """--limit-upload holds a save back; a limit that can't be read is refused."""
    assert cli.save("--limit-upload", "400k")["seconds"] > 0.3
    assert "fast" in cli("save", "--source", "tree", cli.tree, "--limit-upload", "fast", code=1).err
    assert "noon" in cli("save", "--source", "tree", cli.tree, "--window", "noon", code=1).err


def test_where_things_are_remembered(cli: Cli) -> None:
    """The writer's memory lies in the state folder, by repository and key; --state puts it elsewhere."""
    cli.save()
    shown = cli("key", "show", "--json").summary
    assert (cli.base / "state" / "suite-backup" / shown["repository"] / shown["key"] / "state.sqlite3").exists()
    cli.save("--state", "elsewhere")
    assert (cli.base / "elsewhere" / shown["repository"] / shown["key"]).is_dir()


def test_what_is_remembered_names_no_source(cli: Cli) -> None:
    """Who reads the memory of a writer reads no name of a source in it."""
    cli.save(source="a-telling-name")
    found = b"".join(path.read_bytes() for path in (cli.base / "state").rglob("*") if path.is_file())
    assert b"a-telling-name" not in found
    assert len(found) > 1000


def test_a_repository_set_back_by_its_config_is_refused(cli: Cli) -> None:
    """The newest config that was seen is remembered: a repository with an older one isn't opened."""
    cli("rekey", "--master", cli.key("master"))
    cli("snapshots", key="reader")
    (cli.base / "repository" / "config" / "00000002").unlink()
    assert "older state" in cli("snapshots", key="reader", code=1).err
