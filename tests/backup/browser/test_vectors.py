"""The browser keeps to the vectors of the format: every primitive and object, and both whole repositories."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from blake3 import blake3

from backup.engine.format import layout
from tests.backup.browser.conftest import REPORT, call
from tests.backup.browser.node import node, values
from tests.backup.browser.portal import serving
from tests.backup.keeping.conftest import MemoryStore

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors.json").read_text())
SEED, REPOSITORY = bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["repository"])
SUITES = [int(suite) for suite in VECTORS["suites"]]


def raw(vector: dict[str, str], *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def test_keys_are_derived() -> None:
    """Every key of the schedule, and that of a writer of an isolated repository, is the one of the vectors."""
    made = values(*(("crypto/primitives.js", "derive", [SEED, REPOSITORY, purpose]) for purpose in VECTORS["derived"]))
    assert [one.hex() for one in made] == list(VECTORS["derived"].values())
    [own] = values(("format/keys.js", "isolated", raw(VECTORS["isolated"], "secret", "writer")))
    assert own.hex() == VECTORS["isolated"]["is"]


def test_signature_and_passphrase() -> None:
    """The signature and the key of a passphrase are those of the vectors."""
    private, public, data, signature = raw(VECTORS["signature"], "private", "public", "data", "signature")
    stretching = VECTORS["argon2id"]
    cost = dict(zip(("memory", "passes", "lanes"), stretching["cost"], strict=True))
    assert values(
        ("crypto/primitives.js", "sign", [private, data]),
        ("crypto/primitives.js", "verifies", [public, signature, data]),
        ("crypto/primitives.js", "stretch", [stretching["passphrase"], bytes.fromhex(stretching["salt"]), cost]),
    ) == [signature, True, bytes.fromhex(stretching["key"])]


@pytest.mark.parametrize("suite", SUITES)
def test_seals(suite: int) -> None:
    """With the sender's key of the vectors the browser seals to the same bytes; and it opens them."""
    vector = VECTORS["suites"][str(suite)]["seal"]
    private, context, ephemeral, data, sealed = raw(vector, "private", "context", "ephemeral", "data", "sealed")
    info = b"suite-backup 1 " + vector["use"].encode() + b"\0" + context
    [public] = values(("crypto/primitives.js", "publicHalf", [private]))
    assert values(
        ("crypto/hpke.js", "seal", [suite, public, info, data, ephemeral]),
        ("crypto/hpke.js", "open", [suite, private, info, sealed]),
    ) == [sealed, data]


@pytest.mark.parametrize("suite", SUITES)
def test_objects(suite: int) -> None:
    """Each object of the vectors is read: keyfiles, badge, configs, index, snapshot, act, and a pack to its blobs."""
    vector = VECTORS["suites"][str(suite)]
    read = node("objects.mjs", {"suite": suite, "vector": vector, "blob": vector["blob"]})
    roles = {name: made["role"] for name, made in read["keyfiles"].items()}
    assert roles == {name: "reader" if name == "newer" else name for name in vector["keyfiles"]}
    assert all(made["text"] == vector["keyfiles"][name] for name, made in read["keyfiles"].items())
    assert read["badge"]["role"] in range(1, 6)
    assert read["configs"] == list(range(1, len(vector["configs"]) + 1))
    content = bytes.fromhex(vector["blob"]["content"])
    assert read["blob"] == content
    assert read["packs"]
    assert read["snapshot"]["sequence"] == 1
    assert read["act"]["sequence"] == 1


@pytest.mark.parametrize("which", VECTORS["repositories"])
@pytest.mark.parametrize("key", ["reader", "master", "protected"])
def test_repositories(which: str, key: str, tmp_path: Path) -> None:
    """Both repositories list the snapshots that count, and restore the newest bit by bit, with each kind of key."""
    what = VECTORS["repositories"][which]
    store = MemoryStore()
    store.objects = {name: (base64.b64decode(content), seconds) for name, (seconds, content) in what["objects"].items()}
    kept = what[key]
    how = {"keyfile": kept["keyfile"], "passphrase": kept["passphrase"]} if key == "protected" else {"keyfile": kept}
    newest = what["snapshots"][-1]
    with serving(store) as portal:
        opening, listing, restored = node(
            "engine.mjs",
            [
                call("open", store=portal.address(), **how),
                call("snapshots"),
                call("zip", tmp_path / "out.zip", snapshot=newest),
            ],
        )
    assert opening["value"]["isolated"] is (which == "isolated")
    shown = listing["value"]["snapshots"]
    assert [row["id"] for row in shown if not row["forgotten"]] == what["snapshots"]
    problems = [problem["object"] for problem in listing["value"]["problems"]]
    assert problems == ([what["revoked"]] if "revoked" in what else [])
    assert "error" not in restored
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        found = {quote_from_bytes(one.filename.rstrip("/").encode()): one for one in archive.infolist()}
        report = json.loads(archive.read(REPORT))
        for path, [kind, modified, _, *rest] in what["files"].items():
            if kind == "10640" or "%FF" in path:
                continue
            entry = found.pop(path)
            content = archive.read(entry)
            assert kind == ("link" if entry.external_attr >> 28 == 0xA else f"{entry.external_attr >> 16:o}")
            assert entry.extra[-4:] == (modified // 10**9).to_bytes(4, "little")
            if kind == "link":
                assert quote_from_bytes(content) == rest[0]
            elif rest:
                assert f"{len(content)} {blake3(content).hexdigest()[:32]}" == rest[0]
    odd = {"nom%20%25ff"} if which == "eventful" else set()
    assert found.keys() == {REPORT, *odd}
    assert report["problems"] == (["tube: of a kind that an archive can't hold: left out"] if odd else [])


def test_an_old_key() -> None:
    """A key of the first epoch reads the snapshots of that epoch, and is told of the newer."""
    what = VECTORS["repositories"]["eventful"]
    store = MemoryStore()
    store.objects = {name: (base64.b64decode(content), seconds) for name, (seconds, content) in what["objects"].items()}
    with serving(store) as portal:
        _, listing = node(
            "engine.mjs", [call("open", store=portal.address(), keyfile=what["old reader"]), call("snapshots")]
        )
    shown = [row["id"] for row in listing["value"]["snapshots"] if not row["forgotten"]]
    assert shown == what["snapshots"][:-1]
    kinds = [problem["kind"] for problem in listing["value"]["problems"]]
    assert sorted(kinds) == ["damaged", "key-refused"]


def test_names_of_objects() -> None:
    """Every name in the vectors is one that the browser knows, and nothing that isn't one is asked for."""
    names = [name for what in VECTORS["repositories"].values() for name in what["objects"]]
    odd = ["config/1", "packs/../../etc/passwd", "tmp/x", "keys/" + "g" * 32, "reserve", "", "config/00000001/"]
    known = values(*(("format/layout.js", "isName", [name]) for name in (*names, *odd)))
    assert known == [True] * len(names) + [False] * len(odd)
    assert all(layout.NAME.fullmatch(name) for name in names)
