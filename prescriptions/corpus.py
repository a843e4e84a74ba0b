"""A set of fictitious ordonnances as two datasets: whole documents, and their lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import datasets
from prescriptions.engine.synthetic import archive, output
from prescriptions.models import Generation

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core import jobs
    from core.datasets.services.publishing import Prepared
    from core.files.models import StoredFile

Json = dict[str, Any]
AT_ONCE = 500
VERSION = 1
"""Of the generator: the same settings and version give the same documents."""


@dataclass(frozen=True)
class Shape:
    """A dataset: its name, its title, the stream it is read from, and its columns."""

    name: str
    title: _StrPromise
    stream: str
    columns: Mapping[str, tuple[_StrPromise, Callable[[Json], str | None]]]


def field(name: str) -> Callable[[Json], str | None]:
    return lambda case: case[name]


def expected(name: str) -> Callable[[Json], str | None]:
    return lambda case: case["expected"].get(name)


COMMON = {
    "id": (gettext_lazy("Identifier"), field("id")),
    "split": (gettext_lazy("Use: train, dev or test"), field("split")),
    "profile": (gettext_lazy("Profile"), field("category")),
    "noise": (gettext_lazy("Slips"), field("noise")),
    "text": (gettext_lazy("Text"), field("text")),
    "expected": (
        gettext_lazy("Structure, as JSON"),
        lambda case: json.dumps(case["expected"], ensure_ascii=False, sort_keys=True),
    ),
}  # fmt: skip
SHAPES = (
    Shape("fictitious-prescriptions", gettext_lazy("Fictitious prescriptions"), output.DOCUMENTS,
          COMMON | {"layout": (gettext_lazy("Layout"), field("layout"))}),
    Shape("fictitious-prescription-lines", gettext_lazy("Lines of fictitious prescriptions"), output.LINES,
          COMMON | {
              "document": (gettext_lazy("Prescription"), lambda case: case["id"].rsplit("-", 1)[0]),
              "scoring": (gettext_lazy("Scoring"), field("scoring")),
              "name": (gettext_lazy("Medicine"), expected("name")),
              "atc": (gettext_lazy("ATC class"), expected("atc")),
          }),
)  # fmt: skip


@contextmanager
def prepared(run: jobs.Run, held: Generation, parts: archive.Parts) -> Iterator[list[Prepared]]:
    """Both tables, written and not yet versions: nothing of them stays where the block ends in an error."""
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                datasets.prepared(
                    run.actor,
                    held.project,
                    shape.name,
                    reader(run, held, shape, parts),
                    title=str(shape.title),
                    columns=[datasets.Column(name, str(label)) for name, (label, _value) in shape.columns.items()],
                    sensitivity="open",
                )
            )
            for shape in SHAPES
        ]


def reader(run: jobs.Run, held: Generation, shape: Shape, parts: archive.Parts) -> pa.RecordBatchReader:
    """The rows of a table, some hundred at a time."""
    schema = pa.schema([(name, pa.string()) for name in shape.columns])

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[Json] = []
        for case in archive.objects(parts, shape.stream):
            rows.append({name: value(case) for name, (_label, value) in shape.columns.items()})
            if len(rows) == AT_ONCE:
                run.progress(held.count, held.count, _("Publishing the datasets"))
                yield pa.RecordBatch.from_pylist(rows, schema=schema)
                rows = []
        yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def provenance(held: Generation, stored: StoredFile) -> Json:
    """What the datasets were made from: with it they are made again. The ledger is in the file."""
    return {
        "source": "prescriptions", "fictitious": True, "generation": str(held.pk), "seed": held.seed,
        "documents": held.count, "profiles": held.profiles, "generator": VERSION, "reference": held.edition,
        "ledger": {"file": str(stored.pk), "member": output.LEDGER}, "privacy_passed": held.passed,
    }  # fmt: skip
