"""The people and places of the demo, the same on every machine; the tests stand on them too."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

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
    user = {part: person(part, name) for part, (name, _roles) in PEOPLE.items()}
    world = World(organisation, project, site_a, site_b, elsewhere, user)
    if not Membership.objects.filter(project=project).exists():
        admit(world)
    return world


def person(part: str, name: str) -> User:
    """An account with a confirmed address and a second factor of its own."""
    email = f"{part.replace('_', '-')}@demo.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, full_name=name, is_administrator=part == "administrator")
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
        TOTP.activate(user, generate_totp_secret())
    return user


def admit(world: World) -> None:
    roles.write_built_in()
    built_in = {role.key: role for role in Role.objects.filter(organisation=None)}
    places: dict[str, dict[str, Any]] = {
        "administrator": {"organisation": world.organisation},
        "stranger": {"project": world.elsewhere},
        "member": {"project": world.project, "all_sites": False},
        "other_site": {"project": world.project, "all_sites": False},
    }
    for part, (_name, keys) in PEOPLE.items():
        membership = Membership.objects.create(user=world.user[part], **places.get(part, {"project": world.project}))
        membership.roles.set(built_in[key] for key in keys)
        if part in ("member", "other_site"):
            membership.sites.add(world.site_a if part == "member" else world.site_b)
