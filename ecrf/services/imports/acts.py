"""Begin an import, try it, save it, discard it. Trying and saving are one and the same: see saving.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.jobs.models import Job
from ecrf import engine, messages, permissions
from ecrf.engine.exchange import data_formats
from ecrf.engine.exchange.records import Reading
from ecrf.models import DataImport, Form, FormVersion, Subject
from ecrf.services import script_failures
from ecrf.services.contexts import local
from ecrf.services.exports import mark_stale
from ecrf.services.imports.report import Report
from ecrf.services.imports.saving import Importer, Progress
from ecrf.services.imports.sites import sites_by_name
from ecrf.services.people import account
from ecrf.services.scripted import ScriptFailed

if TYPE_CHECKING:
    from core.access.scope import Actor

State = DataImport.State
ENDED = frozenset({State.DONE, State.UNDONE, State.DISCARDED})


def silent(_done: int, _total: int) -> None:
    """For who doesn't wait and watch."""


def begin_import(
    actor: Actor,
    form: Form,
    file: IO[bytes],
    name: str,
    *,
    kind: str = "",
    options: Mapping[str, str] | None = None,
    at_once: bool = False,
) -> DataImport:
    """Keep a file of data, encrypted, and have it tried by a job. Nothing of it is saved before somebody confirms.

    `kind` names the format, else it is told from the file. `options`: `empty`, `subjects`, `signed`, `site`, `reason`.
    `at_once`: the caller has it tried himself.
    """
    access.require(actor, permissions.IMPORT, form.project, obj=form)
    chosen = checked(form.project, kind, options or {})
    stored = files.store(actor, form.project, file, name=name, kind="data-import", limit=data_formats.MAX_BYTES)
    with transaction.atomic():
        found = DataImport.objects.create(
            project=form.project,
            form=form,
            author=account(actor),
            source=name[:200],
            format=kind,
            file=stored,
            **chosen,
        )
        audit.record(actor, "ecrf.import_begun", found, form=form.key, source=found.source)
        if not at_once:
            found.job = submit(actor, "ecrf.check_import", found)
            found.save(update_fields=["job"])
    return found


def checked(project: Project, kind: str, options: Mapping[str, str]) -> dict[str, str]:
    """The options, each one of those that there are. Raises Invalid."""
    allowed: dict[str, Any] = {
        "empty": DataImport.Empty.values,
        "subjects": DataImport.Subjects.values,
        "signed": DataImport.Signed.values,
        "site": ["", *set(sites_by_name(project).values())],
    }
    wrong = [name for name, values in allowed.items() if name in options and options[name] not in values]
    wrong += ["format"] if kind and kind not in data_formats.FORMATS else []
    if wrong:
        raise Invalid([Fault(name, "unknown_option", messages.words("unknown_option", {})) for name in wrong])
    return {name: options[name] for name in allowed if name in options} | {"reason": options.get("reason", "")[:500]}


def submit(actor: Actor, task: str, found: DataImport, **more: str) -> Job:
    arguments = {"import_id": str(found.pk), **more}
    return jobs.submit(
        actor, task, project=found.project, arguments=arguments, subject=found, unique=f"import {found.pk}"
    )


@transaction.atomic
def confirm_import(actor: Actor, data_import: DataImport) -> DataImport:
    """Have a file saved that was tried and is right."""
    found = held(actor, data_import)
    if not may_be_saved(found):
        raise Conflict(_("Only a file that was checked, and found right, can be saved."), "state")
    found.state = State.SAVING
    found.job = submit(actor, "ecrf.save_import", found)
    found.save(update_fields=["state", "job"])
    return found


@transaction.atomic
def check_again(actor: Actor, data_import: DataImport) -> DataImport:
    """Have a file tried once more, after the form or the records have changed."""
    found = held(actor, data_import)
    if found.state in ENDED or (found.job is not None and found.job.is_live):
        raise Conflict(_("This file is being worked on, or was saved or discarded in the meantime."), "state")
    found.state = State.CHECKING
    found.job = submit(actor, "ecrf.check_import", found)
    found.save(update_fields=["state", "job"])
    return found


def may_be_saved(found: DataImport) -> bool:
    """Also one whose job was stopped or failed: nothing of it was saved."""
    stopped = found.state == State.SAVING and (found.job is None or found.job.state not in Job.LIVE)
    return found.state == State.READY or stopped


def held(actor: Actor, data_import: DataImport) -> DataImport:
    """The import as it is now, which nobody else changes meanwhile, for who may import."""
    access.require(actor, permissions.IMPORT, data_import.project, obj=data_import)
    rows = DataImport.objects.select_related("project", "form__current", "form__project", "file", "job")
    found: DataImport = rows.select_for_update(of=("self",)).get(pk=data_import.pk)
    found.form.project = found.project
    return found


def content_of(found: DataImport) -> bytes:
    assert found.file is not None
    found.file.project = found.project
    with files.open(found.file) as opened:
        return opened.read()


def read(found: DataImport, version: FormVersion) -> Reading:
    """The records of the file with every wrong cell."""
    content, definition = content_of(found), version.loaded
    kind = found.format or data_formats.detect(content, definition)
    if not kind:
        formats = ", ".join(data_formats.FORMATS)
        return Reading(faults=[engine.Fault("file", "format_not_told", {"row": 0, "column": "", "formats": formats})])
    found.format = kind
    known = None
    if found.subjects == DataImport.Subjects.REFUSE:
        known = frozenset(Subject.objects.filter(project=found.project).values_list("number", flat=True))
    return data_formats.read(
        content, kind, data_formats.Asked(definition, local(), sites_by_name(found.project), known)
    )


def attempt(
    actor: Actor, found: DataImport, progress: Progress, *, trying: bool
) -> tuple[Report, str, ScriptFailed | None]:
    """Save all, or try to; a digest of all that was there before; and how a script of the form failed."""
    version, report = found.form.published, Report()
    reading = read(found, version)
    report.read(reading.faults, reading.warnings)
    importer = Importer(actor, found, version, reading, report, trying)
    importer.run(progress)
    report.counts["records"] = len(reading.records)
    return report, importer.basis.hexdigest(), importer.failed


def check_now(actor: Actor, data_import: DataImport, progress: Progress = silent) -> DataImport:
    """Try the file: what it would change, and every cell that is wrong. Nothing of it stays."""
    with transaction.atomic():
        found = held(actor, data_import)
    if found.state in ENDED:
        return found
    report, basis, failed = attempt(actor, found, progress, trying=True)
    if failed is not None:
        script_failures.tell(actor, failed)
    return told(actor, found, report, basis)


@transaction.atomic
def told(actor: Actor, tried: DataImport, report: Report, basis: str) -> DataImport:
    found = held(actor, tried)
    if found.state in ENDED:
        return found
    found.state = State.READY if report.is_right else State.FAULTY
    found.format, found.counts, found.report, found.basis = tried.format, dict(report.counts), report.as_data(), basis
    found.save(update_fields=["state", "format", "counts", "report", "basis"])
    audit.record(actor, "ecrf.import_checked", found, form=found.form.key, source=found.source, **summary(found))
    return found


def summary(found: DataImport) -> dict[str, Any]:
    """What the journal tells of the counts."""
    named = {"records": "records", "faults": "faults", "subjects_new": "subjects"}
    return {name: found.counts.get(key, 0) for key, name in named.items()}


class Wrong(Exception):
    """Something is wrong after all: the transaction is taken back."""

    def __init__(self, report: Report, basis: str) -> None:
        self.report, self.basis = report, basis


def save_now(actor: Actor, data_import: DataImport, progress: Progress = silent, fence: Any = None) -> DataImport:
    """Save all of the file in one transaction. Raises Conflict where the records have changed since it was checked.

    `fence` is entered last: a context in which it is settled that nobody else is doing the same.
    """
    try:
        with transaction.atomic():
            found = held(actor, data_import)
            if found.state not in (State.READY, State.SAVING):
                raise Conflict(_("This file was saved or discarded in the meantime."), "state")
            Form.objects.select_for_update(of=("self",), no_key=True).get(pk=found.form_id)
            report, basis, _failed = attempt(actor, found, progress, trying=False)
            if not report.is_right:
                raise Wrong(report, basis)
            if basis != found.basis:
                text = _("The records or the form have changed since the file was checked: check it again.")
                raise Conflict(text, "changed")
            done(actor, found, report)
            if fence is not None:
                with fence():
                    pass
    except Wrong as wrong:
        return told(actor, data_import, wrong.report, wrong.basis)
    return found


def done(actor: Actor, found: DataImport, report: Report) -> None:
    found.state, found.done_at = State.DONE, timezone.now()
    found.counts, found.report = dict(report.counts), report.as_data()
    found.save(update_fields=["state", "done_at", "counts", "report"])
    mark_stale(found.form, found.project)
    audit.record(actor, "ecrf.import_saved", found, form=found.form.key, source=found.source, **summary(found))
    forget_file(actor, found)


def forget_file(actor: Actor, found: DataImport) -> None:
    """What the file held is in the records, or wanted by nobody."""
    if found.file is not None:
        files.erase(actor, found.file, found.source)


@transaction.atomic
def discard_import(actor: Actor, data_import: DataImport) -> DataImport:
    """Drop the file, and what was told of it."""
    found = held(actor, data_import)
    if found.state in ENDED or (found.state == State.SAVING and not may_be_saved(found)):
        raise Conflict(_("This file was saved or discarded in the meantime."), "state")
    found.state, found.report = State.DISCARDED, None
    found.save(update_fields=["state", "report"])
    audit.record(actor, "ecrf.import_discarded", found, form=found.form.key, source=found.source)
    forget_file(actor, found)
    return found
