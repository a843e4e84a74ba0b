"""Restore a repository from FORMAT.md alone: a second reader, by other libraries than the first wherever there are two.

python tests/backup/reader.py REPOSITORY KEYFILE TARGET
"""

from __future__ import annotations

import base64
import hmac
import os
import sys
from pathlib import Path
from struct import iter_unpack, pack, unpack
from unicodedata import normalize

from argon2.low_level import Type, hash_secret_raw
from backports import zstd
from blake3 import blake3
from Crypto.Cipher import AES, ChaCha20_Poly1305
from msgpack import unpackb
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base, crypto_sign_open

LABEL, PARTS, SHARED = b"suite-backup 1 ", ("data", "meta", "log"), ("id data", "id meta")
SAY = {0: "condemned spared moved", 1: "hold time why", 2: "leaving forget recall release tag"}
MAY = {0: (0, 1, 2), 5: (0, 1, 2), 4: (0, 1), 2: (1,), 3: (1,)}
SPECIAL = {"p": 0o010000, "s": 0o140000, "c": 0o020000, "b": 0o060000}


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key or bytes(32), b"".join(parts), "sha256")


def unseal(suite: int, private: bytes, use: str, context: bytes, data: bytes) -> bytes:  # section 1: HPKE (RFC 9180)
    kem, hpke, info = b"HPKE-v1KEM\0\x20", b"HPKE-v1HPKE\0\x20\0\1\0%c" % (suite + 1), use.encode() + b"\0" + context
    shared = mac(b"", kem, b"eae_prk", crypto_scalarmult(private, data[:32]))
    shared = mac(shared, b"\0\x20", kem, b"shared_secret", data[:32], crypto_scalarmult_base(private), b"\1")
    schedule = b"\0" + mac(b"", hpke, b"psk_id_hash") + mac(b"", hpke, b"info_hash", LABEL, info) + b"\1"
    secret = mac(shared, hpke, b"secret")
    nonce = mac(secret, b"\0\x0c", hpke, b"base_nonce", schedule)[:12]
    return decrypt(suite, mac(secret, b"\0\x20", hpke, b"key", schedule), nonce, data[32:])


def decrypt(suite: int, key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    box = AES.new(key, AES.MODE_GCM, nonce=nonce) if suite == 1 else ChaCha20_Poly1305.new(key=key, nonce=nonce)
    box.update(aad)
    return box.decrypt_and_verify(data[:-16], data[-16:])


class Reader:
    def __init__(self, folder: Path, text: str, passphrase: str = "") -> None:
        raw = base64.b64decode(text.split("-----")[2].split("\n\n", 1)[1])  # section 4
        self.folder, self.suite, self.repository, payload = folder, raw[5], raw[8:24], raw[25:]
        if raw[24]:
            salt, memory, passes, lanes = unpack("<16sIII", raw[25:53])
            key = hash_secret_raw(normalize("NFC", passphrase).encode(), salt, passes, memory, lanes, 32, Type.ID)
            payload = decrypt(self.suite, key, raw[53:65], raw[65:], raw[:53])
        self.key = key = unpackb(payload[64:])
        self.open(raw[:24] + payload[64:] + payload[:64], b"F", key["master"])
        path = max((folder / "config").iterdir())  # section 5
        config = unpackb(self.open(path.read_bytes(), b"C", key["master"])[24:])
        assert (config["needs"], config["number"]) == ([], int(path.name, 16)), "made by a newer program, or renamed"
        self.isolated, self.revoked = config["isolated"], {one["key"]: one["last"] for one in config["revoked"]}
        if "seed" in key:
            names = [*SHARED, *(f"{part} {one['epoch']}" for part in PARTS for one in config["epochs"])]
            key |= {name: mac(mac(self.repository, key["seed"]), LABEL, name.encode(), b"\1") for name in names}  # HKDF
        key |= key.get("private", {})
        for number, epoch in reversed([*enumerate(config["epochs"])]):
            for part in (part for part in epoch.get("before", ()) if f"{part} {number}" in key):
                context = self.repository + pack("<H", number)
                key[f"{part} {number - 1}"] = self.unseal(part, number, "handed", context, epoch["before"][part])
        self.keys = {blake3(key["master"]).digest()[:16]: (0, key["master"])}
        for path in (folder / "keys").iterdir():
            badge = unpackb(self.open(path.read_bytes(), b"K", key["master"])[24:])
            assert badge["key"] == blake3(badge["verify"]).digest()[:16] == bytes.fromhex(path.name), "renamed"
            self.keys[badge["key"]] = (badge["role"], badge["verify"])
        self.forgotten, self.held, self.moves = {}, set(), []  # section 10
        for *_, role, signed, _ in self.rows(b"A", "acts"):
            end = 84 + int.from_bytes(signed[80:84], "little")
            said = unpackb(signed[84:end]) | unpackb(self.unseal("log", signed, "act", signed[:end], signed[end:]))
            if {*said} <= {*" ".join(SAY[kind] for kind in MAY[role]).split()}:
                self.forgotten |= {(writer, number): id_ for writer, number, id_ in said.get("forget", ())}
                back = said.get("recall", ())
                self.forgotten = {one: id_ for one, id_ in self.forgotten.items() if [*one, id_] not in back}
                self.held = (self.held | {*said.get("hold", ())}) - {*said.get("release", ())}
                self.moves += [[self.ids(names) for names in pair] for pair in said.get("moved", ())]

    def open(self, data: bytes, kind: bytes, public: bytes | None = None) -> bytes:  # section 3; without its signature
        assert data[:6] + data[8:24] == b"SBK\1" + kind + bytes([self.suite]) + self.repository, "another object"
        return crypto_sign_open(data[-64:] + data[:-64], public) if public else data

    def unseal(self, part: str, epoch: int | bytes, use: str, context: bytes, data: bytes) -> bytes:
        epoch = epoch if isinstance(epoch, int) else int.from_bytes(epoch[6:8], "little")
        return unseal(self.suite, self.key[f"{part} {epoch}"], use, context, data)

    def rows(self, kind: bytes, folder: str) -> list[tuple[bytes, int, int, bytes, Path]]:
        found = []  # what keys signed that may, before they were revoked
        for path in (self.folder / folder).glob("*/*"):
            author, number = bytes.fromhex(path.parent.name), int(path.name, 16)
            role, public = self.keys.get(author, (None, b""))
            if role in ((1,) if kind == b"S" else MAY) and number <= self.revoked.get(author, number):
                signed = self.open(path.read_bytes(), kind, public)
                assert signed[24:48] == author + pack("<Q", number), "under another's name"
                found.append((author, number, role, signed, path))
        return sorted(found, key=lambda row: (row[-1].stat().st_mtime_ns, row[-1]))  # as received

    def snapshots(self) -> list[dict]:  # section 9
        found, due = {}, {}
        for writer, number, _, signed, path in sorted(self.rows(b"S", "snapshots")):
            after, previous = due.get(writer, (1, bytes(32)))
            gone = {(writer, missing) for missing in range(after, number)}
            assert gone <= {*self.forgotten}, "a snapshot is missing"
            assert gone or signed[48:80] == previous, "the chain is broken"
            due[writer] = number + 1, (id_ := blake3(path.read_bytes()).digest())
            if self.forgotten.get((writer, number)) != id_ or id_ in self.held:
                body = unpackb(self.unseal("log", signed, "snapshot", signed[:80], signed[80:]))
                found[path.stat().st_mtime_ns, path] = body | {"id": id_, "writer": writer}
        return [found[when] for when in sorted(found)]

    def load(self, snapshot: dict) -> None:  # section 7
        alone = {name: blake3(snapshot["writer"], key=self.key[name]).digest() for name in SHARED}
        self.secrets, self.places, self.ciphers = alone if self.isolated else self.key, {}, {}
        names, used = snapshot["indexes"], set()
        while moved := {(at, name) for name in names for at, (old, _) in enumerate(self.moves) if name in old} - used:
            used |= moved
            names = [name for name in names if name not in {name for _, name in moved}]
            names += [new for at, _ in sorted(moved) for new in self.moves[at][1]]
        for name in dict.fromkeys([name for name in names if name not in {old for _, old in used}] or names):
            raw = self.open((self.folder / "index" / name.hex()).read_bytes(), b"I")
            assert blake3(raw).digest() == name, "an index was changed"
            body = zstd.decompress(self.unseal("meta", raw, "index", raw[:24], raw[24:]))
            for where, _, kind, entries in unpackb(body):
                path = self.folder / "packs" / where.hex()[:2] / where.hex()
                for entry in iter_unpack("<32sIIIIHBB", entries if path.exists() else b""):
                    self.places[entry[0]] = (path, kind.encode(), *entry[1:])

    def blob(self, id_: bytes, wanted: int) -> bytes:  # section 6
        path, kind, offset, stored, length, counter, number, type_, method = self.places[id_]
        with path.open("rb") as file:
            if (path, number) not in self.ciphers:
                self.open(file.read(24), kind)
                file.seek(106 + 82 * number)
                epoch, sealed = unpack("<H80s", file.read(82))
                key = self.unseal("data" if kind == b"D" else "meta", epoch, "blob key", self.repository + kind, sealed)
                self.ciphers[path, number] = key
            file.seek(offset)
            data = file.read(stored)
        aad = self.repository + pack("<BBI", type_, method, length) + id_
        content = decrypt(self.suite, self.ciphers[path, number], pack("<4xQ", counter), data, aad)
        content = zstd.decompress(content) if method else content
        named = blake3(content, key=self.secrets["id data" if wanted == 1 else "id meta"]).digest()
        assert (type_, kind, len(content), named) == (wanted, b"DTT"[wanted - 1 : wanted], length, id_), "damage"
        return content

    def ids(self, ids: bytes, depth: int = 0) -> list[bytes]:
        direct = [ids[at : at + 32] for at in range(0, len(ids), 32)]
        return [one for id_ in direct for one in self.ids(self.blob(id_, 3), depth - 1)] if depth else direct

    def restore(self, ids: bytes, depth: int, target: Path, links: dict[int, Path]) -> None:  # section 8
        target.mkdir()
        last = b""
        for node in (node for tree in self.ids(ids, depth) for node in unpackb(self.blob(tree, 2))):
            name, kind, path = node["n"], node["t"], target / os.fsdecode(node["n"])
            assert last < name not in (b".", b"..") and not {*b"/\0"} & {*name}, "a hostile name"  # noqa: PT018
            last = name
            if links.setdefault(node.get("i", -1 - len(links)), path) != path:
                os.link(links[node["i"]], path, follow_symlinks=False)
                continue
            if kind == "d":
                self.restore(node["c"], node.get("p", 0), path, links)
            elif kind == "l":
                path.symlink_to(os.fsdecode(node["l"]))
            elif kind == "f":
                path.write_bytes(self.content(node))
            elif kind in SPECIAL:
                os.mknod(path, SPECIAL[kind] | 0o600, os.makedev(*node.get("r", (0, 0))))
            else:
                print(f"{path}: of a kind that version 1 doesn't know")
                continue
            if os.geteuid() == 0 and "u" in node:
                os.chown(path, node["u"], node["g"], follow_symlinks=False)
            for attribute, value in node.get("x", ()):
                os.setxattr(path, attribute, value, follow_symlinks=False)
            if kind != "l":
                path.chmod(node["m"])
            os.utime(path, ns=(node.get("at", node["mt"]), node["mt"]), follow_symlinks=False)

    def content(self, node: dict) -> bytes:
        pieces = [self.blob(id_, 1) for id_ in self.ids(node["c"], node.get("p", 0))]
        dense, content = b"".join(pieces), bytearray(node["s"])
        assert len(pieces) < 2 or blake3(dense).digest() == node["h"], "not the file saved"
        for offset, length in node.get("e", [[0, node["s"]]]):
            content[offset : offset + length], dense = dense[:length], dense[length:]
        assert (len(content), dense) == (node["s"], b""), "not as long as the file saved"
        return bytes(content)


if __name__ == "__main__":
    reader = Reader(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
    reader.load(latest := reader.snapshots()[-1])
    reader.restore(latest["root"], latest.get("p", 0), Path(sys.argv[3]), {})
