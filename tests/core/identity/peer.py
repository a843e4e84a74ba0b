"""An identity provider to try against: addresses as Keycloak has them, and every way of lying that a test asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

REALM = "/realms/chu"


@cache
def key() -> rsa.RSAPrivateKey:
    """The same for all tests: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Peer:
    """`claims` go into every id_token and into userinfo; `lies` over them into the id_token alone."""

    client_id, secret = "suite", "s3cret-of-the-suite"

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}{REALM}"
        self.key = key()
        self.claims: dict[str, Any] = {"sub": "f81d4fae", "email": "nolwenn@chu.example", "name": "Nolwenn Kerbrat"}
        self.lies: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    @property
    def public(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, form)

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def sign_in(self, url: str) -> dict[str, str]:
        """Somebody signs in on the provider's page: what his browser brings back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def payload(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        made = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "auth_time": now,
        }
        return {**made, **self.claims, **self.lies}

    def token(self, payload: dict[str, Any]) -> str:
        return jwt.encode(payload, self.key, "RS256", {"kid": "one"})

    def answer(self, path: str, form: dict[str, str], bearer: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path == f"{REALM}/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token"}
            names |= {"userinfo_endpoint": "userinfo", "jwks_uri": "certs"}
            base = f"{self.issuer}/protocol/openid-connect"
            methods = {"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]}
            return 200, {"issuer": self.issuer, **methods} | {key: f"{base}/{name}" for key, name in names.items()}
        match path.rpartition("/")[2]:
            case "certs":
                return 200, self.jwks()
            case "userinfo" if bearer == "Bearer access":
                return 200, {**self.claims, **self.userinfo}
            case "token":
                asked = self.codes.pop(form.get("code", ""), None)
                challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                right = asked is not None and (form.get("client_id"), form.get("client_secret")) == (
                    self.client_id,
                    self.secret,
                )
                if (
                    asked is None
                    or not right
                    or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
                ):
                    return 400, {"error": "invalid_grant"}
                return 200, {
                    "access_token": "access",
                    "token_type": "Bearer",
                    "id_token": self.token(self.payload(asked["nonce"])),
                }
        return 404, {}


@contextmanager
def running() -> Iterator[Peer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, body = peer.answer(urlsplit(self.path).path, form, self.headers.get("Authorization", ""))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815  (http.server names it)

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer = Peer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
