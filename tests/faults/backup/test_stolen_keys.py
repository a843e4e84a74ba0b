"""What a thief can do with the key of a machine: add rubbish of its own, and no more."""

from __future__ import annotations

import random
import re
import signal
import time
from pathlib import Path

import pytest

from backup.engine.format import keyfile
from backup.engine.format.keys import InMemory
from tests.backup.conftest import picture
from tests.faults.backup.site import Site, fill

pytestmark = pytest.mark.slow
READING = (
    ["snapshots"],
    ["ls", "latest"],
    ["find", "*"],
    ["diff", "latest", "latest"],
    ["dump", "latest"],
    ["restore", "latest", "--target", "{base}/stolen"],
    ["drill"],
    ["stats"],
)


@pytest.mark.parametrize("arguments", READING, ids=lambda arguments: arguments[0])
def test_a_writer_key_reads_nothing(site: Site, arguments: list[str]) -> None:
    """Every command that would show something is refused in words."""
    site.save()
    refused = site.run(*[word.format(base=site.base) for word in arguments])
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "key" in refused.stderr
    assert not (site.base / "stolen").exists() or not any((site.base / "stolen").iterdir())


@pytest.mark.parametrize("arguments", [["forget", "--keep-last", "1"], ["prune"], ["scan"], ["hold", "latest"]])
def test_a_writer_key_changes_nothing(site: Site, arguments: list[str]) -> None:
    """Nor does it forget, prune, vouch or hold."""
    snapshot = site.save()["snapshot"]
    site.save()
    assert site.run(*arguments).returncode == 1
    assert site.restored(snapshot) == picture(site.source)


def memory(process_id: int) -> bytes:
    """Everything that a process holds."""
    found = []
    maps = Path(f"/proc/{process_id}/maps").read_text()
    with Path(f"/proc/{process_id}/mem").open("rb", buffering=0) as file:
        for start, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.MULTILINE):
            file.seek(int(start, 16))
            try:
                found.append(file.read(int(end, 16) - int(start, 16)))
            except OSError:  # what the kernel keeps to itself
                continue
    return b"".join(found)


def test_a_saving_machine_holds_no_reading_key(site: Site, chance: random.Random) -> None:
    """In the memory and on the disk of a machine that saves there is none of the keys that open anything."""
    master = keyfile.load(site.key("master").read_text())
    assert isinstance(master.holder, InMemory)
    assert master.seed is not None
    secrets = {**master.holder.private, "seed": master.seed, "sign": master.holder.signing}
    (site.source / "much").write_bytes(chance.randbytes(64 << 20))
    process = site.start("save", "--source", "data", str(site.source))
    writer = keyfile.load(site.key("writer").read_text())
    seen = b""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        try:
            seen = memory(process.pid)
        finally:
            process.send_signal(signal.SIGCONT)
        assert {name for name, secret in secrets.items() if secret in seen} == set()
        if writer.shared["id data"] in seen:
            break
        time.sleep(0.02)
    assert writer.shared["id data"] in seen, "what is looked for would be found: the writer's own secrets are"
    assert process.wait(300) == 0
    kept = b"".join(path.read_bytes() for path in site.base.rglob("*") if path.is_file() and path.suffix != ".key")
    kept += site.key("writer").read_bytes()
    assert {name for name, secret in secrets.items() if secret in kept} == set()


def test_a_thief_s_snapshots_expire_nobody(site: Site, chance: random.Random) -> None:
    """A flood of snapshots by a stolen key makes none of another machine's be forgotten."""
    site.derive("other")
    good = site.save()["snapshot"]
    junk = site.base / "junk"
    junk.mkdir()
    fill(junk, chance, files=3, large=0)
    for _ in range(6):
        site.ok("save", "--source", "data", str(junk), role="other", state="thief")
    site.ok("forget", "--keep-last", "2", role="pruner")
    assert good in [snapshot["id"] for snapshot in site.snapshots()]
    assert site.restored(good) == picture(site.source)


def test_a_revoked_key_counts_no_more(site: Site) -> None:
    """What a key saves after it was revoked is shown to nobody as a snapshot, and what it saved before stays."""
    before = site.save()["snapshot"]
    key_id = keyfile.load(site.key("writer").read_text()).key_id.hex()
    site.ok("key", "revoke", key_id, "--master", str(site.key("master")), role="")
    assert site.run("save", "--source", "data", str(site.source)).returncode == 1
    assert [snapshot["id"] for snapshot in site.snapshots()] == [before]
    assert site.restored(before) == picture(site.source)
