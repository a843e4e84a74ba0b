"""What leaves an analysis: files, and new datasets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Literal

import pyarrow
from django.conf import settings
from django.utils.translation import gettext as _

from core import access, audit, datasets
from core.datasets.models import DatasetVersion
from core.errors import Fault, Invalid
from core.web.formulas import harmless
from lowcode.engine import Kind, Result
from lowcode.engine.check import typed
from lowcode.engine.result import Cell, Output, Special
from lowcode.engine.words import Language, say, text_of, title_of
from lowcode.models import Analysis
from lowcode.permissions import RUN, VIEW
from lowcode.services.running import read_saved, shown

if TYPE_CHECKING:
    from core.accounts.models import User

Format = Literal["csv", "png", "svg"]
FORMATS: tuple[Format, ...] = ("csv", "png", "svg")


def export(actor: User, analysis: Analysis, kind: Format, language: Language) -> str:
    """The result as CSV, as this person may see it; for a picture, which the browser draws, only the journal entry."""
    access.require(actor, VIEW, analysis.project, obj=analysis)
    answer = read_saved(actor, analysis)
    audit.record(
        actor,
        "lowcode.result_exported",
        analysis,
        format=kind,
        rows=len(answer.result.rows),
        masked=answer.result.masked,
        version=answer.version.number,
    )
    return table_as_csv(answer.result, language) if kind == "csv" else ""


def table_as_csv(result: Result, language: Language) -> str:
    """Groups in words, numbers whole; French spreadsheets expect semicolons and decimal commas. With a BOM."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if language == "fr" else ",")
    writer.writerow([harmless(title_of(output, language)) for output in result.outputs])
    for row in result.rows:
        pairs = zip(row, result.outputs, strict=True)
        writer.writerow([_exported(cell, output, language) for cell, output in pairs])
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue()


def _exported(cell: Cell, output: Output, language: Language) -> str:
    if output.role == "key":
        return harmless(text_of(cell, output, language))
    if cell is None:
        return ""
    if isinstance(cell, Special):
        return say(cell.value, language)
    if isinstance(cell, float) and language == "fr":
        return repr(cell).replace(".", ",")
    return str(cell)


def publish(
    actor: User, analysis: Analysis, name: str, title: str, hide_small: bool, language: Language
) -> DatasetVersion:
    """Make the result a dataset, or a new version of the one with this name, that other tools can read.

    Its provenance is the analysis: the version that was read and the question asked. With `hide_small` it holds no
    small count and is an aggregate; otherwise it stays as sensitive as what it was made from.
    """
    access.require(actor, RUN, analysis.project, obj=analysis)
    access.require(actor, "datasets.publish_data", analysis.project, obj=analysis)
    if not title.strip():
        raise Invalid([Fault("title", "required", _("Give the dataset a title."))])
    answer = read_saved(actor, analysis)
    result = shown(answer.stored, answer.query, answer.table, masked=True) if hide_small else answer.result
    if not result.rows:
        raise Invalid([Fault("query", "empty", _("The result has no rows: there is nothing to publish."))])
    version = datasets.publish(
        actor,
        analysis.project,
        name,
        fitting(result, language),
        title=title.strip(),
        columns=protected(answer.version, result),
        sensitivity="aggregate" if hide_small else answer.version.sensitivity,
        provenance={
            "tool": "lowcode",
            "analysis": str(analysis.pk),
            "dataset": answer.version.dataset.name,
            "version": answer.version.number,
            "fingerprint": answer.query.fingerprint,
            "masked_below": settings.MASK_BELOW if hide_small else None,
        },
    )
    audit.record(
        actor, "lowcode.result_published", analysis, dataset=name, version=version.number, rows=len(result.rows)
    )
    return version


def protected(version: DatasetVersion, result: Result) -> list[datasets.Column]:
    """The columns made from protected ones, which stay as protected."""
    levels = {column["name"]: column["sensitivity"] for column in version.columns}
    sources = {output.name: output.key or output.measure for output in result.outputs}
    found = {name: levels.get(source.column, "") for name, source in sources.items() if source}
    return [datasets.Column(name, sensitivity=level) for name, level in found.items() if level]


ARROW = {
    Kind.INTEGER: pyarrow.int64(),
    Kind.NUMBER: pyarrow.float64(),
    Kind.TEXT: pyarrow.string(),
    Kind.BOOLEAN: pyarrow.bool_(),
    Kind.DATE: pyarrow.date32(),
    Kind.DATETIME: pyarrow.timestamp("us"),
}


def as_arrow(result: Result, language: Language) -> pyarrow.Table:
    """A result as a table: classes and «other» in words, values as they are, what is hidden empty."""
    columns = {}
    for place, output in enumerate(result.outputs):
        cells = [row[place] for row in result.rows]
        if output.role == "key" and in_words(output):
            texts = [None if cell is None else text_of(cell, output, language) for cell in cells]
            columns[output.name] = pyarrow.array(texts, pyarrow.string())
        else:
            columns[output.name] = pyarrow.array([_typed(cell, output.kind) for cell in cells], ARROW[output.kind])
    return pyarrow.table(columns)


def fitting(result: Result, language: Language) -> pyarrow.Table:
    """The same as a table. Raises Invalid where a number is larger than its column holds."""
    try:
        return as_arrow(result, language)
    except OverflowError:
        text = _("A number is too large to be kept in a dataset: take a mean, or filter more.")
        raise Invalid([Fault("query", "out_of_range", text)]) from None


def in_words(output: Output) -> bool:
    """Whether the values of a key are classes, which have names rather than values."""
    key = output.key
    return key is not None and (key.width is not None or bool(key.breaks) or key.top is not None)


def _typed(cell: Cell, kind: Kind) -> Any:
    if isinstance(cell, Special):
        return None
    if isinstance(cell, str) and kind in (Kind.DATE, Kind.DATETIME):
        return typed(cell, kind)
    return float(cell) if kind is Kind.NUMBER and cell is not None else cell
