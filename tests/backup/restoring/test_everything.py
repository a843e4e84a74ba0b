"""What a file carries comes back with it."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.format.trees import Node
from backup.engine.restoring.options import Owners
from backup.engine.restoring.restore import Options, restore
from backup.engine.saving.save import Saved
from tests.backup.conftest import Vault
from tests.backup.restoring.pictures import everything

ROOT = os.geteuid() == 0
NAMES = st.binary(min_size=1, max_size=30).filter(lambda name: not set(name) & {0, 47} and name not in (b".", b".."))
TIMES = st.integers(-(2**31) * 10**9, (2**33) * 10**9)
MODES = st.integers(0o400, 0o777).map(lambda mode: mode | 0o600)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["user.a", "user.é", "user.long name"]), st.binary(max_size=200), max_size=2
)
THINGS = st.one_of(
    st.tuples(st.just("file"), st.binary(max_size=2000), MODES, TIMES, ATTRIBUTES),
    st.tuples(st.just("link"), st.binary(min_size=1, max_size=60).filter(lambda target: 0 not in target), TIMES),
    st.tuples(st.just("fifo"), MODES, TIMES),
    st.tuples(st.just("again"), st.integers(0, 50)),
    st.tuples(st.just("sparse"), st.lists(st.integers(0, 30), max_size=3), TIMES),
)
TREES = st.recursive(THINGS, lambda below: st.dictionaries(NAMES, below, max_size=5), max_leaves=20)


def build(path: bytes, what: object, files: list[bytes]) -> None:
    """Make a drawn tree; `again` is another name of one of the files made before."""
    if isinstance(what, dict):
        os.makedirs(path, exist_ok=True)  # noqa: PTH103 (names in bytes)
        for name, below in what.items():
            build(path + b"/" + name, below, files)
        os.utime(path, ns=(1, 1_600_000_000_123_456_789))
        return
    assert isinstance(what, tuple)
    kind, *rest = what
    if kind == "again":
        if files:
            os.link(files[rest[0] % len(files)], path, follow_symlinks=False)
        return
    if kind == "link":
        os.symlink(rest[0], path)  # noqa: PTH211 (names in bytes)
    elif kind == "fifo":
        os.mkfifo(path)
        os.chmod(path, rest[0])  # noqa: PTH101 (names in bytes)
    else:
        with open(path, "wb") as file:  # noqa: PTH123 (names in bytes)
            if kind == "file":
                file.write(rest[0])
                os.fchmod(file.fileno(), rest[1])
                for name, value in rest[3].items():
                    os.setxattr(file.fileno(), name, value)
            else:
                file.truncate(2 << 20)
                for place in rest[0]:
                    os.pwrite(file.fileno(), b"data" * 1024, place << 16)
    os.utime(path, ns=(1, rest[2] if kind == "file" else rest[1]), follow_symlinks=False)
    files.append(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=st.dictionaries(NAMES, TREES, max_size=6))
def test_any_tree(new_vault: Callable[[], Vault], tree: dict[bytes, object]) -> None:
    """Any tree of files, folders, links, FIFOs, hard links, holes and attributes comes back as it was."""
    vault = new_vault()
    build(os.fsencode(vault.source), tree, [])
    saved = vault.save()
    target, restored = vault.restore(saved)
    assert everything(target) == everything(vault.source)
    assert (saved.unread, restored.problems) == ((), ())


@pytest.mark.parametrize("seconds", [-2_000_000_000, -1, 0, 2**31, 2**32, 9_180_000_000])
def test_times(vault: Vault, seconds: int) -> None:
    """Times come back to the nanosecond, those before 1970 and those up to 2260 too."""
    path = vault.source / "file"
    path.write_text("x")
    os.utime(path, ns=(1, seconds * 10**9 + 123_456_789))
    vault.save()
    target, restored = vault.restore()
    assert restored.problems == ()
    assert (target / "file").stat().st_mtime_ns == path.stat().st_mtime_ns


def test_the_time_of_access_is_kept_where_asked_for(vault: Vault) -> None:
    """Saved with `atime`, a file comes back with the time at which it was read last."""
    from backup.engine.sources.folder import FolderSource
    from backup.engine.sources.rules import Rules
    from tests.backup.conftest import LATER

    (vault.source / "file").write_text("x")
    os.utime(vault.source / "file", ns=(1_111_111_111_000_000_007, 5))
    vault.save(FolderSource(vault.source, now=LATER, rules=Rules(atime=True)))
    target, _ = vault.restore()
    assert (target / "file").stat().st_atime_ns == 1_111_111_111_000_000_007


def test_names_of_255_bytes_and_names_that_differ_by_case(vault: Vault) -> None:
    """The longest names a system has come back, and so do names that differ by case alone."""
    for name in ("a" * 255, "A" * 255, "é" * 127, "Case", "case"):
        (vault.source / name).write_text(name)
    vault.save()
    target, restored = vault.restore()
    assert restored.problems == ()
    assert everything(target) == everything(vault.source)


def test_access_lists(vault: Vault) -> None:
    """ACLs come back, those that folders hand down too; a target that has one hands nothing down."""
    acl = struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", *entry)
        for entry in [
            (1, 7, 2**32 - 1),
            (2, 5, os.geteuid()),
            (4, 5, 2**32 - 1),
            (16, 7, 2**32 - 1),
            (32, 4, 2**32 - 1),
        ]
    )
    (vault.source / "plain").write_text("x")
    (vault.source / "listed").write_text("x")
    os.setxattr(vault.source / "listed", "system.posix_acl_access", acl)
    (vault.source / "handing").mkdir()
    (vault.source / "handing" / "before").write_text("x")
    os.setxattr(vault.source / "handing", "system.posix_acl_default", acl)
    vault.save()
    target = vault.base / "target"
    target.mkdir()
    os.setxattr(target, "system.posix_acl_default", acl)
    restored = restore(vault.catalogue(), target)
    assert restored.problems == ()
    assert everything(target) == everything(vault.source)


def test_capabilities_and_owners(vault: Vault, written: Callable[[list[Node]], Saved]) -> None:
    """Root gives files back to their owners, with set-id bits and capabilities; others get files of their own."""
    capability = bytes.fromhex("0100000200040000000000000000000000000000")
    theirs: Node = {"mt": 1, "u": 1234, "g": 4321}
    written(
        [
            theirs
            | {"n": b"able", "t": "f", "m": 0o755, "s": 0, "c": b"", "x": [[b"security.capability", capability]]},
            theirs | {"n": b"link", "t": "l", "m": 0o777, "l": b"able"},
            theirs | {"n": b"setid", "t": "f", "m": 0o6755, "s": 0, "c": b""},
        ]
    )
    restored = restore(vault.catalogue(), vault.base / "out")
    found = {
        path.name: (path.lstat().st_uid, path.lstat().st_gid, stat.S_IMODE(path.lstat().st_mode))
        for path in (vault.base / "out").iterdir()
    }
    if ROOT:
        assert restored.problems == ()
        assert found == {"able": (1234, 4321, 0o755), "link": (1234, 4321, 0o777), "setid": (1234, 4321, 0o6755)}
        assert os.getxattr(vault.base / "out" / "able", "security.capability") == capability
    else:
        assert restored.problems == ("able: its attribute security.capability can't be set: Operation not permitted",)
        assert {one[0] for one in found.values()} == {os.geteuid()}
        assert found["setid"][2] == 0o755


def test_nobody_owns(vault: Vault) -> None:
    """With `nobody` all belongs to who restores it, and no set-id bit comes back."""
    (vault.source / "setid").write_text("x")
    (vault.source / "setid").chmod(0o6755)
    vault.save()
    restore(vault.catalogue(), vault.base / "out", Options(owners=Owners.NOBODY))
    status = (vault.base / "out" / "setid").stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (os.geteuid(), 0o755)


@pytest.mark.parametrize(("owners", "expected"), [(Owners.NAMES, 0), (Owners.NUMBERS, 4242)])
def test_owners_by_name_and_by_number(
    vault: Vault, written: Callable[[list[Node]], Saved], owners: Owners, expected: int
) -> None:
    """A name that the system knows goes before the number, unless numbers are asked for."""
    written([{"n": b"x", "t": "p", "m": 0o644, "mt": 1, "u": 4242, "g": 4242, "un": "root", "gn": "root"}])
    restored = restore(vault.catalogue(), vault.base / "out", Options(owners=owners))
    assert restored.problems == ()
    assert (vault.base / "out" / "x").stat().st_uid == (expected if ROOT else os.geteuid())


def test_devices_and_sockets(vault: Vault, written: Callable[[list[Node]], Saved]) -> None:
    """Pipes and sockets come back for everybody, devices for root: others are told, and get the rest."""
    nodes: list[Node] = [
        {"n": b"c", "t": "c", "m": 0o620, "mt": 5, "r": [1, 3]},
        {"n": b"p", "t": "p", "m": 0o620, "mt": 5},
        {"n": b"s", "t": "s", "m": 0o620, "mt": 5},
    ]
    written(nodes)
    restored = restore(vault.catalogue(), vault.base / "out")
    assert stat.S_ISFIFO((vault.base / "out" / "p").stat().st_mode)
    status = (vault.base / "out" / "s").stat()
    assert (stat.S_ISSOCK(status.st_mode), status.st_mode & 0o777, status.st_mtime_ns) == (True, 0o620, 5)
    if ROOT:
        status = (vault.base / "out" / "c").stat()
        assert (stat.S_ISCHR(status.st_mode), status.st_rdev, status.st_mtime_ns) == (True, os.makedev(1, 3), 5)
        assert restored.problems == ()
    else:
        assert restored.problems == ("c: only root makes devices",)


def test_a_socket_is_saved_as_what_it_is(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket in a folder is no reason to leave anything unsaved."""
    monkeypatch.chdir(vault.source)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        saved = vault.save()
    assert (saved.counts.others, saved.unread) == (1, ())


def test_an_attribute_that_cannot_be_set(vault: Vault, written: Callable[[list[Node]], Saved]) -> None:
    """It is told by its name, and the file comes back without it."""
    written([{"n": b"x", "t": "p", "m": 0o644, "mt": 7, "x": [[b"nonsense.name", b"1"]]}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert restored.problems[0].startswith("x: its attribute nonsense.name can't be set")
    assert (vault.base / "out" / "x").stat().st_mtime_ns == 7


def test_holes_stay_holes(vault: Vault) -> None:
    """A file of 8 TB of holes takes a moment to save and to restore, and no room."""
    path = vault.source / "disk"
    with path.open("wb") as file:
        file.truncate(8 << 40)
        for place in (0, 3 << 40, (8 << 40) - 4096):
            file.seek(place)
            file.write(b"x" * 4096)
    os.utime(path, ns=(1, 2))
    saved = vault.save()
    assert saved.effort.added < 1 << 20
    target, restored = vault.restore()
    status = (target / "disk").stat()
    assert (restored.problems, status.st_size, status.st_mtime_ns) == ((), 8 << 40, 2)
    assert status.st_blocks == path.stat().st_blocks
    with (target / "disk").open("rb") as file:
        file.seek(3 << 40)
        assert file.read(4097) == b"x" * 4096 + b"\0"


def test_where_names_are_linked(vault: Vault) -> None:
    """Names of one file are names of one file again, across folders, and links and FIFOs too."""
    (vault.source / "a").mkdir()
    (vault.source / "b").mkdir()
    (vault.source / "a" / "file").write_text("x")
    os.mkfifo(vault.source / "a" / "fifo")
    (vault.source / "a" / "link").symlink_to("nowhere")
    for name in ("file", "fifo", "link"):
        os.link(vault.source / "a" / name, vault.source / "b" / name, follow_symlinks=False)
    os.utime(vault.source / "b", ns=(1, 99))
    vault.save()
    target, restored = vault.restore()
    assert restored.problems == ()
    assert everything(target) == everything(vault.source)
    assert (target / "b" / "link").lstat().st_nlink == 2


def test_no_names_are_linked_that_differ(vault: Vault, written: Callable[[list[Node]], Saved]) -> None:
    """A node that claims to be another's file, but isn't like it, is a file of its own."""
    node: Node = {"t": "p", "m": 0o600, "mt": 1, "i": 7}
    written([node | {"n": b"a"}, node | {"n": b"b", "m": 0o644}, node | {"n": b"c"}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert restored.problems == ()
    a, b, c = (Path(vault.base / "out" / name).stat() for name in "abc")
    assert a.st_ino == c.st_ino != b.st_ino
