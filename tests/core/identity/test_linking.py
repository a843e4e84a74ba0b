"""Identities are linked by their people, for the issuer of then; accounts are made of them where that is set."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse

from core.access import services as access
from core.access.demo import World
from core.access.models import Role
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Conflict
from core.identity import factors, identities, providers
from core.identity.models import IdentityProvider, LinkedIdentity
from tests.core.access.conftest import LONG
from tests.core.identity.browser import go
from tests.core.identity.peer import Peer
from tests.core.identity.test_oidc import who


def test_one_identity_is_one_person(linked: User, peer: Peer, world: World) -> None:
    """Somebody else can't link it too, nor the same person a second one; he who began must be who comes back."""
    owner, client = world.user["owner"], Client()
    with pytest.raises(identities.NotTaken):
        identities.link(owner, IdentityProvider.objects.get(), identities.Answer("f81d4fae", {"iss": peer.issuer}, {}))
    with pytest.raises(identities.NotTaken):
        identities.link(linked, IdentityProvider.objects.get(), identities.Answer("another", {"iss": peer.issuer}, {}))
    client.force_login(owner)
    assert client.post(reverse("identity:begin", args=["chu", "link"])).status_code == 302  # asked who he is first
    assert LinkedIdentity.objects.count() == 1


def moved(peer: Peer, provider: IdentityProvider, administrator: User) -> None:
    """The provider's row leads to another issuer, where the same subject may be anybody."""
    peer.issuer = peer.issuer.replace("127.0.0.1", "localhost")
    address = {"discovery_url": f"{peer.issuer}/.well-known/openid-configuration"}
    providers.save(administrator, provider, address)


def test_a_link_counts_only_for_the_issuer_that_it_was_made_with(
    linked: User, peer: Peer, provider: IdentityProvider, world: World, settings: Any
) -> None:
    """Whoever points a provider at a server of his own comes in as nobody, though it says the same subject."""
    settings.OUTGOING_HOSTS = ["127.0.0.1", "localhost"]
    administrator, mine, client = world.user["administrator"], Client(), Client()
    go(mine, peer)
    moved(peer, provider, administrator)
    IdentityProvider.objects.update(creates_accounts=True)
    answer = go(client, peer)
    assert (answer.status_code, who(client)) == (403, None)
    assert "Connexions" in answer.text
    assert go(mine, peer, "confirm").status_code == 403
    identities.signed_out_there(provider, peer.issuer, "f81d4fae")
    assert User.objects.get(pk=linked.pk).session_epoch == linked.session_epoch
    [secret] = invited(world)
    go(client, peer, "invitation", invitation=secret)
    assert who(client) != str(linked.pk)


def test_a_person_links_again_after_his_provider_has_moved(
    linked: User, client: Client, peer: Peer, provider: IdentityProvider, world: World, settings: Any
) -> None:
    """Until then that link is no way in; the account page says so, and linking replaces it."""
    settings.OUTGOING_HOSTS = ["127.0.0.1", "localhost"]
    moved(peer, provider, world.user["administrator"])
    assert factors.ways_in(linked) == 1
    page = client.get(reverse("identity:connections")).text
    assert "À relier" in page
    assert reverse("identity:begin", args=["chu", "link"]) in page
    assert go(client, peer, "link").status_code == 302
    browser = Client()
    go(browser, peer)
    assert (who(browser), factors.ways_in(linked)) == (str(linked.pk), 2)
    assert LinkedIdentity.objects.get().user == linked


def test_the_last_way_in_stays(linked: User, client: Client) -> None:
    """An identity is unlinked on the account page, unless nothing else signs one in."""
    identity = LinkedIdentity.objects.get()
    linked.set_unusable_password()
    linked.save()
    with pytest.raises(Conflict):
        identities.unlink(linked, identity)
    linked.set_password("une phrase longue pour essayer")
    linked.save()
    identities.unlink(linked, identity)
    assert not LinkedIdentity.objects.exists()
    assert Event.objects.filter(action="identity.unlinked").exists()


def invited(world: World) -> list[str]:
    """The secret of the link in the mail to somebody new."""
    roles = Role.objects.filter(key="clinician", organisation=None)
    with TestCase.captureOnCommitCallbacks(execute=True):
        access.invite(world.user["owner"], world.project, "nouvelle@chu.example", roles)
    return re.findall(r"/invitations/([^/]+)/", mail.outbox[-1].body)


def test_an_invitation_is_accepted_with_an_identity(provider: IdentityProvider, peer: Peer, world: World) -> None:
    """The account is made for the invited address, is linked, has no password and is a member; the link works once."""
    [secret] = invited(world)
    client = Client()
    assert "CHU" in client.get(reverse("access:accept", args=[secret])).text
    answer = go(client, peer, "invitation", invitation=secret)
    user = User.objects.get(email="nouvelle@chu.example")
    assert (answer.status_code, who(client)) == (302, str(user.pk))
    assert (user.has_usable_password(), user.identities.count(), user.memberships.count()) == (False, 1, 1)
    peer.claims["sub"] = "somebody-else"
    assert go(Client(), peer, "invitation", invitation=secret).status_code == 409


def test_an_account_is_made_only_where_that_is_set(provider: IdentityProvider, peer: Peer) -> None:
    """With a verified address that nobody has here; it opens no project."""
    IdentityProvider.objects.update(creates_accounts=True)
    assert go(Client(), peer).status_code == 403  # the address is not verified
    peer.claims["email_verified"] = True
    client = Client()
    assert go(client, peer).status_code == 302
    user = User.objects.get(email="nolwenn@chu.example")
    assert (who(client), user.memberships.count()) == (str(user.pk), 0)


def test_what_a_provider_says_is_no_longer_than_what_is_kept(provider: IdentityProvider, peer: Peer) -> None:
    """An address that no account can have makes none; one that is longer than a name names its owner in part."""
    IdentityProvider.objects.update(creates_accounts=True)
    peer.claims |= {"email": LONG, "email_verified": True, "name": "", "given_name": "", "family_name": ""}
    assert go(Client(), peer).status_code == 403
    peer.claims["email"] = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"
    assert go(Client(), peer).status_code == 302
    assert len(User.objects.get(email=peer.claims["email"]).full_name) == 150
