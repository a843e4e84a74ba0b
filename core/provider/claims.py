"""What a service is told of a person, by the scopes he allowed: never more than its own projects where it has some."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress

from core.access.models import Membership
from core.provider import rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from core.accounts.models import User
    from core.provider.models import Connection, Service


def of(user: User, service: Service, scopes: Collection[str]) -> dict[str, Any]:
    """The claims about a person, for the id_token and the userinfo endpoint alike."""
    told: dict[str, Any] = {"sub": user.pk.hex}
    if "profile" in scopes:
        told |= {"name": user.full_name or user.email, "locale": user.language}
    if "email" in scopes:
        verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
        told |= {"email": user.email, "email_verified": verified}
    if {"groups", "organisations", "projects"} & set(scopes):
        rows = rules.counting(user, service).select_related("project", "organisation").prefetch_related("roles")
        organisations, projects = _by_place(rows)
        if "organisations" in scopes:
            told["organisations"] = [{"slug": slug, "roles": sorted(roles)} for slug, roles in organisations.items()]
        if "projects" in scopes:
            told["projects"] = [{"slug": slug, "roles": sorted(roles)} for slug, roles in projects.items()]
        if "groups" in scopes:
            told["groups"] = [
                *_as_groups("organisation", organisations),
                *_as_groups("project", projects),
            ]
    return told


def of_sign_in(connection: Connection) -> dict[str, Any]:
    """When and how the person signed in, and the name of this sign-in for its end."""
    return {
        "auth_time": int(connection.auth_time.timestamp()),
        "acr": connection.acr,
        "amr": connection.amr,
        "sid": connection.sid,
    }


def _by_place(rows: Iterable[Membership]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    organisations: dict[str, set[str]] = defaultdict(set)
    projects: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        keys = {role.key for role in row.roles.all()}
        if row.project is not None:
            projects[row.project.slug] |= keys
        elif row.organisation is not None:
            organisations[row.organisation.slug] |= keys
    return dict(sorted(organisations.items())), dict(sorted(projects.items()))


def _as_groups(kind: str, places: dict[str, set[str]]) -> list[str]:
    """``project:sepsis`` and ``project:sepsis:manager``: for services that know only names of groups."""
    return [
        name
        for slug, roles in places.items()
        for name in (f"{kind}:{slug}", *(f"{kind}:{slug}:{role}" for role in sorted(roles)))
    ]
