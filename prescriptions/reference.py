"""The editions in use: the current one, or the one that comes with the project; and any other by its name.

A process opens an edition once. Which one is current is asked of the database each time, so that a new one is noticed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from core import files
from core.errors import Conflict
from prescriptions import engine, queries
from prescriptions.engine import linking, safety
from prescriptions.engine.reference import athena, storing
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.scans import legibility
from prescriptions.engine.scans.page import Scan
from prescriptions.models import Reference

if TYPE_CHECKING:
    from prescriptions.engine.reference.catalogue import Reference as Edition
    from prescriptions.engine.reference.product import Product

STARTER = "starter"
HELD = 3
"""Editions that a process keeps open."""


def current() -> tuple[str, engine.Lexicon]:
    """(its name, the names of its medicines)."""
    name, edition = in_use()
    return name, edition.lexicon


def in_use() -> tuple[str, Edition]:
    """(its name, the edition)."""
    row = queries.edition_in_use()
    return (STARTER, starter()) if row is None else (str(row), _opened(row.pk))


def named(name: str) -> Edition:
    """The edition that a document was read with. Raises Conflict where it isn't kept."""
    if name == STARTER:
        return starter()
    kind = Reference.Kind.MEDICINES
    for row in Reference.objects.filter(kind=kind).exclude(file=None).order_by("-created_at"):
        if str(row) == name:
            return _opened(row.pk)
    message = _("The list of medicines “%(name)s” isn’t kept here any more.")
    raise Conflict(message % {"name": name}, "no-reference")


def read(text: str, name: str = "", scan: Scan | None = None) -> tuple[str, engine.Ordonnance]:
    """(name of the edition, reading) of a text, with the current edition or a named one. Raises Conflict.

    The reading has its codes from the edition's products, and doubts where a dose can't be, or where the words of the
    `scan` that the text is from were hard to read.
    """
    name, edition = (name, named(name)) if name else in_use()
    found = linking.coded_ordonnance(engine.read_ordonnance(text, edition.lexicon), edition)
    found = safety.judged(found, lambda medication: _products(medication, edition))
    return name, legibility.doubted(found, scan) if scan else found


def finished(line: engine.Line, edition: Edition) -> engine.Line:
    """A line that was read by itself, with its code from the edition, and doubts where a dose can't be."""
    line = linking.coded(line, edition)
    return safety.doubted(line, safety.check_line(line, products=_products(line.medication, edition)))


def _products(medication: engine.Medication, edition: Edition) -> list[Product]:
    return [one.product for one in linking.link(medication, edition)]


def concepts() -> athena.Concepts:
    """OMOP concepts of codes; none where no vocabulary is loaded."""
    row = Reference.objects.filter(kind=Reference.Kind.CONCEPTS, is_current=True).exclude(file=None).first()
    return athena.Concepts({}) if row is None else _concepts(row.pk)


@lru_cache(maxsize=HELD)
def _opened(pk: UUID) -> Edition:
    return storing.load(_bytes(pk))


@lru_cache(maxsize=1)
def _concepts(pk: UUID) -> athena.Concepts:
    return athena.load(_bytes(pk))


def _bytes(pk: UUID) -> bytes:
    row = Reference.objects.select_related("file__project").get(pk=pk)
    assert row.file is not None
    with files.open(row.file) as stream:
        return stream.read()
