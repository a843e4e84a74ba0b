"""Fictitious ordonnances: ask for a set, take cases out of it, remove it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.files.models import StoredFile
from core.jobs.models import Job
from prescriptions import making, permissions
from prescriptions.engine.synthetic import output
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.models import CaseSet, Generation, Part
from prescriptions.services import evaluation
from prescriptions.services.documents import person

if TYPE_CHECKING:
    from core.access.scope import Actor

TASK = "prescriptions.generate"
MOST = 100_000
MOST_RENDERED = 2_000
"""Documents with pages: less than an hour of one core, and half a gigabyte."""
LONGEST_SEED = 20
PART, ARCHIVE = "synthetic-part", "synthetic"
"""What files of the two kinds are called in the store."""
LOST = timedelta(days=1)
KINDS = {"line": output.LINES, "prescription": output.DOCUMENTS}
"""What a case is about -> the stream that holds such cases."""
CASE = ("id", "type", "category", "text", "scoring", "expected", "split", "noise")


@dataclass(frozen=True)
class Wanted:
    """What a set is to be."""

    count: int
    seed: str = "1"
    profiles: Sequence[str] = tuple(MIX)
    formats: Sequence[str] = ("brat", "fhir")
    wear: str = output.MIXED

    def faults(self) -> list[Fault]:
        """What of it can't be."""
        rendered = "pages" in self.formats
        most = MOST_RENDERED if rendered else MOST
        found = []
        if not 1 <= self.count <= most:
            words = _("With pages, at most %(most)s documents.") if rendered else _("From 1 to %(most)s documents.")
            found.append(Fault("count", "range", words % {"most": most}))
        if not self.seed.isalnum() or len(self.seed) > LONGEST_SEED:
            found.append(Fault("seed", "letters", _("A seed is up to 20 letters and digits.")))
        if not self.profiles or set(self.profiles) - MIX.keys():
            found.append(Fault("profiles", "unknown", _("Choose at least one of the profiles there are.")))
        if set(self.formats) - set(output.FORMS):
            found.append(Fault("formats", "unknown", _("There is no such format.")))
        if self.wear not in (*output.WEARS, output.MIXED):
            found.append(Fault("wear", "unknown", _("There is no such state of the pages.")))
        return found


@transaction.atomic
def start_generation(actor: Actor, project: Project, wanted: Wanted) -> tuple[Generation, Job]:
    """Have a set of fictitious ordonnances made, as a job. Raises Invalid with every fault of what is wanted."""
    access.require(actor, permissions.GENERATE, project)
    access.require(actor, "datasets.publish_data", project)
    if faults := wanted.faults():
        raise Invalid(faults)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    last = Generation.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    made = Generation(
        project=project, number=last + 1, count=wanted.count, seed=wanted.seed, profiles=list(wanted.profiles),
        formats=list(wanted.formats), wear=wanted.wear, edition=making.edition(), author=person(actor),
    )  # fmt: skip
    job = jobs.submit(
        actor, TASK, project=project, arguments={"generation_id": str(made.pk)}, subject=made, unique=str(made.pk)
    )
    made.job_id = job.pk
    made.save(force_insert=True)
    audit.record(actor, "prescriptions.generation_asked", made, documents=wanted.count, seed=wanted.seed)
    return made, job


def cases_of(made: Generation, kind: str, split: str, count: int) -> list[dict[str, Any]]:
    """The first cases of a split (all of them where it is empty) out of the file of a set."""
    if made.file is None:
        raise Conflict(_("This set isn’t finished."), "unfinished")
    with files.open(made.file) as stored, ZipFile(stored) as archive, archive.open(KINDS[kind]) as lines:
        found = (case for case in map(json.loads, lines) if not split or case["split"] == split)
        return [{key: case[key] for key in CASE} for case in islice(found, count)]


def use_generation(actor: Actor, made: Generation, name: str, *, kind: str, split: str, count: int) -> CaseSet:
    """Keep cases of a set for evaluation. Raises Invalid; Conflict for a name that is taken or an unfinished set."""
    access.require(actor, permissions.GENERATE, made.project, obj=made)
    if kind not in KINDS or not 1 <= count <= evaluation.MOST_CASES:
        message = _("Choose lines or prescriptions, and from 1 to %(most)s of them.")
        raise Invalid([Fault("count", "range", message % {"most": evaluation.MOST_CASES})])
    cases = cases_of(made, kind, split, count)
    if not cases:
        raise Invalid([Fault("split", "empty", _("The set has no such case."))])
    content = "\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    return evaluation.add_set(actor, made.project, name, content.encode(), origin=CaseSet.Origin.FICTITIOUS)


@transaction.atomic
def delete_generation(actor: Actor, made: Generation) -> None:
    """Remove a set with its file, for good; what was made of it stays. Raises Conflict while it is made."""
    access.require(actor, permissions.GENERATE, made.project, obj=made)
    held = Generation.objects.select_for_update(of=("self",)).select_related("project", "file").get(pk=made.pk)
    if is_live(held):
        raise Conflict(_("This set is being made: stop its job first."), "started")
    audit.record(actor, "prescriptions.generation_deleted", held, documents=held.count)
    stored = [part.file for part in held.parts.select_related("file")]
    held.parts.all().delete()
    held.delete()
    for each in (*stored, held.file):
        if each is not None:
            files.erase(actor, each, "deleted")


def is_live(made: Generation) -> bool:
    """Whether its job waits or runs."""
    return made.job_id is not None and Job.objects.live().filter(pk=made.job_id).exists()


def tidy() -> int:
    """Remove the parts of sets whose job is over, and files that a killed worker hadn't entered; gives how many."""
    left = Part.objects.exclude(generation__job_id__in=Job.objects.live().values("pk")).select_related("file__project")
    lost = StoredFile.objects.filter(
        ~Exists(Part.objects.filter(file=OuterRef("pk"))), ~Exists(Generation.objects.filter(file=OuterRef("pk"))),
        kind__in=(PART, ARCHIVE), erased_at=None, created_at__lt=timezone.now() - LOST,
    ).select_related("project")  # fmt: skip
    for file in (found := list(lost)):
        files.discard(file)
    return forget(list(left)) + len(found)


def forget(parts: Sequence[Part]) -> int:
    """Remove parts, each with its file."""
    for part in parts:
        part.delete()
        files.discard(part.file)
    return len(parts)
