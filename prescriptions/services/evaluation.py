"""Keep sets of worked cases, and have readers run over them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit, files, jobs
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.jobs.models import Job
from prescriptions import paged, permissions, readers
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.case import MOST_FAULTS, BadSet, Case, read_set, write_case
from prescriptions.models import CaseSet, Run, SetCase
from prescriptions.services.documents import UNSURE, person

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.files.models import StoredFile

MOST_CASES = 5_000
LARGEST = 10 << 20
"""Bytes of one set of texts."""
LARGEST_ARCHIVE = 200 << 20
"""Bytes of one set with its pages."""
OWN_NAMES = {"own": gettext_lazy("Worked cases"), "own-noisy": gettext_lazy("Worked cases with misprints")}

WORDS = {
    "not_json": gettext_lazy("Line %(line)s isn’t JSON."),
    "not_object": gettext_lazy("Line %(line)s isn’t a JSON object."),
    "missing": gettext_lazy("Line %(line)s has no “%(value)s”."),
    "text": gettext_lazy("Line %(line)s: the text is a string of at most 20,000 characters."),
    "type": gettext_lazy("Line %(line)s: the type is “line” or “prescription”."),
    "scoring": gettext_lazy("Line %(line)s: the scoring is “full” or “daily”."),
    "expected": gettext_lazy("Line %(line)s: “expected” isn’t the structure of a line or a prescription."),
    "page": gettext_lazy(
        "Line %(line)s: “page” is the name of a file, of a case of the type “prescription” without “read”."
    ),
    "spans": gettext_lazy("Line %(line)s: a span has kind, start and end within the text."),
    "twice": gettext_lazy("Line %(line)s: the id “%(value)s” occurs twice."),
    "empty": gettext_lazy("There is no case in it: one JSON object a line is expected."),
}
"""What is wrong with a line of a set -> in words."""


def cases_of(text: str) -> tuple[Case, ...]:
    """The cases of a JSON-lines text. Raises Invalid with every fault at its line."""
    try:
        cases = read_set(text.splitlines())
    except BadSet as error:
        faults = [
            Fault("file", fault.code, WORDS[fault.code] % {"line": fault.line, "value": fault.value})
            for fault in error.faults
        ]
        raise Invalid(faults, _("This isn’t a set of cases.")) from error
    if len(cases) > MOST_CASES:
        message = _("The set has %(count)s cases; the most is %(most)s.") % {"count": len(cases), "most": MOST_CASES}
        raise Invalid([Fault("file", "too_many", message)])
    return cases


def add_set(
    actor: Actor, project: Project, name: str, content: bytes, *, origin: str = CaseSet.Origin.UPLOAD
) -> CaseSet:
    """Keep a set of JSON lines, one that was uploaded or made here.

    Raises Invalid for what is no set, Conflict for a name that is taken.
    """
    access.require(actor, permissions.EVALUATE, project)
    cases = cases_of(decoded(content))
    if any(case.page for case in cases):
        message = _("Cases that name a page are sent with it, in one ZIP archive.")
        raise Invalid([Fault("file", "pages", message)])
    return _keep(actor, project, name.strip(), cases, origin)


def add_pages(actor: Actor, project: Project, name: str, archive: IO[bytes]) -> CaseSet:
    """Keep a set about pages: a ZIP of its cases and of the pages that they name. Raises as `add_set` does."""
    access.require(actor, permissions.EVALUATE, project)
    inside = paged.listed(archive)
    if paged.CASES not in inside:
        message = _("The archive has no “%(name)s”: put the cases there, one JSON object a line.")
        raise Invalid([Fault("file", "no_cases", message % {"name": paged.CASES})])
    cases = cases_of(decoded(paged.member(archive, paged.CASES)))
    if faults := list(_faults(cases, inside)):
        raise Invalid(faults, _("This isn’t a set of cases."))
    archive.seek(0)
    stored = files.store(actor, project, archive, name="pages.zip", kind="case-pages", limit=LARGEST_ARCHIVE)
    try:
        return _keep(actor, project, name.strip(), cases, CaseSet.Origin.UPLOAD, stored)
    except BaseException:
        files.discard(stored)
        raise


def _faults(cases: tuple[Case, ...], inside: dict[str, int]) -> Iterator[Fault]:
    pages = {case.page for case in cases if case.page}
    if len(pages) > paged.MOST:
        message = _("The set has %(count)s pages; the most is %(most)s.") % {"count": len(pages), "most": paged.MOST}
        yield Fault("file", "too_many_pages", message)
    for page in sorted(pages)[:MOST_FAULTS]:
        if page not in inside:
            yield Fault(
                "file", "no_page", _("The archive has no file “%(name)s”, which a case names.") % {"name": page}
            )
        elif inside[page] > paged.LARGEST:
            yield Fault("file", "large_page", _("The file “%(name)s” is larger than 20 MB.") % {"name": page})


def decoded(content: bytes) -> str:
    """The text of a file of cases. Raises Invalid."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            [Fault("file", "encoding", _("The file isn’t in UTF-8: save it so, then send it again."))]
        ) from error


def add_own_set(actor: Actor, project: Project, which: str) -> CaseSet:
    """Keep one of the sets that come with the suite; asked again, it is the same one."""
    access.require(actor, permissions.EVALUATE, project)
    if which not in own.SETS:
        raise Invalid([Fault("which", "unknown", _("There is no such set."))])
    name = str(OWN_NAMES[which])
    known = CaseSet.objects.filter(project=project, name=name, origin=CaseSet.Origin.OWN).first()
    return known or _keep(actor, project, name, own.SETS[which](), CaseSet.Origin.OWN)


@transaction.atomic
def _keep(
    actor: Actor, project: Project, name: str, cases: tuple[Case, ...], origin: str, pages: StoredFile | None = None
) -> CaseSet:
    if not name:
        raise Invalid([Fault("name", "empty", _("Give the set a name."))])
    written = [write_case(case) for case in cases]
    digest = hashlib.sha256(json.dumps(written, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            made = CaseSet.objects.create(
                project=project, name=name, origin=origin, count=len(cases), digest=digest, author=person(actor),
                pages=pages,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("There is a set of this name already: choose another one."), "name-taken") from error
    SetCase.objects.bulk_create(
        [SetCase(case_set=made, position=place, content=one) for place, one in enumerate(written, 1)], batch_size=500
    )
    audit.record(actor, "prescriptions.case_set_added", made, cases=len(cases), origin=origin)
    return made


@transaction.atomic
def delete_set(actor: Actor, case_set: CaseSet) -> None:
    """Remove a set with its cases, its pages, its runs and their results, for good."""
    access.require(actor, permissions.EVALUATE, case_set.project, obj=case_set)
    held = CaseSet.objects.select_for_update(of=("self",)).select_related("project").get(pk=case_set.pk)
    audit.record(actor, "prescriptions.case_set_deleted", held, cases=held.count, runs=held.runs.count())
    pages = held.pages
    held.delete()
    if pages is not None:
        files.erase(actor, pages, "deleted")


@transaction.atomic
def start_run(actor: Actor, case_set: CaseSet, model: str, threshold: float = UNSURE) -> tuple[Run, Job]:
    """Have a reader run over a set, as a job. Raises Invalid for a reader that this instance hasn't."""
    access.require(actor, permissions.EVALUATE, case_set.project, obj=case_set)
    faults = []
    if model not in readers.available():
        faults.append(Fault("model", "unknown", _("This instance has no such reader.")))
    if not 0 < threshold <= 1:
        faults.append(Fault("threshold", "range", _("The threshold is above 0 and at most 1.")))
    if faults:
        raise Invalid(faults)
    CaseSet.objects.select_for_update(of=("self",)).get(pk=case_set.pk)
    last = Run.objects.filter(case_set=case_set).aggregate(last=Max("number"))["last"] or 0
    run = Run.objects.create(case_set=case_set, number=last + 1, model=model, threshold=threshold, author=person(actor))
    audit.record(actor, "prescriptions.run_asked", run, model=model, cases=case_set.count)
    job = jobs.submit(
        actor,
        "prescriptions.evaluate",
        project=case_set.project,
        arguments={"run_id": str(run.pk)},
        subject=run,
        unique=str(run.pk),
    )
    return run, job
