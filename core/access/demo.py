"""The people and places of the demo, the same on every machine; the tests stand on them too."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt

from core.access import roles
from core.access.models import Membership, Organisation, Project, Role, Site
from core.accounts.models import User

SEED = 20261123

PEOPLE = {
    "owner": ("Camille Le Goff", ("manager", "controller")),
    "member": ("Nolwenn Kerbrat", ("clinician",)),
    "other_site": ("Yann Prigent", ("clinician",)),
    "researcher": ("Inès Benali", ("researcher",)),
    "monitor": ("Hugo Marchand", ("monitor",)),
    "administrator": ("Aline Tanguy", ("administrator",)),
    "stranger": ("Marc Delaunay", ("manager", "controller")),
}
"""Who is there, by the part he plays: the clinicians are limited to one site each, the stranger works elsewhere."""


@dataclass(eq=False)
class World:
    """What every app's demo may use."""

    organisation: Organisation
    project: Project
    site_a: Site
    site_b: Site
    elsewhere: Project
    user: dict[str, User]
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311


def build() -> World:
    """Two hospitals, one study at both, a person in each role, and a study that is none of their business.

    Done again, it finds what it made. Nobody gets a password: people come in by a one-time link.
    """
    organisation, _ = Organisation.objects.get_or_create(slug="broceliande", defaults={"name": "CHU de Brocéliande"})
    other, _ = Organisation.objects.get_or_create(slug="armorique", defaults={"name": "Institut d’Armorique"})
    project, _ = Project.objects.get_or_create(
        slug="etude-sepsis",
        defaults={
            "organisation": organisation,
            "name": "Étude Sepsis",
            "description": "Reconnaître plus tôt le sepsis aux urgences : cohorte prospective, deux centres, "
            "quarante patients fictifs.",
        },
    )
    elsewhere, _ = Project.objects.get_or_create(
        slug="registre-avc", defaults={"organisation": other, "name": "Registre AVC", "description": ""}
    )
    site_a, _ = Site.objects.get_or_create(project=project, code="BRO", defaults={"name": "CHU de Brocéliande"})
    site_b, _ = Site.objects.get_or_create(project=project, code="KER", defaults={"name": "CH de Kerlouan"})
    world = World(organisation, project, site_a, site_b, elsewhere, people())
    if not Membership.objects.filter(project=project).exists():
        admit(world)
    return world


def people() -> dict[str, User]:
    """An account for each of PEOPLE, with a confirmed address and a second factor of its own."""
    emails = {part: f"{part.replace('_', '-')}@demo.example" for part in PEOPLE}
    found = {user.email: user for user in User.objects.filter(email__in=emails.values())}
    new = [
        User(email=emails[part], full_name=name, is_administrator=part == "administrator")
        for part, (name, _roles) in PEOPLE.items()
        if emails[part] not in found
    ]
    for user in new:
        user.set_unusable_password()
    User.objects.bulk_create(new)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in new
    )
    Authenticator.objects.bulk_create(
        Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(generate_totp_secret())})
        for user in new
    )
    found |= {user.email: user for user in new}
    return {part: found[email] for part, email in emails.items()}


def admit(world: World) -> None:
    """A membership for each person, in the roles of his part."""
    roles.write_built_in()
    built_in = {role.key: role for role in Role.objects.filter(organisation=None)}
    places: dict[str, dict[str, Any]] = {
        "administrator": {"organisation": world.organisation},
        "stranger": {"project": world.elsewhere},
        "member": {"project": world.project, "all_sites": False},
        "other_site": {"project": world.project, "all_sites": False},
    }
    given = {part: Membership(user=world.user[part], **places.get(part, {"project": world.project})) for part in PEOPLE}
    Membership.objects.bulk_create(given.values())
    Membership.roles.through.objects.bulk_create(
        Membership.roles.through(membership=given[part], role=built_in[key])
        for part, (_name, keys) in PEOPLE.items()
        for key in keys
    )
    Membership.sites.through.objects.bulk_create(
        Membership.sites.through(membership=given[part], site=site)
        for part, site in (("member", world.site_a), ("other_site", world.site_b))
    )
