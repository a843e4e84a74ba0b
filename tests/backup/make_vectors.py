"""Write vectors.json anew: only when a version of the format is added; version 1 never changes.

python -m tests.backup.make_vectors
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.format import blobs, cipher, keyfile, keys, layout
from backup.engine.repository import Repository
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore

SEED, REPOSITORY = bytes(range(32)), bytes(range(0xA0, 0xB0))
FILES = {"lettre.txt": "Chère consœur,\n", "dossier/vide": "", "dossier/répété.csv": "a;b\n1;2\n" * 500}


def make() -> dict[str, object]:
    master = keys.master(SEED, REPOSITORY)
    purposes = ("sign", "data 0", "meta 0", "log 0", "id data", "id meta", "chunk")
    content = b"The quick brown fox"
    id_ = blobs.identify(content, master.knows("id data"))
    prologue = bytes(layout.Prologue(layout.DATA_PACK, REPOSITORY))
    stored = blobs.encrypt(AESGCM(SEED), prologue, blobs.DATA, blobs.RAW, id_, len(content), 7, content)
    private = master.opens("data", 0)
    return {
        "seed": SEED.hex(),
        "repository": REPOSITORY.hex(),
        "derived": {purpose: cipher.derive(SEED, REPOSITORY, purpose).hex() for purpose in purposes},
        "master key": master.master.hex(),
        "prologue": prologue.hex(),
        "blob": {
            "content": content.hex(),
            "id": id_.hex(),
            "key": SEED.hex(),
            "counter": 7,
            "stored": stored.hex(),
        },
        "sealed": {
            "use": "blob key",
            "context": prologue.hex(),
            "private": private.hex(),
            "data": SEED.hex(),
            "sealed": cipher.seal(cipher.public_half(private), "blob key", prologue, SEED).hex(),
        },
        "repository example": example(master),
    }


def example(master: keys.Key) -> dict[str, object]:
    """A whole small repository, and what it holds."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        for path, text in FILES.items():
            (base / "source" / path).parent.mkdir(parents=True, exist_ok=True)
            (base / "source" / path).write_text(text)
        (base / "source" / "lien").symlink_to("lettre.txt")
        writer, reader = (keys.derive(master, role, label=role.name, created=1) for role in keys.Role if role in (1, 2))
        store = LocalStore(base / "repository")
        store.prepare()
        assert writer.badge is not None
        Repository.create(store, master, now=1).admit(writer.badge)
        clock = itertools.count(1_800_000_000_000_000_000).__next__
        with State(base / "state") as state, patch("platform.node", return_value="vectors"):
            for _ in range(2):
                source = FolderSource(base / "source", now=10**19 // 2)
                source.label = "vectors"
                save(Repository.open(store, writer), state, source, clock=clock)
                (base / "source" / "lettre.txt").write_text("Cher confrère,\n")
        objects = {
            path.relative_to(store.folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
            for path in sorted(store.folder.rglob("*"))
            if path.is_file()
        }
    return {
        "objects": objects,
        "reader": keyfile.dump(reader),
        "protected": {"passphrase": "œuf", "keyfile": keyfile.dump(reader, "œuf")},
        "files": FILES | {"lettre.txt": "Cher confrère,\n"},
    }


if __name__ == "__main__":
    os.umask(0o022)
    text = json.dumps(make(), indent=1, ensure_ascii=False)
    Path(__file__).with_name("vectors.json").write_text(text + "\n")
