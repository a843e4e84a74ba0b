"""Services registered with the portal, and what they do over its endpoints."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from core.access.demo import World
from core.provider import keys, services
from core.provider.models import Service
from core.provider.scopes import SENSITIVE
from core.provider.services import Wanted

BACK = "https://wiki.example/back"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch, made_keys: list[rsa.RSAPrivateKey]) -> None:
    """Keys are made once for all tests: it takes long."""
    following = itertools.cycle(made_keys)
    monkeypatch.setattr(keys.rsa, "generate_private_key", lambda **_options: next(following))


@pytest.fixture(scope="session")
def made_keys() -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _each in range(4)]


def registered(world: World, **more: Any) -> tuple[Service, str]:
    """A service by an administrator's hand."""
    wanted = {"name": "Wiki", "redirect_uris": [BACK], "scopes": ["openid", "profile", "email"]} | more
    return services.register(world.user["administrator"], Wanted(**wanted))


@dataclass
class Relying:
    """A service as it speaks to us: its browser, and its own calls."""

    service: Service
    secret: str
    browser: Client
    verifier: str = ""

    def ask(self, **more: str | None) -> Any:
        """Send the person to sign in."""
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.service.client_id,
            "redirect_uri": BACK,
            "scope": "openid profile email",
            "state": "some-state",
            "nonce": "some-nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in (asked | more).items() if value is not None}
        return self.browser.get("/oauth/authorize?" + urlencode(given))

    def code(self, **more: str | None) -> str:
        """A code, as it comes back through the browser; the person allows what he is asked."""
        page = self.ask(**more)
        if page.status_code == 200:
            page = self.browser.post("/oauth/consent", {"asked": page.context["asked"], "answer": "allow"})
        return told(page)["code"]

    def post(self, address: str, data: dict[str, Any], **heads: str) -> Any:
        if self.secret:
            pair = base64.b64encode(f"{self.service.client_id}:{self.secret}".encode()).decode()
            heads.setdefault("HTTP_AUTHORIZATION", f"Basic {pair}")
        else:
            data = {"client_id": self.service.client_id} | data
        return Client().post(address, data, **heads)  # type: ignore[arg-type]

    def redeem(self, code: str, **more: str) -> Any:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        return self.post("/oauth/token", data | more)

    def tokens(self, **more: str | None) -> dict[str, Any]:
        answer = self.redeem(self.code(**more))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def refresh(self, token: str, **more: str) -> Any:
        return self.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": token} | more)


def told(response: Any) -> dict[str, str]:
    """The parameters that a redirect gives to the service."""
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(BACK + "?"), response["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def userinfo(token: str) -> Any:
    return Client().get("/oauth/userinfo", HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture
def rely(world: World, client_of: Callable[[str], Client]) -> Callable[..., Relying]:
    """A service of the house, that a person opens in his browser; he is asked where it opens data."""

    def rely(who: str = "owner", **more: Any) -> Relying:
        of_the_house = not SENSITIVE & set(more.get("scopes", ()))
        service, secret = registered(world, **({"skip_consent": of_the_house} | more))
        return Relying(service, secret, client_of(who))

    return rely
