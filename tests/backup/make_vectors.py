"""Write vectors.json anew: only when a version of the format is added; version 1 never changes.

python -m tests.backup.make_vectors

What is random elsewhere comes here from a hash of a counter, and seals are made by another library, so that whoever
makes the objects anew gets the same bytes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import os
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backup.engine.format import acts, blobs, chain, cipher, config, index, keyfile, keys, layout, packs, snapshots
from backup.engine.format.acts import Clear, Said
from backup.engine.format.blobs import Entry
from backup.engine.format.config import Config, Revoked
from backup.engine.format.keys import Key, Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.keykeeping import shares, sheet
from tests.backup import blake3_by_hand, make_examples, other_libraries

PATH = Path(__file__).with_name("vectors.json")
SEED, REPOSITORY = bytes(range(32)), bytes(range(0xA0, 0xB0))
NOW = 1_800_000_000_000_000_000
TODAY = date(2027, 1, 15)
PURPOSES = [*keys.SHARED, "sign", *(f"{part} {epoch}" for part in keys.PARTS for epoch in (0, 1, 10))]
CONTENTS = (b"The quick brown fox", "Chère consœur, ".encode() * 3)
PASSPHRASE = "un cha\u0302teau de cartes"
"""Not in NFC: a reader makes it so."""


@contextlib.contextmanager
def determined() -> Iterator[None]:
    """Chance and seals that are the same each time: for this thread, whatever others draw meanwhile."""
    counter, thread, urandom = itertools.count(), threading.get_ident(), os.urandom

    def random(size: int) -> bytes:
        if threading.get_ident() != thread:
            return urandom(size)
        return hashlib.shake_256(b"%d" % next(counter)).digest(size)

    def seal(suite: int, public: bytes, use: str, context: bytes, data: bytes) -> bytes:
        return other_libraries.seal(suite, public, use, context, data, random(32))

    class Determined:
        from_private_bytes = Ed25519PrivateKey.from_private_bytes

        @staticmethod
        def generate() -> Ed25519PrivateKey:
            return Ed25519PrivateKey.from_private_bytes(random(32))

    with (
        patch("os.urandom", random),
        patch.object(cipher, "seal", seal),
        patch.object(keys, "Ed25519PrivateKey", Determined),
    ):
        yield


def primitives(suite: int) -> dict[str, Any]:
    """Inputs and outputs of each primitive, by other libraries than the engine's."""
    key, nonce, aad, data = bytes(range(32, 64)), bytes(range(12)), b"aad", CONTENTS[0]
    private = other_libraries.derive(SEED, REPOSITORY, "data 0")
    sealed = other_libraries.seal(
        suite, other_libraries.public_half(private), "blob key", b"context", key, nonce + key[:20]
    )
    return {
        "aead": {
            "key": key.hex(),
            "nonce": nonce.hex(),
            "aad": aad.hex(),
            "data": data.hex(),
            "encrypted": other_libraries.encrypt(suite, key, nonce, data, aad).hex(),
        },
        "seal": {
            "use": "blob key",
            "context": b"context".hex(),
            "private": private.hex(),
            "ephemeral": (nonce + key[:20]).hex(),
            "data": key.hex(),
            "sealed": sealed.hex(),
        },
    }


def shared() -> dict[str, Any]:
    """What is the same in both suites."""
    private, salt, cost = bytes(range(1, 33)), bytes(range(16)), (256, 2, 2)
    sizes = (0, 1, 64, 65, 1024, 1025, 3073, 5121)
    return {
        "seed": SEED.hex(),
        "repository": REPOSITORY.hex(),
        "derived": {purpose: other_libraries.derive(SEED, REPOSITORY, purpose).hex() for purpose in PURPOSES},
        "isolated": {"secret": SEED.hex(), "writer": salt.hex(), "is": blake3_by_hand.blake3(salt, SEED).hex()},
        "signature": {
            "private": private.hex(),
            "public": other_libraries.verify_key(private).hex(),
            "data": CONTENTS[0].hex(),
            "signature": other_libraries.sign(private, CONTENTS[0]).hex(),
        },
        "blake3": {
            size: {
                "hash": blake3_by_hand.blake3(counted(size)).hex(),
                "keyed": blake3_by_hand.blake3(counted(size), SEED).hex(),
            }
            for size in sizes
        },
        "argon2id": {
            "passphrase": PASSPHRASE,
            "salt": salt.hex(),
            "cost": cost,
            "key": other_libraries.stretch("un château de cartes".encode(), salt, *cost).hex(),
        },
    }


def counted(size: int) -> bytes:
    return bytes(at % 251 for at in range(size))


def objects(suite: int) -> dict[str, Any]:
    """One object of each kind, and what it holds."""
    master = keys.master(SEED, REPOSITORY, suite=suite, epochs=2)
    first = config.first(master, isolated=False, now=NOW)
    one = config.read(first, master, layout.config_name(1))
    held = {role: keys.derive(master, role, label=role.name.lower(), created=NOW) for role in list(Role)[1:]}
    second = config.next_epoch(one, master, now=NOW + 1)
    two = config.read(second, master, layout.config_name(2))
    newer = keys.derive(master, Role.READER, label="newer", created=NOW + 2, epoch=1)
    third = config.revoking(two, master, Revoked(held[Role.LISTER].key_id, NOW + 3, 5), now=NOW + 3)
    three = config.read(third, master, layout.config_name(3))
    pack, entries, blob = joined(one, three, master)
    name = cipher.digest(pack)
    written = Written(name, len(pack), layout.DATA_PACK, entries)
    listing = index.write(three, [written])[1]
    manifest = index.write_manifest(three, held[Role.VERIFIER], layout.EVERYBODY, [written])[1]
    snapshot = snapshots.write(three, held[Role.WRITER], 1, chain.FIRST, taken())
    which = (held[Role.WRITER].key_id, 1, cipher.digest(snapshot))
    clear = Clear(condemned=frozenset({name}), moved=(((bytes(32),), (bytes(range(32)),)),))
    act = acts.write(three, held[Role.PRUNER], 1, chain.FIRST, clear, Said(NOW + 5, "vectors", forget=(which,)))
    return {
        "master key": master.master.hex(),
        "prologue": bytes(layout.Prologue(layout.DATA_PACK, REPOSITORY, suite, 258)).hex(),
        "keyfiles": {key.label: keyfile.dump(key) for key in (master, *held.values())} | {"newer": keyfile.dump(newer)},
        "protected": keyfile.dump(held[Role.READER], PASSPHRASE),
        "badge": text(held[Role.WRITER].badge.raw),
        "configs": [text(raw) for raw in (first, second, third)],
        "blob": blob,
        "pack": text(pack),
        "index": text(listing),
        "manifest": text(manifest),
        "snapshot": text(snapshot),
        "act": text(act),
        "sheet": list(sheet.draw(keyfile.dump(master), location="", today=TODAY).lines),
        "shares": [one.code for one in shares.split(master, 2, 3, os.urandom)],
    }


def joined(one: Config, three: Config, master: Key) -> tuple[bytes, bytes, dict[str, Any]]:
    """A data pack of two blobs under two keys, of two epochs, as a pruner joins them."""
    sealed, bodies, rows = [], [], []
    offset = packs.start_size(2)
    for number, (content, where) in enumerate(zip(CONTENTS, (one, three), strict=True)):
        key, place = packs.new_key(where, layout.DATA_PACK)
        id_ = blobs.identify(content, master.knows("id data"))
        box = cipher.aead(master.suite, key)
        body = blobs.encrypt(box, REPOSITORY, blobs.DATA, blobs.RAW, id_, len(content), 7 + number, content)
        rows.append(Entry(id_, offset, len(body), len(content), 7 + number, number, blobs.DATA, blobs.RAW))
        sealed.append(place)
        bodies.append(body)
        offset += len(body)
        if number == 0:
            blob = {"content": content.hex(), "key": key.hex(), "counter": 7, "id": id_.hex(), "stored": body.hex()}
    entries = b"".join(map(bytes, rows))
    _, parts = packs.assemble(three, layout.DATA_PACK, sealed, bodies, entries)
    return b"".join(map(bytes, parts)), entries, blob


def taken() -> Taken:
    return Taken(
        source="étude",
        host="machine",
        paths=(b"/srv/\xff",),
        tags=("nuit",),
        started=NOW + 3,
        finished=NOW + 4,
        root=bytes(range(32)),
        depth=1,
        indexes=(bytes(range(32, 64)),),
        counts=Counts(1, 2, 3, 4),
        effort=Effort(5, 6, 7, 8, 9),
        notes={"trail": "abc"},
    )


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def made() -> dict[str, Any]:
    """All but the whole repositories."""
    with determined():
        return shared() | {"suites": {str(suite): primitives(suite) | objects(suite) for suite in layout.SUITES}}


if __name__ == "__main__":
    everything = made() | {"repositories": make_examples.make()}
    PATH.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n")
