"""Files that move while they are saved, and files as nobody makes them: what can be saved is, the rest is told."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backup.cli.conftest import WITHOUT_PRIVILEGES
from tests.backup.restoring.pictures import Picture, everything
from tests.faults.backup.site import Site, fill

pytestmark = pytest.mark.slow
ROOT = os.geteuid() == 0
SECRET = b"what no link may lead to"
DEEP = 500
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
NAMES = [
    b"a" * 255,
    b"A" * 255,
    "é".encode() * 127,
    b"\xff\xfe not text",
    b"line\nbreak",
    b"-rf",
    b"...",
    b"Case",
    b"case",
    b" ",
]
TIMES = [-2_000_000_000, -1, 0, 2**31, 2**32, 9_190_000_000]
"""Seconds since 1970: from 1906 to 2261."""


def restored(site: Site, snapshot: str = "latest") -> Picture:
    target = site.base / "restored"
    site.ok("restore", f"{snapshot}:{site.source}", "--target", str(target), role="reader")
    found = everything(target)
    shutil.rmtree(target)
    return found


def away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def mover(folder: Path, secret: Path, chance: random.Random) -> Callable[[], None]:
    """One thing after the other that a program may do to a file that is being saved."""

    def write(path: Path, size: int, mode: str = "wb") -> None:
        with path.open(mode) as file:
            file.write(chance.randbytes(1000) * (size // 1000))

    def folder_of_its_own(path: Path) -> None:
        away(path)
        (path / "below").mkdir(parents=True)
        write(path / "below" / "file", 5000)

    def another(path: Path) -> None:
        fresh = folder / "fresh"
        write(fresh, 20_000)
        fresh.replace(path)

    acts: list[Callable[[Path], object]] = [
        lambda path: write(path, chance.randrange(3_000_000)),
        lambda path: write(path, 100_000, "ab"),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        away,
        folder_of_its_own,
        lambda path: (away(path), path.symlink_to(secret)),
        lambda path: (away(path), path.symlink_to(secret.parent)),
        lambda path: (away(path), os.mkfifo(path)),
        another,
        lambda path: path.chmod(chance.choice((0o600, 0o640, 0o755))),
    ]

    def move() -> None:
        path = folder / str(chance.randrange(30))
        if path.is_fifo() or path.is_symlink():
            away(path)
        with contextlib.suppress(OSError):  # what was a file is a folder now, or isn't there
            chance.choice(acts)(path)

    return move


@contextmanager
def restless(folder: Path, secret: Path) -> Iterator[None]:
    """Something moves in a folder all the time."""
    over, move = threading.Event(), mover(folder, secret, random.Random(1))

    def work() -> None:
        while not over.wait(0.0002):
            move()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_folder_that_never_rests(site: Site, rounds: int) -> None:
    """While files grow, shrink, vanish and become something else each save ends, and all that was at rest is in it."""
    steady = everything(site.source)
    moving, secret = site.source / "moving", site.base / "outside" / "secret"
    for folder in (moving, secret.parent):
        folder.mkdir()
    secret.write_bytes(SECRET)
    unread = 0
    with restless(moving, secret):
        for _ in range(2 * rounds):
            done = site.run("save", "--source", "data", str(site.source))
            assert done.returncode in (0, 3), done.stderr
            assert (done.returncode == 3) == ("not read: " in done.stderr)
            unread += done.returncode == 3
            found = restored(site)
            assert steady.items() <= found.items()
            assert not any(SECRET in facts[4] for facts in found.values() if isinstance(facts[4], bytes) and facts[4])
    assert site.save()["unread"] == 0
    assert restored(site) == everything(site.source)
    site.check()


def strange(folder: Path) -> None:
    """Everything that a file system may hold."""
    top = os.fsencode(folder) + b"/"
    for name in NAMES:
        with open(top + name, "wb") as file:  # noqa: PTH123 (names in bytes)
            file.write(name)
    for number, seconds in enumerate(TIMES):
        path = folder / f"time {number}"
        path.write_text("x")
        os.utime(path, ns=(1, seconds * 10**9 + 123_456_789))
    (folder / "other").mkdir()
    (folder / "linked").write_text("x")
    (folder / "symlink").symlink_to("nowhere")
    os.mkfifo(folder / "fifo")
    for name in ("linked", "symlink", "fifo"):
        os.link(folder / name, folder / "other" / name, follow_symlinks=False)
    (folder / "attributes").write_text("x")
    os.setxattr(folder / "attributes", "user.é", bytes(range(200)))
    entries = [(1, 7, -1), (2, 5, os.geteuid()), (4, 5, -1), (16, 7, -1), (32, 4, -1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    os.setxattr(folder / "other", "system.posix_acl_default", acl)
    os.setxattr(folder / "attributes", "system.posix_acl_access", acl)
    (folder / "set-id").write_text("x")
    (folder / "set-id").chmod(0o6750)
    if ROOT:
        os.mknod(folder / "device", 0o020620, os.makedev(1, 3))
        os.chown(folder / "linked", 1234, 4321)
        (folder / "able").write_text("x")
        os.setxattr(folder / "able", "security.capability", CAPABILITY)
    deep = folder
    for number in range(DEEP):
        deep = deep / f"{number:03}"
        deep.mkdir()
    (deep / "end").write_text("x")


def test_all_that_a_file_system_holds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any name, time, link, attribute and kind of thing comes back as it was."""
    strange(site.source)
    monkeypatch.chdir(site.source)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    assert site.save()["unread"] == 0
    was = everything(site.source)
    assert restored(site) == was
    assert site.save()["unread"] == 0
    assert restored(site) == was
    site.check()


def test_a_terabyte_of_holes(site: Site) -> None:
    """A file of a terabyte that holds three pages costs three pages, and its holes come back as holes."""
    path = site.source / "disk"
    with path.open("wb") as file:
        file.truncate(1 << 40)
        for place in (0, 1 << 39, (1 << 40) - 4096):
            os.pwrite(file.fileno(), b"x" * 4096, place)
    assert site.save()["bytes"] > 1 << 40
    target = site.base / "restored"
    site.ok("restore", f"latest:{path}", "--target", str(target), role="reader")
    found = target / "disk"
    assert (found.stat().st_size, found.stat().st_blocks) == (1 << 40, path.stat().st_blocks)
    with found.open("rb") as file:
        assert [os.pread(file.fileno(), 4097, place) for place in (0, 1 << 39)] == [b"x" * 4096 + b"\0"] * 2
    site.check()


def test_very_many_names_in_one_folder(site: Site, rounds: int) -> None:
    """A hundred thousand names in one folder are saved, looked at again in a moment, and come back."""
    count = 2000 * rounds
    for number in range(count):
        (site.source / f"{number:06}").write_bytes(b"%d" % (number % 100))
    assert site.save()["files"] >= count
    assert site.save()["added"] == 0
    assert restored(site) == everything(site.source)


def test_what_may_not_be_read(site: Site, chance: random.Random) -> None:
    """What a program without root's rights may not read is told by name with exit code 3; all else is saved."""
    closed = site.source / "closed"
    closed.mkdir()
    fill(closed, chance, files=3, large=0)
    was = everything(site.source)
    shut = [site.source / "large-1", site.source / "0" / "0.txt", closed]
    for path in shut:
        path.chmod(0)
    mine = site.program
    site.program = [*(WITHOUT_PRIVILEGES if ROOT else ()), *mine]
    done = site.run("save", "--source", "data", str(site.source))
    site.program = mine
    assert done.returncode == 3
    for path in shut:
        assert any("not read: " in line and path.name in line for line in done.stderr.splitlines())
    found = restored(site)
    assert found.pop(b"closed")[0] & 0o777 == 0
    lost = (b"large-1", b"0/0.txt", b"closed")
    assert found == {path: facts for path, facts in was.items() if not path.startswith(lost)}
    for path in shut:
        path.chmod(0o700)
    assert site.save()["unread"] == 0
    assert restored(site) == everything(site.source)
