"""Which pages of a form somebody reads, fills in and exports: what follows from the rules of the form and his roles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.db.models import F

from core.access.models import Membership
from core.db import once
from ecrf import engine
from ecrf.models.double_plans import DoubleEntryPlan
from ecrf.models.forms import Form, FormVersion
from ecrf.models.page_rules import PageRule

if TYPE_CHECKING:
    from core.access.scope import Actor

ExportLevel = Literal["full", "coded", "deidentified", "none"]
"""Everything; without what identifies; also without free text and with shifted dates; nothing."""
ACCESS = ("none", "read", "edit")
LEAVES: tuple[ExportLevel, ...] = ("none", "deidentified", "coded", "full")
MOST = {"ecrf.read_records": 1, "ecrf.save_records": 2}
"""What of a page a permission gives at most: a place in ACCESS."""
EXPORTING = frozenset({"ecrf.export_records", "ecrf.export_identifiers", "ecrf.export_deidentified"})


@dataclass(frozen=True)
class PageRights:
    """`hidden` pages don't exist for the reader, `fixed` ones he reads only; `exports` names those that leave less."""

    hidden: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    exports: Mapping[str, ExportLevel] = field(default_factory=dict)

    def reads(self, page: str) -> bool:
        return page not in self.hidden

    def edits(self, page: str) -> bool:
        return page not in self.hidden and page not in self.fixed

    def exported(self, page: str) -> ExportLevel:
        return "none" if page in self.hidden else self.exports.get(page, "full")

    @property
    def whole(self) -> bool:
        """Nothing is kept from the reader."""
        return not self.hidden

    def knows(self, definition: engine.Definition, place: str) -> bool:
        """Whether the reader may hear of a value, rows or a place in them; of what isn't asked, with all pages."""
        if not self.hidden:
            return True
        key = place.partition("[")[0]
        if key in definition.groups:
            return self.reads(definition.groups[key].page)
        return key in definition.items and self.reads(definition.items[key].page)


EVERYTHING = PageRights()


@dataclass(frozen=True)
class Grant:
    """A role that somebody holds in the project now: everywhere, or at some sites."""

    role: int
    permissions: frozenset[str]
    all_sites: bool
    sites: frozenset[UUID]

    def counts_at(self, site: UUID | None) -> bool:
        return site is None or self.all_sites or site in self.sites


@dataclass(frozen=True)
class Rules:
    """The rules of one form by whom they speak of: a role, a person, or None for everybody else."""

    by_page: Mapping[tuple[str, Any, str], PageRule]
    pages: tuple[str, ...]
    blind: Mapping[int, frozenset[str]]
    """Of each role that makes second entries, the pages that are entered twice: it doesn't see them otherwise."""

    def of(self, kind: str, whom: Any, page: str) -> PageRule | None:
        return self.by_page.get((kind, whom, page)) or self.by_page.get((kind, whom, ""))


def grants_of(person: Any, project: Any) -> tuple[Grant, ...]:
    """What somebody holds in a project by memberships that count now, one for each role."""

    def ask() -> tuple[Grant, ...]:
        rows = Membership.objects.active().filter(user=person, project=project).prefetch_related("roles", "sites")
        return tuple(
            Grant(role.pk, frozenset(role.permissions), one.all_sites, frozenset(site.pk for site in one.sites.all()))
            for one in rows
            for role in one.roles.all()
        )

    return once(("page grants", person, project), ask)


def rules_of(forms: Collection[Any]) -> dict[UUID, Rules]:
    """The rules of these forms; a form without any isn't there."""
    found: dict[UUID, dict[tuple[str, Any, str], PageRule]] = {}
    for rule in PageRule.objects.filter(form__in=list(forms)):
        kind = "role" if rule.role_id else "person" if rule.person_id else "everybody"
        found.setdefault(rule.form_id, {})[kind, rule.role_id or rule.person_id, rule.page] = rule
    blind: dict[UUID, dict[int, frozenset[str]]] = {}
    for form, role, pages_twice in _second_roles(forms):
        blind.setdefault(form, {})[role] = frozenset(pages_twice)
    if not found and not blind:
        return {}
    current = FormVersion.objects.filter(form__in={*found, *blind}, pk=F("form__current"))
    pages = {version.form_id: tuple(page["key"] for page in version.definition["pages"]) for version in current}
    return {form: Rules(found.get(form, {}), pages.get(form, ()), blind.get(form, {})) for form in {*found, *blind}}


def _second_roles(forms: Iterable[Any]) -> Iterable[tuple[UUID, int, list[str]]]:
    rows = DoubleEntryPlan.second_roles.through.objects.filter(doubleentryplan__form__in=list(forms))
    return rows.values_list("doubleentryplan__form", "role", "doubleentryplan__pages")


def worked_out(rules: Rules, person: Any, grants: Sequence[Grant], site: UUID | None) -> PageRights:
    """The rights at a site, or anywhere. Of several roles the most generous counts; a rule for the person alone stands
    in place of what his roles say. No rule gives more than the role's own permissions do."""
    here = [grant for grant in grants if grant.counts_at(site)]
    access = {page: _access(rules, person, here, page) for page in rules.pages}
    leaves = {page: _leaves(rules, person, here, page) for page in rules.pages if access[page]}
    return PageRights(
        hidden=frozenset(page for page, level in access.items() if level == 0),
        fixed=frozenset(page for page, level in access.items() if level == 1),
        exports={page: LEAVES[level] for page, level in leaves.items() if level < len(LEAVES) - 1},
    )


def _access(rules: Rules, person: Any, grants: Sequence[Grant], page: str) -> int:
    if own := rules.of("person", person, page):
        return ACCESS.index(own.access) if grants else 0
    found = [0]
    for grant in grants:
        if page in rules.blind.get(grant.role, ()):
            continue
        most = max((given for code, given in MOST.items() if code in grant.permissions), default=0)
        rule = rules.of("role", grant.role, page) or rules.of("everybody", None, page)
        found.append(min(most, ACCESS.index(rule.access)) if rule else most)
    return max(found)


def _leaves(rules: Rules, person: Any, grants: Sequence[Grant], page: str) -> int:
    if (own := rules.of("person", person, page)) and own.leaves:
        return LEAVES.index(own.leaves)
    exporting = [grant for grant in grants if not EXPORTING.isdisjoint(grant.permissions)]
    if not exporting:
        return len(LEAVES) - 1  # his permissions say that he exports nothing
    found = []
    for grant in exporting:
        rule = rules.of("role", grant.role, page) or rules.of("everybody", None, page)
        hidden = rule is not None and rule.access == "none"
        found.append(0 if hidden else LEAVES.index(rule.leaves) if rule and rule.leaves else len(LEAVES) - 1)
    return max(found)


def rights_of(actor: Actor, form: Form, site: UUID | None = None) -> PageRights:
    rules = once(("page rules", form.pk), lambda: rules_of([form.pk])).get(form.pk)
    if rules is None:
        return EVERYTHING
    return worked_out(rules, actor.pk, grants_of(actor.pk, form.project_id), site)
