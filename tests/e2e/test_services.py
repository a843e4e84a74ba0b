"""A service signs somebody in through the portal: a second, real client (authlib) over HTTP, and a browser between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.core.cache import cache
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import expect
from pytest_django import Settings

from core.access.demo import World
from core.provider import engine, keys, services
from core.provider.models import Service
from core.provider.services import Wanted
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e
VERIFIER = "v" * 64
PASSWORD = "une phrase pour le service, longue"


class Wiki(HTTPServer):
    """The service: a page to come back to."""

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Wiki</title><h1>Wiki</h1>")

    def log_message(self, *args: Any) -> None:
        """Nothing of a test belongs on the terminal."""


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    with Wiki(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def registered(world: World, **more: Any) -> tuple[Service, str]:
    wanted = {"name": "Wiki", "scopes": ["openid", "profile", "email", "projects", "api:read"]} | more
    return services.register(world.user["administrator"], Wanted(**wanted))


def recovery_code(world: World) -> str:
    """A password for the owner, and one of his recovery codes: it has no time of its own."""
    owner = world.user["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    return str(RecoveryCodes.activate(owner).generate_codes()[0])


def test_person_signs_in_to_a_service(site: Site, wiki: Wiki, settings: Settings) -> None:
    """Sign-in, consent once, tokens, userinfo, a key rotation, refresh, log-out: as a library of others does them."""
    settings.PUBLIC_URL = site.address
    back, bye = f"{wiki.address}/back", f"{wiki.address}/bye"
    service, secret = apart(lambda: registered(site.world, redirect_uris=[back], post_logout_uris=[bye]))
    code = apart(lambda: recovery_code(site.world))
    client = OAuth2Session(
        service.client_id,
        secret,
        scope="openid profile email projects api:read",
        redirect_uri=back,
        code_challenge_method="S256",
    )
    told = client.get(f"{site.address}/.well-known/openid-configuration", withhold_token=True).json()

    def ask(**more: str) -> str:
        challenge = create_s256_code_challenge(VERIFIER)
        more = {"nonce": "n-1", "code_challenge": challenge, "code_challenge_method": "S256"} | more
        return str(client.create_authorization_url(told["authorization_endpoint"], **more)[0])

    def claims(id_token: str) -> dict[str, Any]:
        published = KeySet.import_key_set(client.get(told["jwks_uri"], withhold_token=True).json())
        token = jwt.decode(id_token, published, algorithms=["RS256"])
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": told["issuer"]},
            aud={"essential": True, "value": service.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": "n-1"},
        )
        rules.validate(token.claims)
        return dict(token.claims)

    page = site.open("", who="anonymous")
    page.goto(ask())
    page.fill("[name=login]", site.world.user["owner"].email)
    page.fill("[name=password]", PASSWORD)
    page.click("form .btn-primary")
    page.fill("[name=code]", code)
    page.click("form .btn-primary")
    expect(page.locator("h1")).to_contain_text("Wiki ?")
    expect(page.locator(".told").first).to_contain_text("adresse électronique")
    page.click("[value=allow]")
    page.wait_for_url(f"{back}?*")
    tokens = client.fetch_token(told["token_endpoint"], authorization_response=page.url, code_verifier=VERIFIER)
    first = claims(tokens["id_token"])
    assert first["email"] == site.world.user["owner"].email
    assert first["acr"] == "2"
    assert client.get(told["userinfo_endpoint"]).json()["projects"][0]["slug"] == site.world.project.slug
    assert len(client.get(f"{site.address}/api/v1/projects/").json()["results"]) == 1

    apart(keys.rotate)
    assert claims(tokens["id_token"]) == first
    renewed = client.refresh_token(told["token_endpoint"])
    assert client.get(told["userinfo_endpoint"]).json()["sub"] == first["sub"]
    assert renewed["refresh_token"] != tokens["refresh_token"]

    page.goto(ask())  # neither signed in nor asked again
    page.wait_for_url(f"{back}?*")
    tokens = client.fetch_token(told["token_endpoint"], authorization_response=page.url, code_verifier=VERIFIER)
    claims(tokens["id_token"])
    page.goto(f"{told['end_session_endpoint']}?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={bye}")
    page.wait_for_url(bye)
    assert client.get(told["userinfo_endpoint"]).status_code == 401
    page.goto(f"{site.address}/accounts/services/")
    expect(page.locator("[name=password]")).to_be_visible()


def test_command_line_signs_in_over_http(site: Site, settings: Settings, tmp_path: Path) -> None:
    """The command line shows an address, a person lets it in there, and it reads his projects over REST."""
    settings.PUBLIC_URL = site.address
    apart(cache.clear)
    program, _none = apart(
        lambda: registered(site.world, name="Sauvegarde", public=True, by_code=True, scopes=["openid", "api"])
    )
    shown: list[str] = []

    def let_in(_seconds: float) -> None:
        page = site.open(shown[0].removeprefix(site.address))
        expect(page.locator("h1")).to_contain_text("Sauvegarde")
        expect(page.locator("dd.mono").first).to_have_text(shown[1])
        page.click("[value=allow]")
        expect(page.locator("h1")).to_contain_text("Services connectés")

    session = engine.sign_in(
        site.address,
        program.client_id,
        path=tmp_path / "session.json",
        show=lambda *words: shown.extend(words),
        sleep=let_in,
    )
    projects = session.get("/api/v1/projects/")["results"]
    assert [project["slug"] for project in projects] == [site.world.project.slug]
    session.sign_out()
