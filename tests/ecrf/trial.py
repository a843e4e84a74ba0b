"""A trial at two sites: a scheme, and subjects who may be randomised."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt

from core.access.demo import World
from core.access.models import Membership, Role
from core.accounts.models import User
from ecrf import services
from ecrf.engine.randomisation import Arm, Plan
from ecrf.models import Allocation, Form, Scheme, Subject
from ecrf.services import randomisation

ARMS = (Arm("A", "Standard care"), Arm("B", "New treatment"))
OF_A_WOMAN = {"visit_date": "2026-01-05", "sex": "1"}


def draft(world: World, form: Form, **options: Any) -> Scheme:
    """A scheme by sex and site in blocks of four and six, by the manager."""
    plan = options.pop("plan", None) or Plan(ARMS, sizes=(4, 6))
    given = {"name": "Essai", "method": "blocks", "strata": ["sex"], "by_site": True, "length": 12, **options}
    return randomisation.make_scheme(world.user["owner"], form, given.pop("name"), plan, **given)


def opened(world: World, form: Form, **options: Any) -> Scheme:
    """The same with a table, open."""
    scheme = draft(world, form, **options)
    if scheme.method == "blocks":
        randomisation.make_table(world.user["owner"], scheme)
    return randomisation.open_scheme(world.user["owner"], scheme)


def ready(world: World, form: Form, who: str = "member", **values: Any) -> Subject:
    """A subject whose first page is complete: a woman at site A, unless something else is said."""
    site = world.site_a if who == "member" else world.site_b
    subject = services.include_subject(world.user[who], site)
    services.save_entry(world.user[who], subject, form, 0, {**OF_A_WOMAN, **values}, complete={"visite": True})
    return subject


def randomised(world: World, scheme: Scheme, **values: Any) -> Allocation:
    subject = ready(world, scheme.form, **values)
    return randomisation.randomise(world.user["member"], subject, scheme)


def person(world: World, role: str, email: str = "statistician@demo.example") -> User:
    """Somebody with a second factor who holds this built-in role in the study, and no other."""
    user, _made = User.objects.get_or_create(email=email, defaults={"full_name": "Soazig Morvan"})
    secret = {"secret": encrypt(generate_totp_secret())}
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": secret})
    membership = Membership.objects.create(user=user, project=world.project)
    membership.roles.add(Role.objects.get(organisation=None, key=role))
    return user


def granted(world: World, user: User, *permissions: str) -> None:
    """Give somebody these permissions in the study, besides what he has."""
    role = Role.objects.create(
        organisation=world.organisation, key="pharmacist", name="Pharmacist", permissions=list(permissions)
    )
    membership = Membership.objects.create(user=user, project=world.project)
    membership.roles.add(role)
