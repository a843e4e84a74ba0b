"""Say who reads, fills in and exports which page of a form: the whole table at once, with what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Membership, Role
from core.accounts.models import User
from core.errors import Fault, Invalid
from ecrf import messages, permissions
from ecrf.models import Form, PageRule
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

MOST_RULES = 20_000


@dataclass(frozen=True)
class Line:
    """One rule: for a role or a person by its key, or for everybody else; for a page, or for every other page."""

    access: str
    leaves: str = ""
    role: int | None = None
    person: str | None = None
    page: str = ""

    @property
    def whom(self) -> tuple[str, str]:
        return ("role", str(self.role)) if self.role else ("person", str(self.person)) if self.person else ("", "")


def lines_of(form: Form) -> list[Line]:
    rows = PageRule.objects.filter(form=form)
    return [
        Line(one.access, one.leaves, one.role_id, str(one.person_id) if one.person_id else None, one.page)
        for one in rows
    ]


def roles_in(project: Project) -> list[Role]:
    """The roles that somebody holds in a project now, and those that a rule speaks of."""
    held = Role.objects.filter(memberships__in=Membership.objects.open().filter(project=project))
    ruled = Role.objects.filter(pk__in=PageRule.objects.filter(form__project=project).values("role"))
    return list((held | ruled).distinct())


def people_in(project: Project) -> list[User]:
    """The members of a project."""
    rows = Membership.objects.active().filter(project=project, user__is_active=True)
    return list(User.objects.filter(pk__in=rows.values("user")).order_by("full_name", "email"))


@transaction.atomic
def set_page_rights(actor: Actor, form: Form, lines: Sequence[Line]) -> list[Line]:
    """Put these rules in place of the form's; gives those that were there before.

    Raises Invalid with every line that names a page, a role or a person that there isn't.
    """
    access.require(actor, permissions.MANAGE_RIGHTS, form.project, obj=form)
    Form.objects.select_for_update(of=("self",)).get(pk=form.pk)
    if faults := faults_of(form, lines):
        raise Invalid(faults, _("Nothing was saved."))
    before = lines_of(form)
    by = account(actor)
    gone, new = [line for line in before if line not in lines], [line for line in lines if line not in before]
    if not gone and not new:
        return before
    PageRule.objects.filter(form=form).delete()
    PageRule.objects.bulk_create(
        PageRule(
            form=form,
            role_id=line.role,
            person_id=line.person,
            page=line.page,
            access=line.access,
            leaves=line.leaves,
            changed_by=by,
        )
        for line in lines
    )
    names = Names(form, [*gone, *new])
    audit.record(
        actor,
        "ecrf.page_rights_set",
        form,
        form=form.key,
        before=[names.told(line) for line in gone][:500],
        after=[names.told(line) for line in new][:500],
    )
    return before


class Names:
    """What the roles and people of some lines are called in the journal."""

    def __init__(self, form: Form, lines: Iterable[Line]) -> None:
        lines = list(lines)
        self.roles = {role.pk: str(role) for role in Role.objects.filter(pk__in={line.role for line in lines})}
        people = User.objects.filter(pk__in={line.person for line in lines if line.person})
        self.people = {str(user.pk): str(user) for user in people}

    def told(self, line: Line) -> str:
        whom = self.roles.get(line.role or 0) or self.people.get(line.person or "") or "*"
        return f"{whom} · {line.page or '*'}: {line.access}" + (f" / {line.leaves}" if line.leaves else "")


def faults_of(form: Form, lines: Sequence[Line]) -> list[Fault]:
    if len(lines) > MOST_RULES:
        return [Fault("", "too_many_values", messages.words("too_many_values", {}))]
    pages = {page["key"] for page in form.published.definition["pages"]}
    roles = {role.pk for role in roles_in(form.project)}
    people = {str(user.pk) for user in people_in(form.project)} | {line.person for line in lines_of(form)}
    seen: set[Any] = set()
    faults = []
    for number, line in enumerate(lines):
        place = f"rules.{number}"
        if line.page and line.page not in pages:
            faults.append(Fault(f"{place}.page", "unknown_page", messages.words("unknown_page", {})))
        if line.access not in PageRule.Access.values or line.leaves not in (*PageRule.Leaves.values, ""):
            faults.append(Fault(f"{place}.access", "unknown_choice", messages.words("unknown_act", {})))
        if line.role and line.role not in roles:
            faults.append(Fault(f"{place}.role", "unknown_role", _("Nobody holds this role in the project.")))
        if line.person and line.person not in people:
            faults.append(Fault(f"{place}.person", "unknown_person", _("This person is no member of the project.")))
        if (line.role and line.person) or (not line.role and not line.person and line.page):
            faults.append(Fault(place, "whom", _("A rule is for a role, for a person, or for every other page.")))
        if (key := (line.whom, line.page)) in seen:
            faults.append(Fault(place, "twice", _("There are two rules for the same page.")))
        seen.add(key)
    return faults


def copied(lines: Sequence[Line], of: tuple[str, str], to: tuple[str, str]) -> list[Line]:
    """The lines with those of one role or person also for another, in place of his own."""
    kind, key = to
    kept = [line for line in lines if line.whom != to]
    return kept + [
        Line(
            line.access,
            line.leaves,
            int(key) if kind == "role" else None,
            key if kind == "person" else None,
            line.page,
        )
        for line in lines
        if line.whom == of
    ]
