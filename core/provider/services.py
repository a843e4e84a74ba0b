"""Register the services that sign people in here, change them, and shut them out: administrators of the instance."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access.people import require_administrator
from core.errors import Fault, Invalid
from core.provider import connections, devices
from core.provider.models import Connection, Consent, Service
from core.provider.scopes import SENSITIVE, WORDS, in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.access.models import Organisation, Project
    from core.accounts.models import User

PERMISSION = "provider.manage_clients"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST, LONGEST = 20, 500


@dataclass(frozen=True)
class Wanted:
    """A service as an administrator describes it."""

    name: str
    description: str = ""
    public: bool = False
    redirect_uris: Sequence[str] = ()
    post_logout_uris: Sequence[str] = ()
    scopes: Collection[str] = ("openid",)
    refreshes: bool = True
    by_code: bool = False
    """For command lines: signs in by a code that one types in a browser."""
    skip_consent: bool = False
    audience: str = Service.Audience.EVERYBODY
    organisations: Collection[Organisation] = field(default_factory=tuple)
    projects: Collection[Project] = field(default_factory=tuple)
    logout_address: str = ""


@transaction.atomic
def register(actor: User, wanted: Wanted) -> tuple[Service, str]:
    """A new service, and its secret, which can't be shown again; empty for a public one. Raises Invalid."""
    require_administrator(actor, PERMISSION)
    refuse(wanted)
    secret = "" if wanted.public else secrets.token_urlsafe(32)
    client = Client(secret="", owner=None)
    _write(client, wanted)
    service = Service(client=client, registered_by=actor, secret_hash=connections.fingerprint(secret) if secret else "")
    _write_service(service, wanted)
    audit.record(actor, "provider.client_registered", service, service=client.name, scopes=client.get_scopes())
    return service, secret


@transaction.atomic
def change(actor: User, service: Service, wanted: Wanted) -> None:
    """Describe a service anew. Whoever may no longer sign in to it is out at once; its kind stays. Raises Invalid."""
    require_administrator(actor, PERMISSION)
    service = Service.objects.select_for_update(of=("self",)).select_related("client").get(pk=service.pk)
    refuse(wanted)
    if wanted.public != service.is_public:
        raise Invalid([Fault("kind", "fixed", _("The kind of a service stays. Register another one."))])
    before, places = set(service.client.get_scopes()), set(service.client.get_redirect_uris())
    _write(service.client, wanted)
    _write_service(service, wanted)
    if before - set(wanted.scopes):  # what it was allowed before is more than it may have now
        connections.end_those(Connection.objects.filter(client=service.client))
    connections.end_of_others(service)
    if set(wanted.redirect_uris) - places:  # who let it open his data let it do so from where it was then
        Consent.objects.filter(client=service.client, scopes__overlap=sorted(SENSITIVE)).delete()
    audit.record(
        actor, "provider.client_changed", service, service=service.client.name, scopes=service.client.get_scopes()
    )


@transaction.atomic
def renew_secret(actor: User, service: Service) -> str:
    """A new secret, shown once; the old one opens nothing from now on. Raises Invalid for a public service."""
    require_administrator(actor, PERMISSION)
    if service.is_public:
        raise Invalid([Fault("", "public", _("A public service has no secret."))])
    secret = secrets.token_urlsafe(32)
    Service.objects.filter(pk=service.pk).update(secret_hash=connections.fingerprint(secret))
    audit.record(actor, "provider.secret_renewed", service, service=service.client.name)
    return secret


@transaction.atomic
def disable(actor: User, service: Service) -> None:
    """Nobody signs in to it any more, and all that it had ends now."""
    require_administrator(actor, PERMISSION)
    if not Service.objects.filter(pk=service.pk, disabled_at=None).update(disabled_at=timezone.now()):
        return
    ended = connections.end_those(Connection.objects.filter(client=service.client))
    audit.record(actor, "provider.client_disabled", service, service=service.client.name, connections=ended)


@transaction.atomic
def enable(actor: User, service: Service) -> None:
    """People may sign in to it again, each anew."""
    require_administrator(actor, PERMISSION)
    if Service.objects.filter(pk=service.pk, disabled_at__isnull=False).update(disabled_at=None):
        audit.record(actor, "provider.client_enabled", service, service=service.client.name)


def described(service: Service) -> Wanted:
    """A service as an administrator has described it."""
    client = service.client
    grants = client.get_grant_types()
    return Wanted(
        name=client.name,
        description=service.description,
        public=service.is_public,
        redirect_uris=client.get_redirect_uris(),
        post_logout_uris=client.get_post_logout_redirect_uris(),
        scopes=client.get_scopes(),
        refreshes=Client.GrantType.REFRESH_TOKEN.value in grants,
        by_code=devices.GRANT in grants,
        skip_consent=client.skip_consent,
        audience=service.audience,
        organisations=list(service.organisations.all()),
        projects=list(service.projects.all()),
        logout_address=service.logout_address,
    )


def _write(client: Client, wanted: Wanted) -> None:
    kinds = Client.GrantType
    client.name = wanted.name.strip()
    client.type = Client.Type.PUBLIC if wanted.public else Client.Type.CONFIDENTIAL
    client.skip_consent = wanted.skip_consent
    client.allow_uri_wildcards = False
    client.set_scopes(in_order(wanted.scopes))
    client.set_default_scopes(["openid"] if "openid" in wanted.scopes else in_order(wanted.scopes))
    client.set_response_types(["code"])
    client.set_redirect_uris(list(wanted.redirect_uris))
    client.set_post_logout_redirect_uris(list(wanted.post_logout_uris))
    grants = [kinds.AUTHORIZATION_CODE.value] if wanted.redirect_uris else []
    grants += [devices.GRANT] if wanted.by_code else []
    grants += [kinds.REFRESH_TOKEN.value] if wanted.refreshes else []
    client.set_grant_types(grants)
    client.save()


def _write_service(service: Service, wanted: Wanted) -> None:
    service.description = wanted.description.strip()
    service.audience = wanted.audience
    service.logout_address = wanted.logout_address
    service.save()
    audiences = Service.Audience
    service.organisations.set(wanted.organisations if wanted.audience == audiences.ORGANISATIONS else ())
    service.projects.set(wanted.projects if wanted.audience == audiences.PROJECTS else ())


def refuse(wanted: Wanted) -> None:
    """Raises Invalid with all that is wrong in a description."""
    faults = []
    if not wanted.name.strip() or len(wanted.name) > 100:
        faults.append(Fault("name", "required", _("Give the service a name of at most 100 characters.")))
    if not wanted.scopes or set(wanted.scopes) - WORDS.keys():
        faults.append(Fault("scopes", "required", _("Choose what it may be told.")))
    if not wanted.redirect_uris and not wanted.by_code:
        faults.append(Fault("redirect_uris", "required", _("Say where people go back to after signing in.")))
    if wanted.skip_consent and SENSITIVE & set(wanted.scopes):
        message = _("Nobody opens data in a person’s name unasked: leave this out, or the scopes of the API.")
        faults.append(Fault("skip_consent", "sensitive", message))
    if wanted.audience not in Service.Audience.values:
        faults.append(Fault("audience", "required", _("Say who may sign in.")))
    if wanted.audience == Service.Audience.ORGANISATIONS and not wanted.organisations:
        faults.append(Fault("organisations", "required", _("Choose at least one organisation.")))
    if wanted.audience == Service.Audience.PROJECTS and not wanted.projects:
        faults.append(Fault("projects", "required", _("Choose at least one project.")))
    for place in ("redirect_uris", "post_logout_uris"):
        faults += _address_faults(place, getattr(wanted, place))
    if wanted.logout_address:
        faults += _address_faults("logout_address", [wanted.logout_address])
    if faults:
        raise Invalid(faults)


def _address_faults(place: str, addresses: Sequence[str]) -> list[Fault]:
    faults = []
    if len(addresses) > MOST or len(set(addresses)) != len(addresses):
        message = _("At most %(most)d addresses, each once.") % {"most": MOST}
        faults.append(Fault(place, "too-many", message))
    for address in addresses[:MOST]:
        if not is_good_address(address):
            message = _("%(address)s isn’t a whole https address without a fragment; http is for localhost alone.")
            faults.append(Fault(place, "bad-address", message % {"address": address[:100]}))
    return faults


def is_good_address(address: str) -> bool:
    """Whether browsers may be sent there: https, or http on the person's own machine, and plain to compare."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(" *\\\"'<>{}|^`")
    return bool(
        plain
        and len(address) <= LONGEST
        and host
        and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
        and "@" not in parts.netloc
        and "#" not in address
        and "/../" not in f"{parts.path}/"
    )
