"""Make a set of fictitious ordonnances: documents in parts, then one archive, its report and its datasets."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core import audit, datasets, files, jobs
from core.errors import Conflict
from core.files.models import StoredFile
from prescriptions import corpus, making, permissions
from prescriptions.engine.synthetic import archive, output
from prescriptions.engine.synthetic.privacy import words
from prescriptions.engine.synthetic.privacy.audit import Audit
from prescriptions.models import Generation, Part
from prescriptions.services import synthetic

PART, PART_RENDERED = 500, 20
"""Documents of a part: what is made again after a crash, and what is in memory at once."""


@jobs.task(
    synthetic.TASK, label=gettext_lazy("Generate fictitious prescriptions"),
    queue="heavy", limit=timedelta(hours=12), retries=5, needs=permissions.GENERATE,
)  # fmt: skip
def generate(run: jobs.Run, *, generation_id: str) -> dict[str, Any]:
    """The documents that no earlier attempt has made, then what they are together; done again, it is the same set.

    A document depends on the seed and its number alone. Parts are kept until archive, report and datasets are written
    in one transaction.
    """
    held = Generation.objects.select_related("project", "file").get(pk=generation_id)
    result = {"url_name": "prescriptions:generation", "url_args": [held.project.slug, str(held.pk)]}
    if held.finished_at is None:
        if held.edition != making.edition():
            raise Conflict(_("The list of medicines has changed since: ask for the set again."), "edition")
        make(run, held)
        finish(run, held)
    synthetic.forget(list(held.parts.select_related("file")))
    return result | {"documents": held.count}


def make(run: jobs.Run, held: Generation) -> None:
    """Every part that there isn't yet."""
    rendered = "pages" in held.formats
    size = PART_RENDERED if rendered else PART
    known = set(held.parts.values_list("start", flat=True))
    generator = making.generator(held.seed, held.profiles)
    words_of = _("Drawing and printing the prescriptions") if rendered else _("Drawing the prescriptions")
    with tempfile.TemporaryDirectory(prefix="fonts-") as fonts:
        printer = making.printer(Path(fonts), held.wear) if rendered else None
        for start in range(0, held.count, size):
            run.progress(start, held.count, words_of)
            if start in known:
                continue
            documents = generator.documents(start, min(start + size, held.count))
            content = archive.part(output.members(documents, held.formats, printer))
            keep(run, held, start, content)


def keep(run: jobs.Run, held: Generation, start: int, content: bytes) -> None:
    """A part, once: a file that another attempt was before with is dropped."""
    stored = files.store(run.actor, held.project, [content], name=f"{start}.zip", kind=synthetic.PART)
    try:
        with run.fenced():
            Part.objects.create(generation=held, start=start, file=stored)
    except BaseException:
        files.discard(stored)
        raise


def finish(run: jobs.Run, held: Generation) -> None:
    """The report, the archive and the datasets, which become the set's together."""
    kept = list(held.parts.order_by("start").select_related("file__project"))

    def parts() -> Iterator[ZipFile]:
        for part in kept:
            with files.open(part.file) as stored, ZipFile(stored) as opened:
                yield opened

    held.report = audited(run, held, parts)
    if not held.passed:
        with run.fenced():
            settle(run, held)
        return
    stored = packed(run, held, parts, held.report)
    try:
        with corpus.prepared(run, held, parts) as tables, run.fenced():
            for table in tables:
                version = datasets.add(run.actor, table, corpus.provenance(held, stored))
                held.datasets[table.name] = version.number
            held.file = stored
            settle(run, held)
    except BaseException:
        files.discard(stored)
        raise


def settle(run: jobs.Run, held: Generation) -> None:
    """The set is done; what the report refuses has neither file nor datasets."""
    held.finished_at = timezone.now()
    held.save(update_fields=["file", "report", "datasets", "finished_at"])
    audit.record(run.actor, "prescriptions.generation_finished", held, documents=held.count, passed=held.passed)


def audited(run: jobs.Run, held: Generation, parts: archive.Parts) -> dict[str, Any]:
    """The privacy report of what is about to leave."""
    looked = Audit(making.seeds(), making.catalogue())
    pairs = zip(archive.objects(parts, output.DOCUMENTS), archive.objects(parts, output.LEDGER), strict=True)
    for number, (case, entry) in enumerate(pairs, 1):
        looked.see(case, entry)
        if number % PART == 0:
            run.progress(number, held.count, _("Checking that they tell of nobody"))
    return looked.report()


def packed(run: jobs.Run, held: Generation, parts: archive.Parts, report: dict[str, Any]) -> StoredFile:
    """The archive, written as it is made."""
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    extra = {
        "privacy.json": json.dumps(report, indent=2).encode(),
        "privacy.md": words.markdown(report, language).encode(),
    }
    name = f"{_('fictitious-prescriptions')}-{held.number}.zip"
    with files.create(
        run.actor, held.project, name=name, media_type="application/zip", kind=synthetic.ARCHIVE
    ) as draft:
        for member in archive.pack(parts, draft, extra):
            run.progress(held.count, held.count, _("Packing %(name)s") % {"name": member.rsplit("/", 1)[-1]})
    assert draft.stored is not None
    return draft.stored
