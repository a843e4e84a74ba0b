"""What both changed becomes a query, with both values sealed in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from core import audit
from ecrf import engine
from ecrf.engine.merging import Clash
from ecrf.models import Entry, OfflineDevice, Query
from ecrf.models.forms import reader_language
from ecrf.queries import label_of
from ecrf.services.offline.sent import Sent
from ecrf.services.people import account
from ecrf.services.threads import due_on, say, value_at

if TYPE_CHECKING:
    from core.access.scope import Actor


def ask(actor: Actor, device: OfflineDevice, entry: Entry, sent: Sent, clashes: tuple[Clash, ...]) -> list[Query]:
    """One query per place."""
    definition, due = entry.form.published.loaded, due_on(entry)
    made = []
    for clash in clashes:
        row, _dot, key = clash.place.rpartition(".")
        item = definition.items.get(key)
        group = definition.groups.get(key)
        query = Query.objects.create(
            entry=entry,
            page=item.page if item else group.page if group else "",
            item=key if item else "",
            row=row if item else "",
            kind=Query.Kind.MERGE,
            opened_by=account(actor),
            value=value_at(entry, key, row) if item else None,
            due_on=due,
        )
        say(query, actor, "open", words(definition, device, sent, clash))
        audit.record(actor, "ecrf.query_opened", query, form=entry.form.key, item=query.item, kind=query.kind)
        made.append(query)
    if made:
        places = sorted({clash.place for clash in clashes})
        audit.record(actor, "ecrf.offline_conflict", entry, form=entry.form.key, device=device.label, fields=places)
    return made


def words(definition: engine.Definition, device: OfflineDevice, sent: Sent, clash: Clash) -> str:
    """What was entered offline, what is saved, and what to do; within what a query holds."""
    when = formats.date_format(timezone.localtime(sent.said_at), "DATETIME_FORMAT") if sent.said_at else _("unknown")
    said = {
        "what": label_of(definition, clash.place.rpartition(".")[2], reader_language()),
        "mine": spoken(definition, clash, clash.mine)[:1500],
        "theirs": spoken(definition, clash, clash.theirs)[:1500],
        "who": str(device.owner),
        "device": device.label,
        "when": when,
    }
    return (
        _(
            "“%(what)s” was changed offline by %(who)s (%(device)s, %(when)s) and here meanwhile. "
            "Entered offline: %(mine)s. Saved here: %(theirs)s. "
            "What is saved here stays. Correct it if the other is right."
        )
        % said
    )


def spoken(definition: engine.Definition, clash: Clash, value: Any) -> str:
    """A value by the labels of its choices and with its unit; a row by its fields."""
    language = reader_language()
    if value in (None, "", []):
        return _("the row taken away") if clash.part == "row" else _("empty")
    if isinstance(value, dict):
        return ", ".join(f"{label_of(definition, key, language)}: {cell}" for key, cell in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(spoken(definition, clash, row) for row in value)
    item = definition.items.get(clash.place.rpartition(".")[2])
    codes = [str(code) for code in (value if isinstance(value, list) else [value])]
    if item is None or clash.part != "value":
        return ", ".join(codes)
    labels = [definition.text(item.codes[code]["label"], language) if code in item.codes else code for code in codes]
    unit = f"\N{NO-BREAK SPACE}{item.spec['unit']}" if item.spec.get("unit") else ""
    return f"{', '.join(labels)}{unit}"
