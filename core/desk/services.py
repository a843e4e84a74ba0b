"""Arrange one's desk: settings, and views of lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import access, audit, tool
from core.access.models import Project
from core.desk.models import Settings, Start, View
from core.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from core.accounts.models import User

TABLE = re.compile(r"[a-z_]+:[a-z_]+ [a-z0-9_-]{1,40}")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
NOT_KEPT = {"page", "export", "format", "view", "marked", "csrfmiddlewaretoken"}
LONGEST, MOST = 2000, 60
OTHERS = "access.manage_project"
"""Who manages the project changes and deletes what others share in it."""


def kept(query: str) -> str:
    """What of an address's query makes a view: its search, filters, order and columns. Raises Invalid."""
    pairs = parse_qsl(query.removeprefix("?")[: LONGEST + 1], keep_blank_values=False)
    pairs = [(name, value) for name, value in pairs if name not in NOT_KEPT]
    if len(query) > LONGEST or len(pairs) > MOST or not all(NAME.fullmatch(name) for name, _value in pairs):
        raise Invalid([Fault("query", "unusable", _("This search can’t be kept: it is not one of a list."))])
    return urlencode(pairs)


def checked(actor: User, name: str, project: Project | None, shared: bool) -> str:
    """The view's name as it is kept. Raises Invalid, or a Refusal for a project that isn't one's own."""
    name = " ".join(name.split())
    faults = []
    if not name or len(name) > 80:
        faults.append(Fault("name", "length", _("Give the view a name of 80 characters at most.")))
    if shared and project is None:
        faults.append(Fault("shared", "no-project", _("Only views of a project’s lists can be shared.")))
    if faults:
        raise Invalid(faults)
    if project is not None:
        access.require(actor, "access.view_project", project)
    return name


def save_view(
    actor: User, table: str, name: str, query: str, *, project: Project | None = None, shared: bool = False
) -> View:
    """Keep how a list is shown now. Raises Invalid, also for a name that one has given already."""
    if not TABLE.fullmatch(table):
        raise Invalid([Fault("table", "unknown", _("There is no such list."))])
    view = View(user=actor, project=project, table=table, query=kept(query), shared=shared)
    view.name = checked(actor, name, project, shared)
    return write(actor, view, "desk.view_saved")


def change_view(actor: User, view: View, **changes: Any) -> View:
    """Rename it, share it or not, or have it show something else."""
    require_own(actor, view)
    if "query" in changes:
        view.query = kept(changes["query"])
    view.shared = changes.get("shared", view.shared)
    view.name = checked(actor, changes.get("name", view.name), view.project, view.shared)
    return write(actor, view, "desk.view_changed")


@transaction.atomic
def write(actor: User, view: View, action: str) -> View:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Invalid([Fault("name", "taken", _("You have a view of this name."))]) from None
    if not view.shared:  # whoever began with it begins with everything again
        view.starts.exclude(user=view.user_id).delete()
    audit.record(actor, action, view, table=view.table, shared=view.shared)
    return view


@transaction.atomic
def delete_view(actor: User, view: View) -> None:
    require_own(actor, view)
    audit.record(actor, "desk.view_deleted", view, table=view.table, shared=view.shared)
    view.delete()


def owns(actor: User, view: View) -> bool:
    """One's own views, and those shared in a project that one manages."""
    return view.user_id == actor.pk or (view.project is not None and access.can(actor, OTHERS, view.project))


def require_own(actor: User, view: View) -> None:
    if not owns(actor, view):
        raise access.Refused(actor, OTHERS, view.project, view)


@transaction.atomic
def start_with(actor: User, view: View, starts: bool) -> None:
    """Have its list open with this view from now on, or no longer."""
    if not View.objects.visible_to(actor).filter(pk=view.pk).exists():
        raise Conflict(_("This view is no longer there."), "gone")
    place: dict[str, Any] = {"user": actor, "table": view.table, "project": view.project}
    if starts:
        Start.objects.update_or_create(**place, defaults={"view": view})
    else:
        Start.objects.filter(**place, view=view).delete()


def settings_of(actor: User) -> Settings:
    """A person's settings; the defaults for who has chosen nothing."""
    return Settings.objects.filter(user=actor.pk).first() or Settings(user=actor)


@transaction.atomic
def change_settings(actor: User, **changes: Any) -> Settings:
    """Set these from now on, on every machine. Raises Invalid with every fault."""
    now = settings_of(actor)
    faults = []
    for name, choices in (("theme", Settings.Theme), ("density", Settings.Density), ("start", Settings.Start)):
        if name in changes and changes[name] not in choices.values:
            faults.append(Fault(name, "unknown", _("Choose one of those that are offered.")))
    if unknown := set(changes.get("tours_seen", ())) - tool.tours().keys():
        words = _("There is no such tour: %(names)s.") % {"names": ", ".join(sorted(unknown))}
        faults.append(Fault("tours_seen", "unknown", words))
    if {"start", "start_project"} & changes.keys():
        project = changes.get("start_project", now.start_project)
        if changes.get("start", now.start) != Settings.Start.PROJECT:
            changes["start_project"] = None
        elif project is None or not access.can(actor, "access.view_project", project):
            faults.append(Fault("start_project", "required", _("Choose one of your projects.")))
    if faults:
        raise Invalid(faults)
    row, _made = Settings.objects.update_or_create(user=actor, defaults=changes)
    return row


@transaction.atomic
def see_tour(actor: User, app: str) -> None:
    """Don't offer the guided tour of this app to this person any more. It may be begun again from the help."""
    Settings.objects.get_or_create(user=actor)
    seen = Settings.objects.select_for_update().get(user=actor).tours_seen
    if app not in seen:
        change_settings(actor, tours_seen=[*seen, app])
