"""Code free text: by itself where that is sure, else by a person, approved by a second; asked back where unclear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import codes, permissions, rights
from ecrf.engine import coding as engine
from ecrf.engine.dictionaries import normalised
from ecrf.models import Coded, CodingPolicy, Dictionary, Entry, Form, Term, Verbatim
from ecrf.services import dictionaries
from ecrf.services.people import account
from ecrf.services.queries import open_query

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_TEXTS = 50_000


@dataclass(frozen=True)
class Place:
    """Where a text stands, and the code it has, if it has one."""

    entry: Entry
    item: str
    row: str
    coded: Coded | None


@dataclass
class Group:
    """The same text, wherever it was written, to be coded with one dictionary."""

    dictionary: str
    digest: str
    text: str
    places: list[Place] = field(default_factory=list)

    @property
    def waiting(self) -> list[Place]:
        return [place for place in self.places if place.coded is None]

    @property
    def to_approve(self) -> list[Place]:
        return [place for place in self.places if place.coded and place.coded.state == Coded.State.PROPOSED]

    @property
    def coded(self) -> Coded | None:
        return next((place.coded for place in self.places if place.coded), None)


def policy_of(project: Project) -> CodingPolicy:
    return CodingPolicy.objects.filter(project=project).first() or CodingPolicy(project=project)


@transaction.atomic
def set_coding_rules(actor: Actor, project: Project, *, approval: bool) -> CodingPolicy:
    """Whether a second person approves each code."""
    access.require(actor, permissions.MANAGE_DICTIONARIES, project)
    policy, _made = CodingPolicy.objects.get_or_create(project=project)
    policy.approval = approval
    policy.save()
    audit.record(actor, "ecrf.coding_rules_set", project, approval=approval)
    return policy


def forms_to_code(project: Project) -> list[Form]:
    """The forms that have texts to be coded."""
    rows = Form.objects.filter(project=project, current__isnull=False).select_related("current", "project")
    return [form for form in rows if engine.coded_items(form.published.loaded)]


def groups_of(actor: Actor, form: Form) -> list[Group]:
    """Every text of the form that the actor may code, alike ones together, those that are most frequent first."""
    definition = form.published.loaded
    may = rights.by_site(actor, form)
    rows = Entry.objects.visible_to(actor, permissions.CODE).filter(form=form, removed_at=None, revision__gt=0)
    entries = list(rows.select_related("subject__site", "subject__project", "form", "version")[:MOST_TEXTS])
    live, wanted = codes.live(entries), engine.coded_items(definition)
    found: dict[tuple[str, str], Group] = {}
    for entry in entries:
        entry.form = form
        for item, row, text in engine.texts(definition, entry.values):
            if not may(entry.subject.site_id).reads(definition.items[item].page):
                continue
            mark = codes.digest(form.project_id, text)
            held = live[entry.pk].get((item, row)) if entry.pk in live else None
            coded = held if held is not None and held.digest == mark else None
            group = found.setdefault((wanted[item], mark), Group(wanted[item], mark, " ".join(text.split())))
            group.places.append(Place(entry, item, row, coded))
    return sorted(found.values(), key=lambda one: (-len(one.waiting), one.text.lower()))


def group_of(actor: Actor, form: Form, dictionary: str, mark: str) -> Group:
    """One of them. Raises Conflict where its texts have changed meanwhile."""
    access.require(actor, permissions.CODE, form.project, obj=form)
    group = next((one for one in groups_of(actor, form) if (one.dictionary, one.digest) == (dictionary, mark)), None)
    if group is None:
        raise Conflict(_("This text is nowhere any more: it was changed, or you don’t see it."), "gone")
    return group


@dataclass(frozen=True)
class Suggestion:
    term: Term
    why: str
    """`before`: coded so in this study; `exact`: the same words; `near`: alike."""


def suggestions(project: Project, dictionary: Dictionary, text: str, most: int = 8) -> list[Suggestion]:
    """What a text may be coded as: as it was before, then the same words, then the nearest."""
    mark = codes.digest(project.pk, text)
    known = Verbatim.objects.filter(project=project, dictionary=dictionary.key, digest=mark).first()
    before = Term.objects.filter(dictionary=dictionary, code=known.code, current=True).first() if known else None
    found = [Suggestion(before, "before")] if before else []
    wanted = normalised(text)
    found += [
        Suggestion(term, "exact" if term.folded == wanted else "near")
        for term in dictionaries.search(dictionary, text, most)
        if before is None or term.pk != before.pk
    ]
    return found[:most]


def require_to_code(actor: Actor, places: Iterable[Place]) -> None:
    for place in places:
        subject = place.entry.subject
        access.require(actor, permissions.CODE, subject.project, site=subject.site, obj=place.entry)


@transaction.atomic
def code_text(
    actor: Actor, form: Form, dictionary: str, mark: str, code: str, *, how: str = Coded.How.PERSON
) -> list[Coded]:
    """Code a text, wherever it stands, with a term of the dictionary's last version; the study remembers it.

    Raises Invalid for a code that the dictionary doesn't hold or no longer gives.
    """
    group = group_of(actor, form, dictionary, mark)
    require_to_code(actor, group.places)
    used = dictionary_of(form.project, dictionary)
    term = Term.objects.filter(dictionary=used, code=code, current=True).first()
    if term is None:
        raise Invalid([Fault("code", "unknown_choice", _("The dictionary holds no such code, or gives it no longer."))])
    by = account(actor)
    Verbatim.objects.update_or_create(
        project=form.project,
        dictionary=used.key,
        digest=mark,
        defaults={"text": group.text, "code": term.code, "label": term.label, "by": by},
    )
    approval = policy_of(form.project).approval
    state = Coded.State.PROPOSED if approval else Coded.State.CODED
    made = put(group, used, by, state=state, how=how, code=term.code, label=term.label, path=term.path)
    audit.record(actor, "ecrf.verbatims_coded", form, dictionary=used.key, code=term.code, texts=len(made))
    return made


@transaction.atomic
def call_not_codable(actor: Actor, form: Form, dictionary: str, mark: str, reason: str) -> list[Coded]:
    """Say that a text can't be coded, and why: it waits no more, until it is written otherwise."""
    group = group_of(actor, form, dictionary, mark)
    require_to_code(actor, group.places)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why this can’t be coded."))])
    used = dictionary_of(form.project, dictionary)
    made = put(group, used, account(actor), state=Coded.State.NOT_CODABLE, reason=reason.strip()[:500])
    audit.record(actor, "ecrf.verbatims_coded", form, dictionary=used.key, code="", texts=len(made))
    return made


def dictionary_of(project: Project, key: str) -> Dictionary:
    found = dictionaries.current_in(project).get(key)
    if found is None:
        raise Conflict(_("The dictionary “%(key)s” isn’t loaded in this project.") % {"key": key}, "no_dictionary")
    return found


def put(group: Group, dictionary: Dictionary, by: Any, **values: Any) -> list[Coded]:
    """One row for each place, in place of what stood there."""
    now = timezone.now()
    for place in group.places:
        Coded.objects.filter(entry=place.entry, item=place.item, row=place.row, ended_at=None).update(ended_at=now)
    rows = [
        Coded(entry=one.entry, item=one.item, row=one.row, digest=group.digest, dictionary=dictionary, by=by, **values)
        for one in group.places
    ]
    return Coded.objects.bulk_create(rows)


@transaction.atomic
def code_by_itself(actor: Actor, form: Form) -> int:
    """Code what is sure: texts that were coded before in this study, and those that are the very words of one term."""
    access.require(actor, permissions.CODE, form.project, obj=form)
    done = 0
    held = dictionaries.current_in(form.project)
    for group in groups_of(actor, form):
        used = held.get(group.dictionary)
        if used is None or not group.waiting:
            continue
        if (term := sure(form.project, used, group)) is not None:
            code, how = term
            done += len(code_text(actor, form, group.dictionary, group.digest, code, how=how))
    return done


def sure(project: Project, dictionary: Dictionary, group: Group) -> tuple[str, str] | None:
    known = Verbatim.objects.filter(project=project, dictionary=dictionary.key, digest=group.digest).first()
    terms = Term.objects.filter(dictionary=dictionary, current=True)
    if known is not None and terms.filter(code=known.code).exists():
        return known.code, Coded.How.BEFORE
    same = list(terms.filter(folded=normalised(group.text))[:2])
    return (same[0].code, Coded.How.EXACT) if len(same) == 1 else None


@transaction.atomic
def approve_codes(actor: Actor, form: Form, dictionary: str, mark: str) -> int:
    """Approve what somebody else coded."""
    group = group_of(actor, form, dictionary, mark)
    require_to_code(actor, group.places)
    waiting = [place.coded for place in group.to_approve if place.coded]
    if any(one.by_id == actor.pk for one in waiting):
        raise Conflict(_("Somebody else approves what you coded."), "not_yours")
    for one in waiting:
        one.state, one.approved_by = Coded.State.CODED, account(actor)
        one.save(update_fields=["state", "approved_by"])
    if waiting:
        audit.record(
            actor, "ecrf.codes_approved", form, dictionary=dictionary, code=waiting[0].code, texts=len(waiting)
        )
    return len(waiting)


@transaction.atomic
def withdraw_codes(actor: Actor, form: Form, dictionary: str, mark: str) -> int:
    """Take the code of a text back: it waits again, and the study forgets what it was coded as."""
    group = group_of(actor, form, dictionary, mark)
    require_to_code(actor, group.places)
    Verbatim.objects.filter(project=form.project, dictionary=dictionary, digest=mark).delete()
    given = [place.coded.pk for place in group.places if place.coded]
    done = Coded.objects.filter(pk__in=given, ended_at=None).update(ended_at=timezone.now())
    if done:
        audit.record(actor, "ecrf.codes_withdrawn", form, dictionary=dictionary, texts=done)
    return int(done)


@transaction.atomic
def ask_about(actor: Actor, form: Form, dictionary: str, mark: str, text: str) -> int:
    """Open a query at each place where a text stands that can't be coded as it is."""
    group = group_of(actor, form, dictionary, mark)
    require_to_code(actor, group.places)
    for place in group.waiting:
        row = f"{place.row}" if place.row else ""
        open_query(actor, place.entry, text, item=place.item, row=row)
    return len(group.waiting)


@transaction.atomic
def carry_over(actor: Actor, project: Project, before: Dictionary, after: Dictionary) -> int:
    """Bring the codes that another version holds alike to that version; the others stay, to be coded anew."""
    access.require(actor, permissions.MANAGE_DICTIONARIES, project)
    access.require(actor, permissions.CODE, project)
    left = {one.code for one in dictionaries.changes(project, before, after)}
    rows = Coded.objects.visible_to(actor).filter(
        entry__subject__project=project, dictionary=before, ended_at=None, state=Coded.State.CODED
    )
    same: Sequence[Coded] = [one for one in rows if one.code not in left]
    Coded.objects.filter(pk__in=[one.pk for one in same]).update(ended_at=timezone.now())
    names = ("entry_id", "item", "row", "digest", "code", "label", "path", "state", "how", "by_id", "approved_by_id")
    Coded.objects.bulk_create(Coded(dictionary=after, **{name: getattr(one, name) for name in names}) for one in same)
    audit.record(actor, "ecrf.verbatims_coded", after, dictionary=after.key, version=after.version, texts=len(same))
    return len(same)
