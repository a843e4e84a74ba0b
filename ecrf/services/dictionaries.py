"""Load dictionaries, find terms in them, tell what another version changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Fault, Invalid
from ecrf import messages, permissions
from ecrf.engine import dictionaries as engine
from ecrf.models import Coded, Dictionary, Term
from ecrf.services.people import account
from ecrf.words.dictionaries import DICTIONARIES

if TYPE_CHECKING:
    from core.access.scope import Actor

NEAR = (0.7, 0.45)
"""How much of a text's trigrams a term has at least, first and then."""
FEW = 3
COLUMNS = ("dictionary_id", "code", "label", "folded", "words", "synonyms", "path", "current")


@transaction.atomic
def load_dictionary(
    actor: Actor,
    project: Project,
    content: bytes,
    *,
    kind: str,
    key: str,
    title: str,
    version: str,
    language: str = "",
    licence: str = "",
    shared: bool = False,
) -> Dictionary:
    """The next version of a dictionary, from a file of this kind. Raises Invalid with each line that is wrong."""
    access.require(actor, permissions.MANAGE_DICTIONARIES, project)
    key, title, version = slugify(key)[:50], title.strip(), version.strip()
    faults = [
        Fault(name, "required", messages.words("required", {}))
        for name, value in (("key", key), ("title", title), ("version", version))
        if not value
    ]
    if kind not in engine.FORMATS:
        faults.append(Fault("kind", "unknown_choice", messages.words("unknown_act", {})))
    if faults:
        raise Invalid(faults, _("Nothing was saved."))
    loaded = engine.read(kind, content)
    if loaded.faults:
        told = [
            Fault(one.place, one.code, messages.words(one.code, one.params, of=DICTIONARIES)) for one in loaded.faults
        ]
        raise Invalid(told, _("Nothing of the file was taken."))
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    last = Dictionary.objects.filter(project=project, key=key).order_by("-number").first()
    made = Dictionary.objects.create(
        project=project,
        key=key,
        title=title[:200],
        number=(last.number if last else 0) + 1,
        version=version[:50],
        kind=kind,
        language=language[:12],
        licence=licence,
        levels=list(loaded.levels),
        shared=shared,
        terms_count=len(loaded.terms),
        loaded_by=account(actor),
    )
    write(made, loaded.terms)
    audit.record(actor, "ecrf.dictionary_loaded", made, dictionary=key, version=made.version, terms=len(loaded.terms))
    return made


def write(dictionary: Dictionary, terms: Sequence[engine.Term]) -> None:
    """All terms in one COPY: a hundred thousand take seconds."""
    table = Term._meta.db_table
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows(dictionary, terms):
            copy.write_row(row)


def rows(dictionary: Dictionary, terms: Sequence[engine.Term]) -> Iterator[tuple[Any, ...]]:
    for term in terms:
        folded = engine.normalised(term.label)
        words = " | ".join([folded, *filter(None, map(engine.normalised, term.synonyms))])
        path = json.dumps([list(step) for step in term.path])
        yield dictionary.pk, term.code, term.label, folded, words, list(term.synonyms), path, term.current


def usable_in(project: Project) -> QuerySet[Dictionary]:
    """The dictionaries that a project codes with: its own, and those of its organisation that are shared."""
    return Dictionary.objects.filter(Q(project=project) | Q(shared=True, project__organisation=project.organisation_id))


def current_in(project: Project) -> dict[str, Dictionary]:
    """By key, the last version of each; the project's own comes before a shared one."""
    found: dict[str, Dictionary] = {}
    for one in usable_in(project).order_by("number"):
        held = found.get(one.key)
        if held is None or one.project_id == project.pk or held.project_id != project.pk:
            found[one.key] = one
    return found


def search(dictionary: Dictionary, text: str, most: int = 10) -> list[Term]:
    """The terms that a text means most likely: the same first, then by what their words have in common with it."""
    wanted = engine.normalised(text)[:200]
    if not wanted:
        return []
    terms = Term.objects.filter(dictionary=dictionary, current=True)
    same = list(terms.filter(Q(code__iexact=text.strip()) | Q(folded=wanted))[:most])
    near = terms.exclude(pk__in=[term.pk for term in same]).annotate(score=TrigramWordSimilarity(wanted, "words"))
    with transaction.atomic(), connection.cursor() as cursor:
        for least in NEAR:  # the nearer ones are far fewer: most searches end with the first
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(least)])
            alike = near.filter(words__trigram_word_similar=wanted).order_by("-score", "label")
            found = list(alike[: most - len(same)])
            if len(found) + len(same) >= FEW:
                break
    return [*same, *found]


@dataclass(frozen=True)
class Moved:
    """What another version does to a code in use: it is gone, renamed, moved elsewhere, or retired."""

    code: str
    label: str
    change: str
    now: str
    uses: int


def changes(project: Project, before: Dictionary, after: Dictionary) -> list[Moved]:
    """The codes in use of one version that another doesn't hold alike."""
    used: dict[str, int] = {}
    live = Coded.objects.filter(entry__subject__project=project, dictionary=before, ended_at=None).exclude(code="")
    for code in live.values_list("code", flat=True):
        used[code] = used.get(code, 0) + 1
    old = {term.code: term for term in Term.objects.filter(dictionary=before, code__in=used)}
    new = {term.code: term for term in Term.objects.filter(dictionary=after, code__in=used)}
    found = []
    for code, count in sorted(used.items()):
        one, other = old.get(code), new.get(code)
        if one is None:
            continue
        if other is None:
            found.append(Moved(code, one.label, "gone", "", count))
        elif not other.current:
            found.append(Moved(code, one.label, "retired", other.label, count))
        elif other.path != one.path:
            found.append(Moved(code, one.label, "moved", " › ".join(step[1] for step in other.path), count))
        elif other.label != one.label:
            found.append(Moved(code, one.label, "renamed", other.label, count))
    return found
