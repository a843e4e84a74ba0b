"""Restore a repository from FORMAT.md alone: a second reader that shares no code with the first; HPKE by hand.

python tests/backup/reader.py REPOSITORY KEYFILE TARGET
"""

from __future__ import annotations

import base64
import struct
import sys
from pathlib import Path

import msgpack
import zstandard
from blake3 import blake3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

# Section 1: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM

KEM = b"KEM" + (0x20).to_bytes(2, "big")
HPKE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x20, 0x01, 0x02))


def extract(salt: bytes, suite: bytes, label: bytes, secret: bytes) -> bytes:
    mac = HMAC(salt or bytes(32), hashes.SHA256())
    mac.update(b"HPKE-v1" + suite + label + secret)
    return mac.finalize()


def expand(secret: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(secret)


def unseal(private: bytes, use: str, context: bytes, data: bytes) -> bytes:
    info = b"suite-backup 1 " + use.encode() + b"\0" + context
    key = X25519PrivateKey.from_private_bytes(private)
    shared = key.exchange(X25519PublicKey.from_public_bytes(data[:32]))
    pair = data[:32] + key.public_key().public_bytes_raw()
    secret = expand(extract(b"", KEM, b"eae_prk", shared), KEM, b"shared_secret", pair, 32)
    schedule = b"\0" + extract(b"", HPKE, b"psk_id_hash", b"") + extract(b"", HPKE, b"info_hash", info)
    base = extract(secret, HPKE, b"secret", b"")
    aead = AESGCM(expand(base, HPKE, b"key", schedule, 32))
    return aead.decrypt(expand(base, HPKE, b"base_nonce", schedule, 12), data[32:], None)


# Sections 3 and 4: prologue, keys, keyfile


def prologue(data: bytes, kind: bytes, repository: bytes) -> int:
    magic, version, found, suite, epoch, owner = struct.unpack("<3sBcBH16s", data[:24])
    assert (magic, version, found, suite, owner) == (b"SBK", 1, kind, 1, repository), "another kind of object"
    return epoch


def verified(public: bytes, data: bytes) -> bytes:
    Ed25519PublicKey.from_public_bytes(public).verify(data[-64:], data[:-64])
    return data[:-64]


def keyfile(text: str, passphrase: str = "") -> tuple[bytes, dict]:
    lines = text.split("-----")[2].split("\n\n", 1)[1]
    raw = base64.b64decode(lines)
    payload = raw[25:]
    if raw[24] == 1:
        salt, memory, passes, lanes = struct.unpack("<16sIII", raw[25:53])
        kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        payload = AESGCM(kdf.derive(passphrase.encode())).decrypt(raw[53:65], raw[65:], raw[:53])
    body = msgpack.unpackb(payload[64:])
    Ed25519PublicKey.from_public_bytes(body["master"]).verify(payload[:64], raw[:24] + payload[64:])
    repository = raw[8:24]
    if body["role"] == 0:
        purposes = ("id data", "id meta", "data 0", "meta 0", "log 0", "sign")
        made = {name: derive(body["seed"], repository, name) for name in purposes}
        public = Ed25519PrivateKey.from_private_bytes(made["sign"]).public_key().public_bytes_raw()
        assert public == body["master"], "the seed doesn't fit"
        body |= made | {"private": made}
    return repository, body


def derive(seed: bytes, repository: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, repository, b"suite-backup 1 " + purpose.encode()).derive(seed)


class Reader:
    def __init__(self, folder: Path, text: str, passphrase: str = "") -> None:
        self.folder = folder
        self.repository, self.key = keyfile(text, passphrase)
        config = verified(self.key["master"], (folder / "config").read_bytes())
        prologue(config, b"C", self.repository)
        assert msgpack.unpackb(config[24:])["needs"] == [], "made by a newer program"
        self.writers = {}
        for path in (folder / "keys").iterdir():
            badge = verified(self.key["master"], path.read_bytes())
            prologue(badge, b"K", self.repository)
            body = msgpack.unpackb(badge[24:])
            assert body["key"] == blake3(body["verify"]).digest()[:16] == bytes.fromhex(path.name)
            if body["role"] == 1:
                self.writers[body["key"]] = body["verify"]

    def private(self, part: str, epoch: int) -> bytes:
        return self.key["private"][f"{part} {epoch}"]

    # Section 9

    def snapshots(self) -> list[tuple[bytes, dict]]:
        found = []
        for writer, public in self.writers.items():
            previous = bytes(32)
            for number, path in enumerate(sorted((self.folder / "snapshots" / writer.hex()).glob("*")), 1):
                raw = path.read_bytes()
                signed = verified(public, raw)
                epoch = prologue(raw, b"S", self.repository)
                assert signed[24:80] == writer + number.to_bytes(8, "little") + previous, "the chain is broken"
                assert int(path.name, 16) == number
                body = msgpack.unpackb(unseal(self.private("log", epoch), "snapshot", signed[:80], signed[80:]))
                previous = blake3(raw).digest()
                found.append((previous, body))
        return sorted(found, key=lambda one: one[1]["started"])

    # Sections 6 and 7

    def load(self, snapshot: dict) -> None:
        self.places = {}
        for index in snapshot["indexes"]:
            raw = (self.folder / "index" / index.hex()).read_bytes()
            assert blake3(raw).digest() == index, "an index was changed"
            private = self.private("meta", prologue(raw, b"I", self.repository))
            body = zstandard.ZstdDecompressor().decompress(unseal(private, "index", raw[:24], raw[24:]))
            for pack, _size, kind, entries in msgpack.unpackb(body):
                for entry in struct.iter_unpack("<32sIIIIBB", entries):
                    self.places[entry[0]] = (pack.hex(), kind.encode(), *entry)

    def blob(self, id_: bytes, type_: int) -> bytes:
        pack, kind, _, offset, stored, length, counter, found, method = self.places[id_]
        assert (found, kind) == (type_, b"D" if type_ == 1 else b"T")
        with (self.folder / "packs" / pack[:2] / pack).open("rb") as file:
            start = file.read(184)
            file.seek(offset)
            data = file.read(stored)
        private = self.private("data" if kind == b"D" else "meta", prologue(start, kind, self.repository))
        aead = AESGCM(unseal(private, "blob key", start[:24], start[24:104]))
        context = start[:24] + bytes([type_, method]) + length.to_bytes(4, "little") + id_
        content = aead.decrypt(bytes(4) + counter.to_bytes(8, "little"), data, context)
        if method == 1:
            content = zstandard.ZstdDecompressor().decompress(content, max_output_size=length)
        secret = self.key["id data" if type_ == 1 else "id meta"]
        assert (len(content), blake3(content, key=secret).digest()) == (length, id_), "a blob was changed"
        return content

    def ids(self, ids: bytes, depth: int) -> list[bytes]:
        direct = [ids[start : start + 32] for start in range(0, len(ids), 32)]
        return direct if depth == 0 else [one for id_ in direct for one in self.ids(self.blob(id_, 3), depth - 1)]

    # Section 8

    def restore(self, ids: bytes, depth: int, target: Path) -> None:
        target.mkdir()
        last = b""
        for tree in self.ids(ids, depth):
            for node in msgpack.unpackb(self.blob(tree, 2)):
                assert last < node["n"] != b".." and node["n"] != b"." and b"/" not in node["n"], "a hostile name"  # noqa: PT018
                last = node["n"]
                path = target / node["n"].decode(errors="surrogateescape")
                if node["t"] == "d":
                    self.restore(node["c"], node.get("p", 0), path)
                elif node["t"] == "l":
                    path.symlink_to(node["l"].decode(errors="surrogateescape"))
                elif node["t"] == "f":
                    content = b"".join(self.blob(id_, 1) for id_ in self.ids(node["c"], node.get("p", 0)))
                    assert (len(content), blake3(content).digest()) == (node["s"], node["h"]), "not the file saved"
                    path.write_bytes(content)
                    path.chmod(node["m"] & 0o777)


if __name__ == "__main__":
    reader = Reader(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
    snapshot = reader.snapshots()[-1][1]
    reader.load(snapshot)
    reader.restore(snapshot["root"], snapshot.get("p", 0), Path(sys.argv[3]))
