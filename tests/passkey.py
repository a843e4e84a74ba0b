"""A passkey in software: what a phone answers to `navigator.credentials`, true or tampered with."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Passkey:
    def __init__(self, origin: str = "http://localhost:8000") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.owner = b""

    def create(self, options: Any, *, verified: bool = True, kept: bool = True) -> str:
        """The answer to `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.owner = websafe_decode(asked["user"]["id"])
        cose = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        data = self._data(asked["rp"]["id"], verified, attested=True)
        data += bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        response = {
            "clientDataJSON": self._client("webauthn.create", asked["challenge"]),
            "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._answer(response, {"credProps": {"rk": kept}})

    def get(self, options: Any, *, verified: bool = True, owner: bytes | None = None) -> str:
        """The answer to `navigator.credentials.get`."""
        asked = options["publicKey"]
        data = self._data(asked["rpId"], verified)
        client = self._client("webauthn.get", asked["challenge"])
        signed = data + hashlib.sha256(websafe_decode(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": websafe_encode(self.owner if owner is None else owner),
        }
        return self._answer(response, {})

    def _data(self, rp: str, verified: bool, attested: bool = False) -> bytes:
        flags = PRESENT | (VERIFIED if verified else 0) | (ATTESTED if attested else 0)
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, 0)

    def _client(self, kind: str, challenge: str) -> str:
        return websafe_encode(json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode())

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps({**answer, "clientExtensionResults": extensions})
