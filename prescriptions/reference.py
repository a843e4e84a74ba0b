"""The list of medicines in use: the newest that was loaded, or the one that comes with the project."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from prescriptions import engine
from prescriptions.models import Medicine, Reference

STARTER = "starter"


def current() -> tuple[str, engine.Lexicon]:
    """(its name, the list): read from the database once for each edition."""
    reference = Reference.objects.filter(is_current=True).first()
    if reference is None:
        return STARTER, engine.starter()
    return str(reference), _formulary(reference.pk)


@lru_cache(maxsize=2)
def _formulary(pk: UUID) -> engine.Formulary:
    rows = Medicine.objects.filter(reference=pk).values_list("name", "atc", "kind")
    return engine.Formulary(tuple(engine.Term(name, atc, kind, "loaded") for name, atc, kind in rows.iterator(5000)))
