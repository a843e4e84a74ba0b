"""Clinicians of the demo's study who have signed in: whom the load tests send. Run inside an instance."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from core.access.demo import World
from core.access.models import Membership, Role
from core.accounts.models import User


@dataclass(frozen=True)
class SignedIn:
    user: User
    cookie: str
    """What his browser sends: the session and the token against forgery."""
    token: str


def signed_in(world: World, count: int) -> list[SignedIn]:
    clinician = Role.objects.get(organisation=None, key="clinician")
    found = []
    for number in range(count):
        user, new = User.objects.get_or_create(
            email=f"load-{number}@demo.example", defaults={"full_name": f"Charge {number}"}
        )
        if new:
            secret = {"secret": encrypt(generate_totp_secret())}
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=secret)
            Membership.objects.create(user=user, project=world.project).roles.add(clinician)
        client = Client()
        client.force_login(user)
        request = RequestFactory().get("/")
        request.user, request.session = user, client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()
        token = get_token(request)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={request.META['CSRF_COOKIE']}"
        found.append(SignedIn(user, cookie, token))
    return found
