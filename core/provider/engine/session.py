"""The device flow (RFC 8628) from the program's side, and its tokens afterwards."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.provider.engine import keeping, wire
from core.provider.engine.wire import Expired, Failed, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EARLY = 30
"""Seconds before its end that a token is renewed."""
SLOWEST = 60


@dataclass
class Session:
    """A person's sign-in to one suite, kept in a file of his: `token()` is good for the next call."""

    issuer: str
    client_id: str
    path: Path
    now: Callable[[], float] = time.time
    places: dict[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether there is something to try: only a call tells whether it is still good."""
        return "refresh_token" in self._kept()

    def token(self) -> str:
        """An access token, renewed where it is nearly over. Raises Expired where the person must sign in again."""
        kept = self._kept()
        if kept.get("access_token") and kept.get("until", 0) - EARLY > self.now():
            return str(kept["access_token"])
        with self._alone():  # a refresh token is used once: of two programs, the second finds what the first got
            kept = self._kept()
            if kept.get("access_token") and kept.get("until", 0) - EARLY > self.now():
                return str(kept["access_token"])
            if not kept.get("refresh_token"):
                raise Expired("not-signed-in", "Sign in first.")
            form = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"], "client_id": self.client_id}
            try:
                told = wire.call(self._place("token_endpoint"), form)
            except Refused as error:
                if error.code == "invalid_grant":
                    keeping.write(self.path, {})
                    raise Expired("invalid_grant", "This sign-in has ended. Sign in again.") from None
                raise
            self.keep(told)
            return str(told["access_token"])

    def get(self, path: str) -> dict[str, Any]:
        """The JSON answer of one of the suite's own addresses, such as ``/api/v1/projects/``."""
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path of the suite begins with one stroke")
        return wire.call(self.issuer + path, token=self.token())

    def sign_out(self) -> None:
        """Give the sign-in back, and forget it."""
        kept = self._kept()
        keeping.write(self.path, {})
        if text := kept.get("refresh_token") or kept.get("access_token"):
            try:
                wire.call(self._place("revocation_endpoint"), {"token": text, "client_id": self.client_id})
            except Failed:
                return  # it is forgotten here, and ends there by itself

    def keep(self, told: dict[str, Any]) -> None:
        kept = {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "access_token": told["access_token"],
            "refresh_token": told.get("refresh_token") or self._kept().get("refresh_token"),
            "until": self.now() + int(told.get("expires_in", 0)),
        }
        keeping.write(self.path, kept)

    def _kept(self) -> dict[str, Any]:
        """Tokens of another suite or program are not ours to send."""
        kept = keeping.read(self.path)
        return kept if (kept.get("issuer"), kept.get("client_id")) == (self.issuer, self.client_id) else {}

    def _place(self, name: str) -> str:
        if not self.places:
            self.places = discover(self.issuer)
        return str(self.places[name])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def discover(issuer: str) -> dict[str, Any]:
    """Where a suite's endpoints are. Raises Failed where it names another suite, or endpoints outside itself."""
    told = wire.call(f"{issuer}/.well-known/openid-configuration")
    needed = ("token_endpoint", "device_authorization_endpoint", "revocation_endpoint")
    if told.get("issuer") != issuer or any(not str(told.get(name, "")).startswith(f"{issuer}/") for name in needed):
        raise Failed(f"{issuer} names itself {told.get('issuer')!r}: use that address")
    return told


def sign_in(
    base_url: str,
    client_id: str,
    *,
    scopes: str = "openid api",
    path: Path,
    show: Callable[[str, str], None],
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Session:
    """Sign a person in: `show(address, code)` tells him where to go and what to type, then this waits for him.

    Raises Refused where he said no, Expired where he took too long, Failed where the suite can't be reached.
    """
    session = Session(base_url.rstrip("/"), client_id, path, now)
    asked = {"client_id": client_id, "scope": scopes}
    begun = wire.call(session._place("device_authorization_endpoint"), asked)
    show(str(begun.get("verification_uri_complete") or begun["verification_uri"]), str(begun["user_code"]))
    wait, until = float(begun.get("interval", 5)), now() + float(begun["expires_in"])
    form = {"grant_type": GRANT, "device_code": str(begun["device_code"]), "client_id": client_id}
    while now() < until:
        sleep(wait)
        try:
            told = wire.call(session._place("token_endpoint"), form)
        except Refused as error:
            match error.code:
                case "authorization_pending":
                    continue
                case "slow_down":
                    wait = min(wait + 5, SLOWEST)
                    continue
                case "expired_token":
                    break
            raise
        except Failed:  # RFC 8628, section 3.5: a connection that fails is tried again, less often
            wait = min(wait * 2, SLOWEST)
            continue
        session.keep(told)
        return session
    raise Expired("expired_token", "Nobody typed the code in time. Begin again.")
