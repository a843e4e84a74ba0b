"""The allocation table: drawn here, brought from elsewhere, made longer, read by the few who may."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Fault, Invalid
from ecrf import blinding, engine, messages
from ecrf.engine.randomisation import Row, Stream, files, problems, table
from ecrf.engine.randomisation.strata import combinations, name
from ecrf.models import Scheme, Slot, Stratum
from ecrf.services.randomisation.plans import plan_of, refuse
from ecrf.services.randomisation.schemes import managed

if TYPE_CHECKING:
    from core.access.scope import Actor

LONGEST_SEED = 200


@transaction.atomic
def make_table(actor: Actor, scheme: Scheme, *, seed: str = "") -> int:
    """Draw the table of a draft, in place of one that it had. Gives the number of places.

    The suite draws the seed; only who may know the table may choose it, for who knows the seed knows the table.
    """
    if seed:
        blinding.require_to_know_the_table(actor, scheme)
    scheme = managed(actor, scheme, Scheme.Status.DRAFT)
    if scheme.method != Scheme.Method.BLOCKS:
        raise Conflict(_("The table of this scheme isn’t drawn here."), "method")
    if len(seed) > LONGEST_SEED:
        raise Invalid([Fault("seed", "too_long", messages.words("too_long", {"limit": LONGEST_SEED}))])
    plan = plan_of(scheme)
    refuse(problems(plan, scheme.method, scheme.length))
    scheme.seed = seed or secrets.token_hex(32)
    scheme.save(update_fields=["seed"])
    rows = table.generate(scheme.seed, plan, scheme.length)
    if scheme.blinded:
        rows = table.with_kits(scheme.seed, rows)
    empty(scheme)
    keep(scheme, rows)
    audit.record(actor, "ecrf.table_made", scheme, scheme=scheme.name, places=len(rows))
    return len(rows)


@transaction.atomic
def upload_table(actor: Actor, scheme: Scheme, content: bytes, *, source: str) -> list[Fault]:
    """Bring the table of a draft from a CSV file. Gives remarks on it; raises Invalid with every wrong cell.

    Who brings a table has seen it: it takes somebody who enters no data.
    """
    blinding.require_to_know_the_table(actor, scheme)
    scheme = managed(actor, scheme, Scheme.Status.DRAFT)
    if scheme.method != Scheme.Method.UPLOADED:
        raise Conflict(_("The table of this scheme isn’t uploaded."), "method")
    try:
        rows, remarks = files.read(content, plan_of(scheme), kits=scheme.blinded)
    except engine.Refused as refused:
        faults = [messages.of_definition(fault) for fault in refused.faults]
        raise Invalid(faults, _("This table can’t be used: nothing was uploaded.")) from None
    empty(scheme)
    keep(scheme, rows)
    audit.record(actor, "ecrf.table_uploaded", scheme, scheme=scheme.name, places=len(rows), source=source[:200])
    return [messages.of_definition(fault) for fault in remarks]


@transaction.atomic
def extend_table(actor: Actor, scheme: Scheme, length: int) -> int:
    """Make the lists of a drawn table longer, to `length` places each, and begin those of new strata. Gives how many.

    The seed goes on where it stopped: what was there stays.
    """
    scheme = managed(actor, scheme, Scheme.Status.OPEN, Scheme.Status.CLOSED)
    if scheme.method != Scheme.Method.BLOCKS:
        raise Conflict(_("Only a table that was drawn here can be made longer."), "method")
    plan = plan_of(scheme)
    faults = problems(plan, scheme.method, length)
    if length < scheme.length:
        faults.append(engine.Fault("length", "table_not_longer", {"limit": scheme.length}))
    refuse(faults)
    assert scheme.seed is not None
    there = {name(stratum.levels): stratum for stratum in strata_of(scheme)}
    counts = {key: stratum.slots.count() for key, stratum in there.items()}
    rows: list[Row] = []
    for levels in combinations(plan.factors):
        rows += table.of_stratum(scheme.seed, plan, levels, length, skip=counts.get(name(levels), 0))
    if scheme.blinded:
        taken = set(scheme.slots.exclude(kit="").values_list("kit", flat=True))
        rows = table.with_kits(scheme.seed, rows, taken)
    keep(scheme, rows)
    scheme.length = length
    scheme.save(update_fields=["length"])
    audit.record(actor, "ecrf.table_extended", scheme, scheme=scheme.name, places=len(rows))
    return len(rows)


def strata_of(scheme: Scheme) -> list[Stratum]:
    """The strata that have a table, each knowing its scheme."""
    found = list(Stratum.objects.filter(scheme=scheme))
    for stratum in found:
        stratum.scheme = scheme
    return found


def empty(scheme: Scheme) -> None:
    """Throw the table of a draft away."""
    Slot.objects.filter(scheme=scheme).delete()
    Stratum.objects.filter(scheme=scheme).delete()


def keep(scheme: Scheme, rows: Sequence[Row]) -> None:
    """Add these places after those that are there; strata that are new get numbers in an order that tells nothing."""
    there = {name(stratum.levels): stratum for stratum in strata_of(scheme)}
    new = {name(row.levels): row.levels for row in rows if name(row.levels) not in there}
    number = len(there)
    for key in Stream(secrets.token_hex(16)).shuffled(sorted(new)):
        number += 1
        there[key] = Stratum.objects.create(scheme=scheme, number=number, levels=new[key])
    last = dict(Slot.objects.filter(scheme=scheme).order_by().values_list("stratum").annotate(Max("position")))
    slots = []
    for row in rows:
        stratum = there[name(row.levels)]
        last[stratum.pk] = last.get(stratum.pk, 0) + 1
        slots.append(Slot(scheme=scheme, stratum=stratum, position=last[stratum.pk], arm=row.arm, kit=row.kit))
    Slot.objects.bulk_create(slots, batch_size=1000)


def read_table(actor: Actor, scheme: Scheme) -> str:
    """The whole table as CSV, for who manages the randomisation and enters no data. Each reading is in the journal."""
    blinding.require_to_know_the_table(actor, scheme)
    levels = {stratum.pk: stratum.levels for stratum in strata_of(scheme)}
    slots = list(Slot.objects.filter(scheme=scheme).order_by("stratum__number", "position"))
    for slot in slots:
        slot.scheme = scheme
    audit.record(actor, "ecrf.table_read", scheme, scheme=scheme.name, places=len(slots))
    return files.write([Row(levels[slot.stratum_id], slot.arm, slot.kit) for slot in slots], plan_of(scheme))
