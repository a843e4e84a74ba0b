"""Make an export's file as a job, also one that comes again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit, files, jobs
from ecrf.models import Entry, Export, Form
from ecrf.services import exports
from ecrf.services.exports.asking import earlier, tell
from ecrf.services.people import account
from ecrf.tasks.exports import publish


@jobs.task("ecrf.make_export", label=gettext_lazy("Export records"), queue="heavy", limit=timedelta(hours=3))
def make_export(run: jobs.Run, *, export_id: str) -> dict[str, Any]:
    """Make the file; done again after a crash, it gives back what was made."""
    related = ("form__project", "form__current", "since")
    export: Export = access.fetch(Export.objects.select_related(*related), run.actor, pk=export_id)
    return produce(run, export)


@jobs.task("ecrf.export_again", label=gettext_lazy("Scheduled export"), queue="heavy", limit=timedelta(hours=3))
def export_again(run: jobs.Run, *, form_id: str, format_: str, choices: dict[str, Any]) -> dict[str, Any]:
    """The next one of a schedule: a row of its own, then the same."""
    if not (known := run.kept.get("export")):
        form: Form = access.fetch(Form.objects.select_related("project", "current"), run.actor, pk=form_id)
        asked = exports.read_choices(choices)
        export = Export(
            form=form,
            author=account(run.actor),
            format=format_,
            choices=choices,
            level=asked.level,
            scheduled=True,
            job=run.job.pk,
        )
        export.since = earlier(run.actor, form, asked)
        with run.fenced():
            export.save(force_insert=True)
            tell(run.actor, export)
            run.keep(export=str(export.pk))
        known = str(export.pk)
    related = ("form__project", "form__current", "since")
    held = Export.objects.select_related(*related).get(pk=UUID(known))
    return publish(run, held) if format_ == "dataset" else produce(run, held)


def produce(run: jobs.Run, export: Export) -> dict[str, Any]:
    if export.finished_at is not None:
        return result_of(export)
    total = Entry.objects.filter(form=export.form, removed_at=None).count()

    def report(count: int) -> None:
        run.progress(count, total, _("Opening and checking the records"))

    stored, described = exports.make_file(
        run.actor, export, report, lambda: run.progress(total, total, _("Writing the file"))
    )
    try:
        with run.fenced():
            for name, value in {**described, "file": stored}.items():
                setattr(export, name, value)
            export.save(update_fields=[*described, "file"])
            audit.record(
                run.actor,
                "ecrf.export_made",
                export,
                format=export.format,
                records=export.records,
                subjects=export.subjects,
                level=export.level,
                digest=export.sha256,
            )
            exports.forget_marks(export)
    except BaseException:
        files.discard(stored)
        raise
    return result_of(export)


def result_of(export: Export) -> dict[str, Any]:
    return {
        "export": str(export.pk),
        "records": export.records,
        "subjects": export.subjects,
        "url_name": "ecrf:export_detail",
        "url_args": [export.form.project.slug, str(export.pk)],
    }
