"""The plan de prise of a prescription: who looks at one is recorded."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from core import access, audit
from prescriptions import blinding, permissions, planning, queries
from prescriptions.engine import paper, schedule
from prescriptions.engine.schedule.sheet import sheet
from prescriptions.models import Document

if TYPE_CHECKING:
    from core.access.scope import Actor


def make_plan(actor: Actor, document: Document, language: str, start: dt.date | None = None) -> schedule.Plan:
    """The schedule in plain words; of a prescription that isn't reviewed it is marked as a draft."""
    access.require(actor, permissions.READ, document.project, obj=document)
    blinding.require_open(actor, document)
    audit.record(actor, "prescriptions.plan_made", document, language=language)
    return planning.plan(document, queries.lines_of(document), language, start)


def print_plan(actor: Actor, document: Document, language: str, start: dt.date | None = None) -> bytes:
    """The schedule as PDF, for paper."""
    made = make_plan(actor, document, language, start)
    return paper.pdf("schedule", sheet(made), int(document.created_at.timestamp()))
