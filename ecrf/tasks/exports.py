"""Publish the records of a form as a dataset, and each group of rows as one more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit, datasets, jobs
from core.errors import Conflict
from ecrf import engine, permissions
from ecrf.engine import table
from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.tables import is_complete
from ecrf.models import Entry, Export
from ecrf.models.forms import reader_language
from ecrf.services.exports import dataset_name, levels, mark_stale, rows_name
from ecrf.services.exports.making import described as row_of
from ecrf.services.exports.making import selected
from ecrf.services.exports.selection import Selection
from ecrf.services.exports.spool import RecordSpool

LINES = 500


@jobs.task(
    "ecrf.export_entries",
    label=gettext_lazy("Export the records"),
    queue="heavy",
    limit=timedelta(hours=1),
    needs=permissions.EXPORT,
)
def export_entries(run: jobs.Run, *, export_id: str) -> dict[str, Any]:
    """Publish the records of a form as the next version of its dataset: one line per record.

    Done again after a crash, it gives back what was published.
    """
    related = ("form__project", "form__current", "since")
    export: Export = access.fetch(Export.objects.select_related(*related), run.actor, pk=export_id)
    return publish(run, export)


def publish(run: jobs.Run, export: Export) -> dict[str, Any]:
    if published := run.kept.get("result"):
        return dict(published)
    form = export.form
    access.require(run.actor, permissions.EXPORT, form.project, obj=form)
    if not levels.sees_all(run.actor, form):
        raise Conflict(_("Only who may export the records of every site publishes them as a dataset."), "some-sites")
    _choices, selection = selected(run.actor, export)
    started, spool = timezone.now(), RecordSpool()
    try:
        for record in read(run, selection):
            spool.add(record)
        spool.end()
        return published_from(run, export, selection, spool, started)
    finally:
        spool.close()


def read(run: jobs.Run, selection: Selection) -> Iterator[Record]:
    total = selection.entries().count()
    yield from selection.all(lambda count: run.progress(count, total, _("Opening and checking the records")))
    run.progress(len(selection.read), total, _("Writing the dataset"))


def published_from(
    run: jobs.Run, export: Export, selection: Selection, spool: RecordSpool, started: datetime
) -> dict[str, Any]:
    form, definition = export.form, selection.definition
    identifiers = export.level == "full"
    provenance = {
        "tool": "ecrf",
        "form": form.key,
        "form_version": form.published.number,
        "definition_hash": form.published.hash,
        "identifiers": identifiers,
        "level": export.level,
        "job": str(run.job.pk),
        "exported_at": started.isoformat(),
    }

    def prepared(name: str, title: str, columns: list[table.TableColumn], lines: Iterator[list[Any]]) -> Any:
        reader = pa.RecordBatchReader.from_batches(table.schema(columns), batches(columns, lines))
        return datasets.prepared(
            run.actor,
            form.project,
            name,
            reader,
            title=title[:150],
            columns=[described(definition, column) for column in columns],
            sensitivity="health" if identifiers else "pseudonymised",
        )

    columns = table.layout(definition)
    with ExitStack() as stack:
        main = stack.enter_context(
            prepared(dataset_name(form), form.title, columns, record_lines(columns, spool.records))
        )
        more = []
        for key, group in definition.groups.items():
            own = table.row_layout(definition, key)
            words = definition.text(group.spec.get("title"), reader_language()) or key
            title, lines = f"{form.title}: {words}", row_lines(own, key, spool.records)
            more.append(stack.enter_context(prepared(rows_name(form, key), title, own, lines)))
        stack.enter_context(run.fenced())
        version = datasets.add(run.actor, main, provenance, as_of=started)
        for rows in more:
            datasets.add(run.actor, rows, provenance | {"rows_of": dataset_name(form)}, as_of=started)
        # a dataset that was stale already, or not yet there, wasn't marked by what was saved during the export
        if dict(Entry.objects.filter(form=form, removed_at=None).values_list("pk", "revision")) != selection.read:
            mark_stale(form, form.project)
        for name, value in row_of(export, selection, []).items():
            if name not in ("marks", "keep_until"):
                setattr(export, name, value)
        export.save()
        audit.record(run.actor, "ecrf.entries_exported", form, rows=version.row_count, version=version.number)
        result = {
            "dataset": dataset_name(form),
            "version": version.number,
            "rows": version.row_count,
            "columns": len(columns),
            "url_name": "datasets:version",
            "url_args": [form.project.slug, dataset_name(form), version.number],
        }
        run.keep(result=result)
    return result


def own_cells(record: Record) -> dict[str, Any]:
    return {
        "subject": record.subject,
        "site": record.site,
        "event": record.event or None,
        "page": record.page or None,
        "instance": record.instance,
        "form_version": record.version,
        "complete": is_complete(record),
        "saved_at": datetime.fromisoformat(record.saved_at),
    }


def record_lines(columns: list[table.TableColumn], records: Callable[[], Iterator[Record]]) -> Iterator[list[Any]]:
    line = table.liner(columns)
    for record in records():
        yield line(own_cells(record), record.values)


def row_lines(
    columns: list[table.TableColumn], group: str, records: Callable[[], Iterator[Record]]
) -> Iterator[list[Any]]:
    line = table.liner(columns)
    for record in records():
        for number, row in enumerate(record.values.get(group) or (), start=1):
            yield line(own_cells(record) | {"row": number}, row)


def batches(columns: list[table.TableColumn], lines: Iterator[list[Any]]) -> Iterator[pa.RecordBatch]:
    """Some hundred lines at a time."""
    held: list[list[Any]] = []
    for line in lines:
        held.append(line)
        if len(held) >= LINES:
            yield table.batch(columns, held)
            held = []
    if held:
        yield table.batch(columns, held)


def described(definition: engine.Definition, column: table.TableColumn) -> datasets.Column:
    """What the dataset's dictionary says of a column: the form's own words, units and codes."""
    item = column.item
    if item is None:
        words = {
            "subject": _("Subject"),
            "site": _("Site"),
            "event": _("Event"),
            "page": _("Page"),
            "instance": _("Instance"),
            "row": _("Row"),
            "form_version": _("Version of the form"),
            "complete": _("Complete"),
            "saved_at": _("Last saved"),
        }
        return datasets.Column(column.name, label=words[column.name])
    language = reader_language()
    label = definition.text(item.spec["label"], language) or item.key
    codes = {code: definition.text(choice["label"], language) for code, choice in item.codes.items()}
    if column.code:
        return datasets.Column(column.name, label=f"{label}: {codes[column.code]}", codes={"0": _("No"), "1": _("Yes")})
    return datasets.Column(
        column.name,
        label=label,
        unit=item.spec.get("unit", ""),
        codes=codes or None,
        sensitivity="identifying" if item.spec.get("identifier") else "",
    )
