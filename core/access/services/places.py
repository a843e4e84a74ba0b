"""Keep organisations, projects and their sites."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, people, rules
from core.access.models import Invitation, Membership, Organisation, Project, Role, Site
from core.access.services import invitations
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid

Place = TypeVar("Place", Organisation, Project)

RESERVED = {"new"}
"""Addresses below /projects/ and /organisations/ that are not a project's or an organisation's."""
MADE_BY = ("manager", "controller")
"""The roles of who creates a project, until he names others."""


@transaction.atomic
def create_project(
    actor: User, organisation: Organisation, name: str, description: str = "", *, listed: bool = False
) -> Project:
    """A new project, in which the actor becomes manager and data controller until he names others."""
    offices.require(actor, "access.create_project", organisation)
    values = {"organisation": organisation, "description": description, "listed": listed}
    project = _named(Project, name, **values)
    membership = Membership.objects.create(user=actor, project=project, given_by=actor)
    membership.roles.set(Role.objects.filter(organisation=None, key__in=MADE_BY))
    audit.record(actor, "access.project_created", project, project=project, roles=list(MADE_BY))
    return project


@transaction.atomic
def create_organisation(actor: User, name: str, administrator: str) -> tuple[Organisation, Invitation]:
    """A new organisation, whose first administrator is invited by mail."""
    people.require_administrator(actor, "access.manage_instance")
    organisation = _named(Organisation, name)
    audit.record(actor, "access.organisation_created", organisation)
    role = Role.objects.get(organisation=None, key="administrator")
    return organisation, invitations.invite(actor, organisation, administrator, [role])


def _named(model: type[Place], name: str, **values: Any) -> Place:
    """A row whose address is made of its name. Raises Invalid for an empty name or one that is taken, also just now."""
    name = name.strip()
    slug = slugify(name)[:60].strip("-")
    try:
        if not slug or slug in RESERVED or len(name) > 150:
            raise IntegrityError
        with transaction.atomic():
            return model.objects.create(name=name, slug=slug, **values)
    except IntegrityError:
        raise Invalid([Fault("name", "taken", _("Choose another name: this one is empty or taken."))]) from None


@transaction.atomic
def change_organisation(actor: User, organisation: Organisation, *, name: str, requires_second_factor: bool) -> None:
    """Rename an organisation (its address stays), and say whether its people need a second factor."""
    offices.require(actor, offices.MANAGE, organisation)
    _change(
        actor,
        organisation,
        "access.organisation_changed",
        name=name.strip(),
        requires_second_factor=requires_second_factor,
    )


@transaction.atomic
def change_project(actor: User, project: Project, *, name: str, description: str, listed: bool) -> None:
    """Rename a project (its address stays), describe it, and say whether the organisation's people can find it."""
    rules.require(actor, "access.manage_project", project)
    _change(actor, project, "access.project_changed", name=name.strip(), description=description, listed=listed)


def _change(actor: User, place: Organisation | Project, action: str, **values: Any) -> None:
    """Save what differs, and record its names."""
    if not values["name"]:
        raise Invalid([Fault("name", "required", _("Give it a name."))])
    changed = [field for field, value in values.items() if getattr(place, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(place, field, values[field])
    try:
        with transaction.atomic():
            place.save(update_fields=changed)
    except IntegrityError:
        raise Invalid([Fault("name", "taken", _("Choose another name: this one is empty or taken."))]) from None
    project = place if isinstance(place, Project) else None
    audit.record(actor, action, place, project=project, fields=changed)


@transaction.atomic
def archive_project(actor: User, project: Project, reason: str = "") -> None:
    """Close a project for work: it leaves the menus, and nothing in it is entered or changed. Reading stays."""
    rules.require(actor, "access.manage_project", project)
    if Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=timezone.now()):
        audit.record(actor, "access.project_archived", project, project=project, reason=reason)
    project.refresh_from_db()


@transaction.atomic
def restore_project(actor: User, project: Project) -> None:
    """Work goes on in an archived project, by whoever is a member."""
    rules.require(actor, "access.manage_project", project)
    if Project.objects.filter(pk=project.pk, archived_at__isnull=False).update(archived_at=None):
        audit.record(actor, "access.project_restored", project, project=project)
    project.refresh_from_db()


@transaction.atomic
def add_site(actor: User, project: Project, code: str, name: str) -> Site:
    """One more site. Raises Invalid where its code is taken in the project."""
    rules.require(actor, "access.manage_project", project)
    code, name = code.strip(), name.strip()
    faults = _site_faults(code, name)
    if faults:
        raise Invalid(faults)
    try:
        with transaction.atomic():
            site = Site.objects.create(project=project, code=code, name=name)
    except IntegrityError:
        raise Invalid([Fault("code", "taken", _("Another site of the project has this code."))]) from None
    audit.record(actor, "access.site_added", site, code=code)
    return site


def _site_faults(code: str, name: str) -> list[Fault]:
    faults = []
    if not 0 < len(code) <= 12:
        faults.append(Fault("code", "required", _("Give the site a code of 1 to 12 characters.")))
    if not 0 < len(name) <= 150:
        faults.append(Fault("name", "required", _("Give the site a name.")))
    return faults


@transaction.atomic
def rename_site(actor: User, site: Site, name: str) -> None:
    """Another name; the code stays, for exports and forms name it."""
    rules.require(actor, "access.manage_project", site.project)
    if faults := _site_faults(site.code, name.strip()):
        raise Invalid(faults)
    if site.name != name.strip():
        site.name = name.strip()
        site.save(update_fields=["name"])
        audit.record(actor, "access.site_renamed", site, code=site.code)


@transaction.atomic
def retire_site(actor: User, site: Site) -> None:
    """Offer a site to nobody any more. Its members keep what they may, and its data stay.

    Raises Conflict while somebody is invited to it.
    """
    rules.require(actor, "access.manage_project", site.project)
    if Invitation.objects.filter(sites=site, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()).exists():
        raise Conflict(_("Somebody is invited to this site. Withdraw the invitation first."), "site-invited")
    if Site.objects.filter(pk=site.pk, retired_at=None).update(retired_at=timezone.now()):
        audit.record(actor, "access.site_retired", site, code=site.code)


@transaction.atomic
def reopen_site(actor: User, site: Site) -> None:
    """Offer a retired site again."""
    rules.require(actor, "access.manage_project", site.project)
    if Site.objects.filter(pk=site.pk, retired_at__isnull=False).update(retired_at=None):
        audit.record(actor, "access.site_reopened", site, code=site.code)
