"""The roles that an organisation makes of the permissions there are. A role is retired, never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit, tool
from core.access import offices
from core.access.models import Membership, Organisation, Role
from core.access.roles import NAMES
from core.access.services import emergencies, members
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify


@dataclass(frozen=True)
class Draft:
    """What a role is to be."""

    name: str
    permissions: frozenset[str]
    level: str = Role.Level.PROJECT
    requires_second_factor: bool = False


@dataclass
class Effect:
    """What a change of a role does to one membership that holds it."""

    membership: Membership
    gains: list[tool.Permission] = field(default_factory=list)
    loses: list[tool.Permission] = field(default_factory=list)


def require_manage(actor: User, organisation: Organisation) -> None:
    """Who administers the organisation edits its roles, and who may do just that. Raises Refused."""
    if not offices.can(actor, offices.MANAGE, organisation):
        offices.require(actor, offices.MANAGE_ROLES, organisation)


@transaction.atomic
def make_role(actor: User, organisation: Organisation, draft: Draft) -> Role:
    """A new role of the organisation. Raises Invalid that names each fault."""
    require_manage(actor, organisation)
    if faults := faults_of(actor, organisation, draft, frozenset(), None):
        raise Invalid(faults)
    try:
        with transaction.atomic():
            role = Role.objects.create(
                organisation=organisation,
                key=free_key(organisation, draft.name),
                name=draft.name.strip(),
                level=draft.level,
                permissions=sorted(draft.permissions),
                requires_second_factor=draft.requires_second_factor,
            )
    except IntegrityError:
        raise Invalid([taken()]) from None
    audit.record(actor, "access.role_made", role, organisation=str(organisation.pk), permissions=role.permissions)
    return role


@transaction.atomic
def change_role(actor: User, role: Role, draft: Draft, reason: str = "", seen: str = "") -> Role:
    """Change what a role of the organisation is called and grants, for all who hold it, at once.

    Where somebody holds it, `seen` is the fingerprint of the effects that the actor was shown. Raises Invalid,
    Unconfirmed where he was shown none or others, Conflict where a project would be left without a manager.
    """
    organisation = own(role)
    require_manage(actor, organisation)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
    former = frozenset(role.permissions)
    if role.retired_at is not None:
        raise Conflict(_("This role is retired: it changes no more."), "role-retired")
    faults = faults_of(actor, organisation, draft, former, role)
    if emergencies.LETS_IN in draft.permissions and emergencies.may_open(role):
        message = _("Emergencies open this role, and let nobody else in: choose another role for them first.")
        faults.append(Fault("permissions", "emergency", message))
    if faults:
        raise Invalid(faults)
    found = effects(role, draft.permissions)
    if found and (former != draft.permissions) and seen != fingerprint(role, found, draft):
        raise Unconfirmed(found)
    if draft.permissions - former and found and not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why: those who hold this role will be able to do more."))])
    role.name, role.permissions = draft.name.strip(), sorted(draft.permissions)
    role.requires_second_factor = draft.requires_second_factor
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise Invalid([taken()]) from None
    audit.record(
        actor,
        "access.role_changed",
        role,
        reason=reason,
        organisation=str(organisation.pk),
        gained=sorted(draft.permissions - former),
        lost=sorted(former - draft.permissions),
    )
    settle(actor, organisation, role, former, found, reason)
    return role


class Unconfirmed(Conflict):
    """Somebody holds the role: who gains and loses what is to be seen before it is saved."""

    def __init__(self, found: list[Effect]) -> None:
        self.effects = found
        super().__init__(_("Somebody holds this role: look at who gains and loses what first."), "effects-not-seen")


def settle(
    actor: User, organisation: Organisation, role: Role, former: frozenset[str], found: list[Effect], reason: str
) -> None:
    """After a change: no place is left without a manager, lost work ends, and who gave himself data is seen."""
    now = frozenset(role.permissions)
    for effect in found:
        place = effect.membership.place
        if {"access.manage_members", offices.MANAGE} & (former - now):
            members.lock(place)
            if not members.managers(place).exists():
                members.require_another(place, effect.membership.user)
        if effect.loses:
            members.left(effect.membership.user, place)
    own_projects = {e.membership.project for e in found if e.membership.user_id == actor.pk and e.membership.project}
    if offices.health_data() & (now - former):
        for project in own_projects:
            audit.record(actor, "access.own_access_given", actor, project=project, reason=reason, roles=[role.key])
            others = [person for person in offices.overseers(project) if person.pk != actor.pk]
            notify(others, "access.own_access_given", project=project, urgent=True, who=str(actor), where=str(project))


@transaction.atomic
def retire_role(actor: User, role: Role) -> None:
    """Give a role to nobody any more. Who holds it keeps it until somebody changes that."""
    organisation = own(role)
    require_manage(actor, organisation)
    if Role.objects.filter(pk=role.pk, retired_at=None).update(retired_at=timezone.now()):
        audit.record(actor, "access.role_retired", role, organisation=str(organisation.pk))


def own(role: Role) -> Organisation:
    """The organisation whose role it is. Raises Conflict for a built-in one."""
    if role.organisation is None:
        raise Conflict(_("This role is built in and the same everywhere. Make a copy, and change that."), "built-in")
    return role.organisation


def faults_of(
    actor: User, organisation: Organisation, draft: Draft, former: Collection[str], role: Role | None
) -> list[Fault]:
    faults = []
    registered = tool.permissions()
    if not 0 < len(draft.name.strip()) <= 80:
        faults.append(Fault("name", "required", _("Give the role a name of 80 characters at most.")))
    elif _same_name(organisation, draft.name.strip(), role):
        faults.append(taken())
    if not draft.permissions:
        faults.append(Fault("permissions", "required", _("Choose at least one permission.")))
    faults += [
        Fault("permissions", "unknown", _("There is no permission «%(code)s».") % {"code": code})
        for code in sorted(draft.permissions - registered.keys())
    ]
    if draft.level == Role.Level.ORGANISATION and (data := sorted(offices.health_data() & draft.permissions)):
        message = _("«%(label)s» opens patients’ data: only a role in a project may hold it.")
        faults += [Fault("permissions", "health-data", message % {"label": registered[code].label}) for code in data]
    if role is not None and role.level != draft.level:
        faults.append(Fault("level", "fixed", _("Where a role is held is said when it is made.")))
    if draft.level == Role.Level.PROJECT and (office := sorted(offices.OF_ORGANISATIONS & draft.permissions)):
        message = _("«%(label)s» counts only in a role of the organisation.")
        faults += [Fault("permissions", "office", message % {"label": registered[code].label}) for code in office]
    known = draft.permissions & registered.keys()
    for code in offices.beyond(actor, organisation, known - set(former)):
        message = _("You do not hold «%(label)s» yourself, so you can’t grant it.")
        faults.append(Fault("permissions", "not-held", message % {"label": registered[code].label}))
    return faults


def _same_name(organisation: Organisation, name: str, role: Role | None) -> bool:
    others = Role.objects.filter(organisation=organisation, name__iexact=name, retired_at=None)
    built_in = {str(word).lower() for word in NAMES.values()}
    return name.lower() in built_in or others.exclude(pk__in=[role.pk] if role else []).exists()


def taken() -> Fault:
    return Fault("name", "taken", _("Another role of the organisation has this name."))


def free_key(organisation: Organisation, name: str) -> str:
    """A key that no built-in role and no role of the organisation has."""
    base = slugify(name)[:34].strip("-") or "role"
    used = {*NAMES, *Role.objects.filter(organisation=organisation).values_list("key", flat=True)}
    return next(
        key for number in range(1, len(used) + 2) if (key := base if number == 1 else f"{base}-{number}") not in used
    )


def holders(role: Role, organisation: Organisation | None = None) -> list[Membership]:
    """Who holds the role now, or will: everywhere, or in one organisation and its projects."""
    rows = Membership.objects.open().filter(roles=role).select_related("user", "project", "organisation")
    if organisation is not None:
        rows = rows.filter(Q(organisation=organisation) | Q(project__organisation=organisation))
    return list(rows.prefetch_related("roles").order_by("user__full_name", "pk"))


def effects(role: Role, permissions: frozenset[str]) -> list[Effect]:
    """What each holder would gain and lose by himself: what another role of his membership gives him stays."""
    registered = tool.permissions()
    found = []
    for membership in holders(role):
        others = {code for each in membership.roles.all() if each.pk != role.pk for code in each.permissions}
        gains = permissions - set(role.permissions) - others
        loses = set(role.permissions) - permissions - others
        found.append(
            Effect(
                membership,
                [registered[code] for code in sorted(gains & registered.keys())],
                [registered[code] for code in sorted(loses & registered.keys())],
            )
        )
    return found


def fingerprint(role: Role, found: list[Effect], draft: Draft) -> str:
    """Stands for what was shown: another holder, or another change meanwhile, makes another one."""
    seen = [role.permissions, sorted(draft.permissions), [str(effect.membership.pk) for effect in found]]
    return sha256(repr(seen).encode()).hexdigest()
