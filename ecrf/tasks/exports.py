"""Export the records of a form as a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit, datasets, jobs
from ecrf import codes, engine, permissions, rights
from ecrf.engine import table
from ecrf.engine.coding import coded_items
from ecrf.engine.exchange.records import Code
from ecrf.models import Entry, Form
from ecrf.models.forms import reader_language
from ecrf.services import keeping
from ecrf.services.contexts import context_of
from ecrf.services.exports import dataset_name, mark_stale

LINES = 500


@jobs.task(
    "ecrf.export_entries",
    label=gettext_lazy("Export the records"),
    queue="heavy",
    limit=timedelta(hours=1),
    needs=permissions.EXPORT,
)
def export_entries(run: jobs.Run, *, form_id: str, identifiers: bool = False) -> dict[str, Any]:
    """Publish the records of a form as the next version of its dataset: one line per subject that has one.

    Done again after a crash, it gives back what was published.
    """
    if published := run.kept.get("result"):
        return dict(published)
    form: Form = access.fetch(Form.objects.select_related("project", "current"), run.actor, pk=form_id)
    access.require(run.actor, permissions.EXPORT, form.project, obj=form)
    definition = form.published.loaded
    may = rights.of(run.actor, form)
    columns = [
        column
        for column in table.layout(definition, identifiers=identifiers)
        if column.item is None or leaves(may.exported(column.item.page), column.item)
    ]
    columns += code_columns(definition, may, identifiers=identifiers)
    entries = Entry.objects.visible_to(run.actor).filter(form=form, removed_at=None)
    started = timezone.now()
    read: dict[UUID, int] = {}
    reader = pa.RecordBatchReader.from_batches(
        table.schema(columns), batches(run, form, columns, entries, read, may.whole)
    )
    rows = datasets.prepared(
        run.actor,
        form.project,
        dataset_name(form),
        reader,
        title=form.title[:150],
        columns=[described(definition, column) for column in columns],
        sensitivity="health" if identifiers else "pseudonymised",
    )
    provenance = {
        "tool": "ecrf",
        "form": form.key,
        "form_version": form.published.number,
        "definition_hash": form.published.hash,
        "identifiers": identifiers,
        "job": str(run.job.pk),
        "exported_at": started.isoformat(),
    }
    with rows as prepared, run.fenced():
        version = datasets.add(run.actor, prepared, provenance, as_of=started)
        # a dataset that was stale already, or not yet there, wasn't marked by what was saved during the export
        if dict(entries.values_list("pk", "revision")) != read:
            mark_stale(form, form.project)
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


FREE = frozenset({"text", "file"})
DATED = frozenset({"date", "datetime", "partial_date", "time"})


def leaves(level: rights.ExportLevel, item: engine.Item) -> bool:
    """Whether a page's level lets an item out: coded without what identifies, de-identified nor text and dates."""
    if level == "full":
        return True
    if level == "none" or item.spec.get("identifier"):
        return False
    return level == "coded" or item.kind not in FREE | DATED


def code_columns(
    definition: engine.Definition, may: rights.PageRights, *, identifiers: bool
) -> list[table.TableColumn]:
    """Behind all others, the code and the term of each text that is coded, also where the text itself stays."""
    return [
        table.TableColumn(f"{key}__{part}", pa.string())
        for key in coded_items(definition)
        for item in [definition.items[key]]
        if not item.repeat and may.exported(item.page) != "none" and (identifiers or not item.spec.get("identifier"))
        for part in ("code", "term")
    ]


def batches(
    run: jobs.Run,
    form: Form,
    columns: list[table.TableColumn],
    entries: Any,
    read: dict[UUID, int],
    whole: bool = True,
) -> Iterator[pa.RecordBatch]:
    """Open, evaluate and lay out the entries, some hundreds at a time; `read` fills with their revisions."""
    total = entries.count()
    rows = entries.select_related("subject__site", "subject__project", "version").order_by(
        "subject__site__code", "subject__sequence", "created_at"
    )
    lines: list[list[Any]] = []
    for _subject, found in groupby(rows.iterator(chunk_size=LINES), key=attrgetter("subject_id")):
        casebook = list(found)
        given = codes.for_records(casebook, form.published.loaded)
        around = casebook if whole else None  # calculations read pages too that aren't exported
        lines += [line(form, columns, entry, around, given.get(entry.pk, {})) for entry in casebook]
        read |= {entry.pk: entry.revision for entry in casebook}
        if len(lines) >= LINES:
            yield table.batch(columns, lines)
            lines = []
            run.progress(len(read), total, _("Opening and checking the records"))
    run.progress(len(read), total, _("Writing the dataset"))
    if lines:
        yield table.batch(columns, lines)


def line(
    form: Form,
    columns: list[table.TableColumn],
    entry: Entry,
    casebook: list[Entry] | None,
    given: Mapping[str, Code],
) -> list[Any]:
    """The cells of a record. A default that nobody saved is missing: it says nothing of the subject."""
    definition = form.published.loaded
    context = context_of(
        entry.subject, entry.updated_at, form=form, definition=definition, sheet=entry.sheet, casebook=casebook
    )
    values = keeping.known(definition, entry.values)
    state = engine.evaluate(definition, values, context, notes=entry.notes, defaults=False)
    own = {
        "subject": entry.subject.number,
        "site": entry.subject.site.code,
        "event": entry.event or None,
        "page": entry.page or None,
        "instance": entry.instance,
        "form_version": entry.version.number,
        "complete": entry.is_complete,
        "saved_at": entry.updated_at,
    }
    for key in coded_items(definition):
        held = given.get(key)
        own |= {f"{key}__code": held.code if held else None, f"{key}__term": held.label if held else None}
    complete = frozenset(key for key, page in entry.pages.items() if page["complete"])
    return list(table.line(columns, own, state, complete))


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
            "form_version": _("Version of the form"),
            "complete": _("Complete"),
            "saved_at": _("Last saved"),
        }
        if column.name not in words:
            key, _sep, part = column.name.rpartition("__")
            about = definition.text(definition.items[key].spec["label"], reader_language()) or key
            return datasets.Column(column.name, label=f"{about}: {_('code') if part == 'code' else _('term')}")
        return datasets.Column(column.name, label=words[column.name])
    language = reader_language()
    label = definition.text(item.spec["label"], language) or item.key
    labels = {code: definition.text(choice["label"], language) for code, choice in item.codes.items()}
    if column.code:
        return datasets.Column(
            column.name, label=f"{label}: {labels[column.code]}", codes={"0": _("No"), "1": _("Yes")}
        )
    return datasets.Column(
        column.name,
        label=label,
        unit=item.spec.get("unit", ""),
        codes=labels or None,
        sensitivity="identifying" if item.spec.get("identifier") else "",
    )
