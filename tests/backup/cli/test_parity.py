"""`--parity` and `parity`: what a store lets rot is mended, on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.backup.cli.conftest import Cli
from tests.backup.cli.test_keeping import damage, largest


def parity(cli: Cli) -> list[Path]:
    return sorted((cli.base / "repository" / "parity").iterdir())


def test_from_the_save_on(cli: Cli) -> None:
    """What is saved with parity is restored, found and repaired though it has rotten, and a prune ends it."""
    cli.save("--parity", "5")
    assert parity(cli)
    pack = largest(cli)
    damage(pack, 5000)
    cli("restore", f"tree:/{cli.saved}", "--target", cli.base / "out", key="reader")
    assert (cli.base / "out" / "numbers.bin").read_bytes() == (cli.tree / "numbers.bin").read_bytes()
    done = cli("check", "--read-data", key="reader", code=1)
    assert "but its parity mends them" in done.out
    assert "no file of a kept snapshot is lost by it" in done.out
    assert "parité" in cli("check", "--read-data", "--lang", "fr", key="reader", code=1).out
    assert cli("repair", "--json", key="verifier").summary["condemned"] == 1
    assert cli("check", "--read-data", "--json", key="reader").summary["sound"]


def test_a_snapshot_is_put_back(cli: Cli) -> None:
    """`repair` puts back what isn't a pack, and says how many; first as a rehearsal."""
    cli("parity", key="writer")
    cli.save(code=0)
    cli("parity", "--percent", "10", env={"SUITE_BACKUP_KEYFILE": ""})
    [snapshot] = filter(Path.is_file, (cli.base / "repository" / "snapshots").rglob("0*"))
    raw = snapshot.read_bytes()
    damage(snapshot, 200)
    assert cli("repair", "--dry-run", "--json", key="master").summary["put_back"] == 1
    assert snapshot.read_bytes() != raw
    assert "1 object put back by its parity" in cli("repair", key="master").out
    assert snapshot.read_bytes() == raw


def test_for_what_is_there(cli: Cli) -> None:
    """`parity` takes no key: it adds what is missing, once, and takes it away again."""
    cli.save()
    without = {"SUITE_BACKUP_KEYFILE": ""}
    rehearsed = cli("parity", "--dry-run", "--json", env=without).summary
    assert rehearsed["objects"] > 6
    assert rehearsed["bytes"] == 0
    done = cli("parity", "--json", env=without).summary
    assert done["objects"] == rehearsed["objects"]
    assert done["bytes"] == sum(path.stat().st_size for path in parity(cli))
    assert "had it before" in cli("parity", env=without).out
    assert "avaient déjà" in cli("parity", "--lang", "fr", env=without).out
    assert cli("parity", "--remove", "--json", env=without).summary["objects"] == done["objects"]
    assert parity(cli) == []


def test_what_is_damaged_gets_none(cli: Cli) -> None:
    """It is named, and the command ends with 1."""
    cli.save()
    damage(largest(cli), 5000)
    done = cli("parity", "--json", env={"SUITE_BACKUP_KEYFILE": ""}, code=1)
    assert done.summary["damaged"] == [f"packs/{largest(cli).parent.name}/{largest(cli).name}"]


def test_what_is_refused(cli: Cli) -> None:
    """Percents that are none, and words that don't go together."""
    for words in (["save", "--source", "tree", cli.tree, "--parity", "101"], ["parity", "--percent", "0"]):
        assert "100" in cli(*words, code=1).err
    assert "--remove" in cli("parity", "--remove", "--dry-run", code=1).err
