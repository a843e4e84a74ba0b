"""`check`, `scan`, `repair`, `drill`, `forget`, `prune` and what is said of snapshots."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.backup.cli.conftest import Cli
from tests.backup.stores import servers

pytestmark = pytest.mark.slow


def packs(cli: Cli) -> list[Path]:
    return sorted(path for path in (cli.base / "repository" / "packs").rglob("*") if path.is_file())


def damage(path: Path, at: int = 150) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)


def largest(cli: Cli) -> Path:
    return max(packs(cli), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("words", [[], ["--read-data"], ["--sample", "50%"], ["--sample", "1d"], ["--sample", "1k"]])
def test_a_sound_repository(cli: Cli, words: list[str]) -> None:
    """A check of a sound repository ends with 0, however closely it looks."""
    cli.save()
    summary = cli("check", *words, "--json", key="reader").summary
    assert summary["sound"]
    assert (summary["packs_read"] > 0) == bool(words)
    assert "Sound" in cli("check", *words, key="reader").out


def test_anybody_checks_what_he_can(cli: Cli) -> None:
    """A check goes as far as its key does; without any key, the bytes of every object are compared with its name."""
    cli.save()
    for role in ("lister", "verifier", "pruner", "writer"):
        assert cli("check", "--json", key=role).summary["key"] == role
    assert cli("check", "--read-data", "--json", env={"SUITE_BACKUP_KEYFILE": ""}).summary["key"] == "onlooker"


def test_damage_is_found_and_named(cli: Cli) -> None:
    """A flipped bit ends the check with 1 and names the files that can't be restored."""
    cli.save()
    damage(largest(cli))
    assert cli("check", "--json", key="reader").summary["sound"]
    done = cli("check", "--read-data", "--json", key="reader", code=1)
    assert not done.summary["sound"]
    assert done.summary["touched"]
    text = cli("check", "--read-data", key="reader", code=1).out
    assert "NOT SOUND" in text
    assert "can't be restored whole" in text


def test_a_snapshot_that_was_taken_away(cli: Cli) -> None:
    """A check remembers what it saw: a repository that was set back is found out, though each object is sound."""
    cli.save()
    cli.save(source="more")
    cli("check", key="reader")
    newest = max((cli.base / "repository" / "snapshots").rglob("*2"))
    newest.unlink()
    done = cli("check", "--json", key="reader", code=1)
    assert any(newest.name in one["object"] for one in done.summary["problems"])
    cli("check", key="reader", code=1)


def test_what_was_sound_lately_is_not_read_again(cli: Cli) -> None:
    """With --trust a check passes over what was found sound in that time."""
    cli.save()
    first = cli("check", "--read-data", "--trust", "7d", "--json", key="reader").summary
    second = cli("check", "--read-data", "--trust", "7d", "--json", key="reader").summary
    assert (first["packs_read"], second["packs_read"]) == (second["packs_passed"], 0)


def test_a_far_store_is_asked_itself(cli: Cli) -> None:
    """What was read once and is kept near is no proof: who checks, or copies, sees what the store holds today."""
    cli.save()
    with servers.rclone(cli.base) as (host, port):
        url = f"webdav://{host}:{port}/repository"
        cli("ls", "-r", url, "tree", key="reader")
        assert list((cli.base / "cache").rglob("index/*"))
        for folder in ("index", "snapshots"):
            path = next(path for path in (cli.base / "repository" / folder).rglob("*") if path.is_file())
            status, sound = path.stat(), path.read_bytes()
            damage(path)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            assert path.name in cli("check", "-r", url, key="reader", code=1).out
            assert path.name in cli("scan", "-r", url, key="verifier", code=1).out
            path.write_bytes(sound)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_scan_vouches(cli: Cli) -> None:
    """`scan` with a verifier's key lets other writers rely on what it has read."""
    cli.save()
    assert cli("scan", "--json", key="verifier").summary["vouched"] > 0
    assert "verifier key" in cli("scan", key="reader", code=1).err
    cli("key", "derive", "--master", cli.key("master"), "--type", "writer", "-o", cli.key("second"))
    again = cli("save", "--source", "tree", cli.tree, "--json", key="second").summary
    assert again["fresh"] < again["bytes"] / 2


def test_a_damaged_pack_heals_by_the_next_save(cli: Cli) -> None:
    """`scan` condemns a damaged pack, the next save stores its blobs anew, `repair` gives them to older snapshots."""
    cli.save()
    damage(largest(cli))
    assert len(cli("scan", "--json", key="verifier", code=1).summary["condemned"]) == 1
    assert cli.save()["fresh"] > 0
    assert not cli("check", "--read-data", "--json", key="reader", code=1).summary["sound"]
    assert cli("repair", "--json", key="verifier").summary["blobs"] > 0
    assert cli("check", "--read-data", "--json", key="reader").summary["touched"] == []


def test_repair_where_nothing_is_wrong(cli: Cli) -> None:
    """`repair` of a sound repository does nothing and says so."""
    cli.save()
    assert "nothing to repair" in cli("repair", key="verifier").out


def test_an_index_is_written_anew(cli: Cli) -> None:
    """A lost index comes back from the packs; a dry run only says so."""
    cli.save()
    for path in (cli.base / "repository" / "index").iterdir():
        path.unlink()
    assert cli("repair", "--dry-run", "--json", key="verifier").summary["indexes"] == 1
    assert list((cli.base / "repository" / "index").iterdir()) == []
    cli("repair", key="verifier")
    assert cli("check", "--read-data", key="reader").code == 0


def test_what_is_lost_for_good(cli: Cli) -> None:
    """What no copy is left of ends `repair` with 3, by name; with the master's key the rest is made a snapshot anew."""
    cli.save()
    largest(cli).unlink()
    done = cli("repair", key="verifier", code=3)
    assert "numbers.bin" in done.out
    summary = cli("repair", "--without-lost", "--forget", "--json", key="master", code=3).summary
    assert len(summary["remade"]) == len(summary["forgotten"]) == 1
    assert len(cli.snapshots()) == 1


def snapshot_file(cli: Cli) -> Path:
    """The object of the oldest snapshot."""
    return min(path for path in (cli.base / "repository" / "snapshots").rglob("*") if path.is_file())


def test_what_no_repair_mends(cli: Cli) -> None:
    """What can only come back from a copy is named, and `repair` ends with 3: it isn't said that nothing is wrong."""
    cli.save()
    cli.save()
    damage(snapshot_file(cli))
    name = snapshot_file(cli).relative_to(cli.base / "repository")
    for key in ("verifier", "pruner"):
        done = cli("repair", key=key, code=3)
        assert str(name) in done.out
        assert "copy" in done.out
    assert [one["object"] for one in cli("repair", "--json", key="verifier", code=3).summary["problems"]] == [str(name)]


def test_a_damaged_snapshot_is_given_up(cli: Cli) -> None:
    """A snapshot that is damaged for good hinders every prune until it is given up, by its name."""
    cli.save()
    cli.save()
    damage(snapshot_file(cli))
    name = str(snapshot_file(cli).relative_to(cli.base / "repository"))
    assert name in cli("prune", key="pruner", code=1).err
    assert cli("forget", "--keep-last", "1", "--json", key="pruner", code=1).summary["kept"] == 1
    assert "check" in cli("forget", "--lost", f"{name[:-1]}2", key="pruner", code=1).err
    cli("forget", "--lost", name, "--dry-run", key="pruner")
    cli("prune", key="pruner", code=1)
    cli("forget", "--lost", name, key="pruner")
    cli("prune", key="pruner")
    done = cli("snapshots", "--json", key="reader", code=1)
    assert name in done.err
    assert len(done.array) == 1


def test_a_damaged_act_hinders_nobody_for_ever(cli: Cli) -> None:
    """Acts that can't be read stop every prune, in words; who knows what they said goes on despite them."""
    cli.save()
    cli("hold", "tree", key="lister")
    [act] = [path for path in (cli.base / "repository" / "acts").rglob("*") if path.is_file()]
    damage(act)
    name = str(act.relative_to(cli.base / "repository"))
    done = cli("prune", key="pruner", code=1)
    assert name in done.err
    assert "--despite" in done.err
    cli("prune", "--despite", name, key="pruner")


def test_trees_without_snapshots_are_found(cli: Cli) -> None:
    """`recover` with the master's key makes snapshots of trees whose snapshots are lost."""
    cli.save()
    for path in (cli.base / "repository" / "snapshots").rglob("*"):
        if path.is_file():
            path.unlink()
    assert len(cli("recover", "--dry-run", "--json", key="master").summary["recovered"]) == 1
    assert cli.snapshots() == []
    cli("recover", "--master", cli.key("master"))
    [row] = cli.snapshots()
    assert (row["source"], row["files"]) == ("recovered", 4)
    assert "nothing to recover" in cli("recover", key="master").out


def test_a_test_restore(cli: Cli) -> None:
    """`drill` restores files by chance, compares them, and writes a report that its key signed."""
    cli.save()
    compare = f"tree={'/'}"
    summary = cli(
        "drill", "--share", "100%", "--compare", compare, "--report", "report.json", "--json", key="reader"
    ).summary
    assert summary["sound"]
    assert (summary["files"], summary["compared"]) == (4, 4)
    assert summary["seed"] in (cli.base / "report.json").read_text()
    again = cli(
        "drill", "--share", "100%", "--seed", summary["seed"], "--place", cli.base, "--json", key="reader"
    ).summary
    assert again["bytes"] == summary["bytes"]
    damage(largest(cli))
    assert "NOT ALL" in cli("drill", "--share", "100%", key="reader", code=1).out


def test_a_policy_forgets(cli: Cli) -> None:
    """`forget --keep-last 2` forgets the rest, each decision with its reason; a dry run forgets nothing."""
    for _number in range(4):
        cli.save()
    before = cli.snapshots()
    dry = cli("forget", "--keep-last", "2", "--dry-run", "--json", key="pruner").summary
    assert (dry["kept"], dry["forgotten"]) == (2, 2)
    assert cli.snapshots() == before
    done = cli("forget", "--keep-last", "2", key="pruner")
    assert "last 1" in done.out
    assert cli.snapshots() == before[2:]
    assert "pruner key" in cli("forget", "--keep-last", "2", code=1).err


def test_an_empty_policy_is_refused(cli: Cli) -> None:
    """Nothing said to be kept forgets nothing."""
    cli.save()
    assert "--keep-" in cli("forget", key="pruner", code=1).err
    assert len(cli.snapshots()) == 1


def test_snapshots_are_forgotten_by_name_and_called_back(cli: Cli) -> None:
    """`forget SNAPSHOT` forgets that one, and `recall` keeps it after all."""
    cli.save()
    cli.save()
    first, second = cli.snapshots()
    cli("forget", first["id"][:12], "--why", "a mistake", key="pruner")
    assert cli.snapshots() == [second]
    cli("recall", first["id"][:12], key="pruner")
    assert cli.snapshots() == [first, second]
    assert "no snapshot is forgotten" in cli("recall", first["id"][:12], key="pruner", code=1).err
    assert "not both" in cli("forget", "latest", "--keep-last", "1", key="pruner", code=1).err


def test_a_held_snapshot_stays(cli: Cli) -> None:
    """What is held isn't forgotten until it is released; a key that only lists may hold, but not release."""
    cli.save()
    cli.save()
    first = cli.snapshots()[0]
    cli("hold", first["id"][:12], key="lister")
    assert cli.snapshots()[0]["held"]
    cli("forget", "--keep-last", "1", key="pruner")
    assert len(cli.snapshots()) == 2
    assert "release" in cli("forget", first["id"][:12], key="pruner", code=1).err
    assert "pruner key" in cli("release", first["id"][:12], key="lister", code=1).err
    cli("release", first["id"][:12], key="pruner")
    cli("forget", "--keep-last", "1", key="pruner")
    assert len(cli.snapshots()) == 1


def test_tags_are_given_and_taken(cli: Cli) -> None:
    """`tag` adds, removes and sets tags."""
    cli.save("--tag", "old")
    cli("tag", "latest", "--add", "new", "--remove", "old", key="pruner")
    assert cli.snapshots()[0]["tags"] == ["new"]
    cli("tag", "latest", "--set", "a", "--set", "b", key="pruner")
    assert cli.snapshots()[0]["tags"] == ["a", "b"]
    assert "--add" in cli("tag", "latest", key="pruner", code=1).err
    for option in ("--add", "--set", "--why"):
        assert "UTF-8" in cli("tag", "latest", "--add", "x", option, "\udcff", key="pruner", code=1).err
    assert cli.snapshots()[0]["tags"] == ["a", "b"]


def test_prune_gives_back_room_after_the_grace(cli: Cli) -> None:
    """`prune` condemns, says from when on the room comes back, and deletes once the grace is over."""
    cli.save()
    (cli.tree / "numbers.bin").write_bytes(b"less")
    cli.save()
    cli("forget", "--keep-last", "1", key="pruner")
    before = packs(cli)
    dry = cli("prune", "--grace", "0h", "--force", "--dry-run", "--json", key="pruner").summary
    assert packs(cli) == before
    first = cli("prune", "--grace", "0h", "--force", "--json", key="pruner").summary
    second = cli("prune", "--grace", "0h", "--force", "--json", key="pruner").summary
    assert dry["reclaimed"] <= first["reclaimed"] + second["reclaimed"]
    assert first["reclaimed"] + second["reclaimed"] > 0
    assert cli("check", "--read-data", key="reader").code == 0


def test_how_much_there_is(cli: Cli) -> None:
    """`stats` says what each source takes, alone and shared, and what a prune would give back."""
    cli.save()
    cli.save(source="same")
    summary = cli("stats", "--json", key="pruner").summary
    assert [(one["source"], one["snapshots"]) for one in summary["sources"]] == [("same", 1), ("tree", 1)]
    assert summary["sources"][0]["shared"] > 256 * 1024 > summary["sources"][0]["alone"]
    assert summary["stored"] > 256 * 1024
    assert summary["reclaimable_now"] == 0
    text = cli("stats", "--snapshots", key="reader").out
    assert text.count("tree") == 2
    assert "Stored in all" in text


def test_a_copy_without_a_key(cli: Cli) -> None:
    """`copy --to URL` brings what is new to another place, with no key, and what is there restores."""
    cli.save()
    words = ("copy", "--to", cli.base / "second", "--json")
    none = {"SUITE_BACKUP_KEYFILE": ""}
    assert "second" in cli(*words, env=none, code=1).err
    first = cli(*words, "--init", env=none).summary
    assert first["objects"] > 5
    cli.save(source="more")
    second = cli(*words, env=none).summary
    assert 0 < second["objects"] < first["objects"]
    there = {"SUITE_BACKUP_REPOSITORY": str(cli.base / "second")}
    assert [row["source"] for row in cli("snapshots", "--json", key="reader", env=there).array] == ["tree", "more"]
    assert cli("check", "--read-data", key="reader", env=there).code == 0


def test_a_mirror_forgets_later(cli: Cli) -> None:
    """With --mirror the copy loses what is gone here, after its grace; not where most snapshots are gone here."""
    for _number in range(3):
        cli.save()
    words = ("copy", "--to", cli.base / "second", "--mirror", "--json")
    cli(*words, "--init")
    gone = min(path for path in (cli.base / "repository" / "snapshots").rglob("*") if path.is_file())
    gone.unlink()
    first = cli(*words).summary
    assert (first["deleted"], first["waiting"]) == (0, 1)
    second = cli(*words, "--grace", "0h").summary
    assert (second["deleted"], second["waiting"]) == (1, 0)
    for path in (cli.base / "repository" / "snapshots").rglob("*"):
        if path.is_file():
            path.unlink()
    assert "--force" in cli(*words, code=1).err


def test_a_copy_that_differs(cli: Cli) -> None:
    """A copy that holds something else under a name, or another repository, is told of, and nothing is overwritten."""
    cli.save()
    cli("copy", "--to", cli.base / "second", "--init")
    snapshot = next(path for path in (cli.base / "second" / "snapshots").rglob("*") if path.is_file())
    changed = snapshot.read_bytes()[:-1] + b"x"
    snapshot.chmod(0o600)
    snapshot.write_bytes(changed)
    done = cli("copy", "--to", cli.base / "second", "--json", code=1)
    assert snapshot.name in done.summary["differing"][0]
    assert snapshot.read_bytes() == changed
    cli("init", cli.base / "other", "--master", cli.key("other"))
    assert "another repository" in cli("copy", "--to", cli.base / "other", code=1).err


def test_a_short_grace_is_refused(cli: Cli) -> None:
    """A grace of less than a day has to be forced."""
    assert "--force" in cli("prune", "--grace", "1h", key="pruner", code=1).err


def test_a_new_epoch(cli: Cli) -> None:
    """After `rekey` a reader's key of before opens nothing that is new, and one derived since opens all."""
    cli.save()
    cli("rekey", "--master", cli.key("master"))
    cli.save()
    assert cli("ls", "latest", key="reader", code=1).err.count("\n") == 1
    cli.key("reader").unlink()
    cli("key", "derive", "--master", cli.key("master"), "--type", "reader", "-o", cli.key("reader"))
    assert len(cli.snapshots()) == 2


def test_a_policy_for_a_bucket(cli: Cli) -> None:
    """`policy` prints what the account of a key may do at S3, and nothing for other stores."""
    done = cli("policy", "-r", "s3://bucket/prefix?lock=governance:30", key="writer")
    assert '"arn:aws:s3:::bucket/prefix/packs/*"' in done.out
    assert "DeleteObject" not in done.out
    assert "DeleteObject" in cli("policy", "-r", "s3://bucket/prefix", key="pruner").out
    assert cli("policy", "-r", "s3://bucket/prefix", "--type", "reader").code == 0
    assert "s3://" in cli("policy", code=1).err
