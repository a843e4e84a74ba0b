"""Identity providers, as administrators of the instance keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.access.people import NotAdministrator
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Invalid
from core.identity import providers
from core.identity.models import IdentityProvider
from tests.core.identity.conftest import PASSWORD
from tests.core.identity.peer import running

FORM = {
    "name": "CHU",
    "discovery_url": "https://keycloak.chu.example/realms/chu",
    "client_id": "suite",
    "secret": "s3cret",
    "scopes": "openid email",
}


@pytest.fixture
def admin(world: World) -> Client:
    """The administrator's browser, in which she has just said who she is."""
    user = world.user["administrator"]
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.fixture
def provider(admin: Client) -> IdentityProvider:
    assert admin.post(reverse("identity:add_provider", args=["oidc"]), FORM).status_code == 302
    return IdentityProvider.objects.get()


def test_a_provider_is_added_and_offered(admin: Client, provider: IdentityProvider) -> None:
    """A realm's address is enough; its secret is sealed; the sign-in page has a button for it."""
    assert provider.discovery_url == "https://keycloak.chu.example/realms/chu/.well-known/openid-configuration"
    assert provider.secret == "s3cret"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_identityprovider p WHERE p::text LIKE '%s3cret%'")
        assert cursor.fetchone() == (0,)
    assert "s3cret" not in admin.get(reverse("identity:edit_provider", args=[provider.pk])).text
    assert reverse("identity:begin", args=["chu", "sign_in"]) in Client().get(reverse("account_login")).text
    event = Event.objects.get(action="identity.provider_added")
    assert "s3cret" not in str(event.details)


def test_a_change_keeps_the_secret(admin: Client, provider: IdentityProvider) -> None:
    """The field is empty when the page is shown; left so, the secret stays; each change is in the journal."""
    admin.post(reverse("identity:edit_provider", args=[provider.pk]), {**FORM, "secret": "", "acr_required": "a b"})
    changed = IdentityProvider.objects.get()
    assert (changed.secret, changed.acr_required) == ("s3cret", ["a", "b"])
    assert Event.objects.get(action="identity.provider_changed").details["fields"] == ["acr_required"]


@pytest.mark.parametrize(
    "change",
    [
        {"discovery_url": ""},
        {"discovery_url": "javascript:alert(1)"},
        {"scopes": "email"},
        {"client_id": ""},
        {"name": ""},
        {"name": "!"},
    ],
)
def test_what_can_not_work_is_refused_in_words(admin: Client, change: dict[str, str]) -> None:
    """Nothing is saved, and the page says what is wrong."""
    answer = admin.post(reverse("identity:add_provider", args=["oidc"]), {**FORM, **change})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not IdentityProvider.objects.exists()


def test_a_name_is_taken_once(admin: Client, provider: IdentityProvider) -> None:
    """Two providers don't look alike on the sign-in page."""
    assert admin.post(reverse("identity:add_provider", args=["oidc"]), {**FORM, "name": "chu"}).status_code == 422


def test_pro_sante_connect_is_filled_in(admin: Client) -> None:
    """Its addresses, scope and level are known; one adds the identifier and the secret."""
    page = admin.get(reverse("identity:add_provider", args=["psc"]))
    shown = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    values = {name: value for name, value in shown.items() if value not in (None, False, "")}
    assert admin.post(reverse("identity:add_provider", args=["psc"]), {**values, "client_id": "x"}).status_code == 302
    made = IdentityProvider.objects.get()
    assert (made.kind, made.acr_required, made.is_strong) == ("psc", ["eidas1"], True)
    assert made.authorize_url.startswith("https://wallet.")
    assert made.token_url.startswith("https://auth.")


def test_the_connection_is_tested(admin: Client, provider: IdentityProvider, settings: Any) -> None:
    """A provider that answers says so; one in a private network that the operator has not named is not called."""
    with running() as peer:
        IdentityProvider.objects.update(discovery_url=f"{peer.issuer}/.well-known/openid-configuration")
        address = reverse("identity:check_provider", args=[provider.pk])
        assert "OUTGOING_HOSTS" in admin.post(address, follow=True).text
        assert peer.asked == []
        settings.OUTGOING_HOSTS = ["127.0.0.1"]
        assert "OUTGOING_HOSTS" not in admin.post(address, follow=True).text
        assert len(peer.asked) == 2


def test_a_foreign_issuer_is_noticed(admin: Client, provider: IdentityProvider, settings: Any) -> None:
    """A configuration that speaks for somebody else is not taken."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    with running() as peer:
        address = f"{peer.issuer}/.well-known/openid-configuration"
        IdentityProvider.objects.update(discovery_url=address)
        peer.issuer = "https://elsewhere.example"
        assert providers.check(User.objects.get(is_administrator=True), IdentityProvider.objects.get())


def test_nobody_else_gets_there(client_of: Callable[[str], Client], world: World, provider: IdentityProvider) -> None:
    """The pages aren't there for others, and the services refuse."""
    assert client_of("owner").get(reverse("identity:providers")).status_code == 404
    with pytest.raises(NotAdministrator):
        providers.save(world.user["owner"], None, {"name": "x"})
    with pytest.raises(NotAdministrator):
        providers.enable(world.user["owner"], provider, enabled=False)
    with pytest.raises(Invalid):
        providers.save(world.user["administrator"], provider, {"scopes": "email"})


def test_taking_out_of_use(admin: Client, provider: IdentityProvider) -> None:
    """It is offered no longer, and can be put in use again."""
    address = reverse("identity:enable_provider", args=[provider.pk])
    admin.post(address, {"enabled": "0"})
    assert "identity/chu/begin" not in Client().get(reverse("account_login")).text
    admin.post(address, {"enabled": "1"})
    assert IdentityProvider.objects.get().is_enabled
