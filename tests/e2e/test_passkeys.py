"""A passkey in a real browser, whose device is played by the browser's own virtual authenticator."""

from __future__ import annotations

import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def grow_stale() -> None:
    """Let everybody have said who he is a day ago."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        for said in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
            said["at"] = time.time() - 86400
        session.modified = True
        session.save()


def test_a_passkey_is_added_and_signs_in(site: Site) -> None:
    """Added on the account page, it confirms a sensitive act in a dialog, and signs in without a password."""
    page = site.open("/accounts/2fa/webauthn/add/", "owner")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.get_by_label("Nom").fill("Clé du badge")
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_text("codes")).not_to_have_count(0)
    page.goto(site.address + "/accounts/2fa/")
    expect(page.get_by_text("Clé du badge").first).to_be_visible()
    assert_accessible(page)
    photograph(page, "passkeys")

    # an act that is asked for as a fragment: the dialog asks, then the act is done where it was asked for
    apart(grow_stale)
    apart(lambda: Authenticator.objects.exclude(type="webauthn").delete())
    page.evaluate("htmx.ajax('GET', '/accounts/2fa/webauthn/add/', {target: '#content', select: 'h1'})")
    dialog = page.locator("#session-dialog[open]")  # the page of the answer brings another, which is shut
    expect(dialog.get_by_role("button", name="Utiliser une clé d’accès")).to_be_visible()
    assert_accessible(page)
    photograph(page, "confirm")
    dialog.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#content h1")).to_have_text("Ajouter une clé d’accès")

    page.context.clear_cookies()
    page.goto(site.address + "/accounts/login/")
    assert_accessible(page)
    photograph(page, "sign-in")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.wait_for_url(site.address + "/")
    expect(page.locator('meta[name="user"]')).to_have_attribute("content", str(site.world.user["owner"].pk))
