"""A snapshot as a zip or a tar holds what a restore would make."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from backup.engine.errors import Missing
from backup.engine.format.trees import Node
from backup.engine.reading import archive, tar
from backup.engine.reading.ahead import content
from backup.engine.saving.save import Saved
from tests.backup.conftest import Vault
from tests.backup.restoring.pictures import everything

LARGE = os.urandom(12 << 20)


@pytest.fixture
def full(vault: Vault) -> Vault:
    """A vault with one snapshot of everything that an archive can hold."""
    source = vault.source
    (source / "folder" / "é").mkdir(parents=True)
    (source / "folder" / "é" / "small").write_text("small")
    (source / "empty").mkdir()
    (source / "large").write_bytes(LARGE)
    (source / "link").symlink_to("folder/é")
    os.link(source / "large", source / "large again")
    os.mkfifo(source / "fifo")
    os.setxattr(source / "large", "user.note", b"\xff\0=")
    with open(os.fsencode(source) + b"/\xff name " + b"x" * 120, "wb") as file:  # noqa: PTH123 (a name in bytes)
        file.write(b"odd")
    with (source / "disk").open("wb") as file:
        file.truncate(9 << 20)
        os.pwrite(file.fileno(), b"x" * 4096, 4 << 20)
    os.utime(source / "folder" / "é" / "small", ns=(1, -1_500_000_000))
    os.utime(source / "large", ns=(1, 1_234_567_890_123_456_789))
    vault.save()
    return vault


def test_tar_is_the_tree(full: Vault) -> None:
    """What GNU tar unpacks is the tree with times, attributes, hard links, holes and FIFOs."""
    out = full.base / "out.tar"
    with out.open("wb") as file:
        done = tar.write(full.catalogue(), file)
    assert done.problems == []
    target = full.base / "unpacked"
    target.mkdir()
    subprocess.run(
        [
            "tar",
            "--extract",
            "--file",
            out,
            "--directory",
            target,
            "--xattrs",
            "--xattrs-include=*",
            "--same-permissions",
        ],
        check=True,
    )
    assert everything(target) == everything(full.source)
    assert (target / "disk").stat().st_blocks == (full.source / "disk").stat().st_blocks
    assert out.stat().st_size < 13 << 20, "neither a hole nor a second name takes room"


def test_python_reads_the_tar(full: Vault) -> None:
    """Python's own reader finds each file, and in it what was saved."""
    out = io.BytesIO()
    tar.write(full.catalogue(), out)
    out.seek(0)
    with tarfile.open(fileobj=out, encoding="utf-8", errors="surrogateescape") as source:
        files = {one.name: source.extractfile(one) for one in source if one.isfile() or one.issparse()}
        found = {name: file.read() for name, file in files.items() if file is not None}
    assert found["large"] == LARGE
    assert found["disk"] == (full.source / "disk").read_bytes()
    assert found["folder/é/small"] == b"small"


def test_zip_holds_the_files(full: Vault) -> None:
    """A zip holds each file whole, its holes as zeros, and says what it can't hold."""
    out = io.BytesIO()
    done = archive.write(full.catalogue(), out)
    assert done.problems == ["fifo: fifo: is of a kind that a zip can't hold"]
    with zipfile.ZipFile(out) as source:
        assert {name: blake3(source.read(name)).digest() for name in done.expected} == done.expected
        assert source.read("disk") == (full.source / "disk").read_bytes()
        assert source.read("large again") == LARGE
        assert source.read("\\xff name " + "x" * 120) == b"odd"
        assert "empty/" in source.namelist()


def test_a_hole_too_large_for_a_zip(vault: Vault) -> None:
    """A terabyte of nothing isn't written into a zip: the file is left out and told."""
    with (vault.source / "disk").open("wb") as file:
        file.truncate(1 << 40)
    vault.save()
    out = io.BytesIO()
    done = archive.write(vault.catalogue(), out)
    assert done.expected == {}
    assert "too large for a zip" in done.problems[0]
    assert len(out.getvalue()) < 10_000


@pytest.mark.parametrize("write", [archive.write, tar.write])
def test_parts(full: Vault, write: Callable[..., archive.Archive]) -> None:
    """A folder's content, or one file, can be had alone; what isn't there can't."""
    out = io.BytesIO()
    assert list(write(full.catalogue(), out, path=b"folder").expected) == ["é/small"]
    assert list(write(full.catalogue(), out, path=b"folder/\xc3\xa9/small").expected) == ["small"]
    with pytest.raises(Missing):
        write(full.catalogue(), out, path=b"folder/none")


def test_damage_in_a_tar(full: Vault) -> None:
    """A file that can't be read to its end is told, and ends with zeros: what comes after it is sound."""
    data = [path for path in full.objects("packs") if path.read_bytes()[4:5] == b"D"]
    path = max(data, key=lambda one: one.stat().st_size)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    out = io.BytesIO()
    done = tar.write(full.catalogue(), out)
    assert len(done.problems) == 1
    out.seek(0)
    with tarfile.open(fileobj=out) as source:
        assert {"large", "link"} <= set(source.getnames())


def test_what_a_tar_cannot_hold(vault: Vault, written: Callable[[list[Node]], Saved]) -> None:
    """A socket is told, and the tar holds the rest."""
    written([{"n": b"p", "t": "p", "m": 0o644, "mt": 1}, {"n": b"s", "t": "s", "m": 0o644, "mt": 1}])
    out = io.BytesIO()
    assert tar.write(vault.catalogue(), out).problems == ["s: s: is of a kind that a tar can't hold"]
    out.seek(0)
    with tarfile.open(fileobj=out) as source:
        assert source.getnames() == ["p"]


def test_one_file_as_it_is(full: Vault) -> None:
    """The content of one file comes piece by piece, zeros in its holes."""
    catalogue = full.catalogue()
    for name in ("large", "disk", "folder/é/small"):
        parts = content(catalogue, catalogue.find(name.encode()))
        assert b"".join(parts) == Path(full.source / name).read_bytes()
