"""What stands beside entries: signatures, locks and the history, asked for some hundreds of entries at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from core.vault.fields import EncryptedField
from ecrf import codes
from ecrf.engine.coding import coded_items, texts
from ecrf.engine.exchange.records import Change, Code, Signature, Stored
from ecrf.models import Coded, Form, Fragment, Level
from ecrf.models import Signature as Signed
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.services.attachments import held_by
from ecrf.services.exports import files
from ecrf.services.exports.rows import Row
from ecrf.services.locks import WHOLE, active


class Beside:
    def __init__(self, form: Form, *, history: bool, coded: bool = False, with_files: bool = False) -> None:
        self.form, self.history, self._with_files = form, history, with_files
        self._signatures: dict[UUID, list[Signature]] = {}
        self._locks: dict[UUID, list[Any]] = {}
        self._changes: dict[UUID, list[Change]] = {}
        self._codes: dict[UUID, dict[str, Code]] = {}
        self._files: dict[UUID, dict[str, Stored]] = {}
        self._definition = form.published.loaded
        wanted = coded and bool(coded_items(self._definition))
        self._has_codes = wanted and Coded.objects.filter(entry__form=form, ended_at=None).exists()
        self._has_signatures = Signed.objects.filter(entry__form=form, undone_at=None).exists()
        wide = active().filter(project=form.project, level__in=WHOLE)
        self._wide = list(wide.values_list("level", "subject_id", "event", "entry_id"))
        self._has_pages = active().filter(project=form.project, level=Level.PAGE, entry__form=form).exists()

    def look_up(self, rows: list[Row]) -> None:
        keys = [row.pk for row in rows]
        self._signatures, self._locks, self._changes = defaultdict(list), defaultdict(list), defaultdict(list)
        if self._has_signatures:
            sites = {row.pk: row.subject.site.code for row in rows}
            signed = (
                Signed.objects.filter(entry__in=keys, undone_at=None).select_related("signer").order_by("created_at")
            )
            for one in signed:
                made = Signature(
                    one.page, str(one.signer), sites[one.entry_id], one.created_at.isoformat(), one.meaning
                )
                self._signatures[one.entry_id].append(made)
        if self._has_pages:
            for entry, page in active().filter(entry__in=keys, level=Level.PAGE).values_list("entry_id", "page"):
                self._locks[entry].append(page)
        if self._has_codes:
            self._codes = codes.for_records(rows, self._definition)
        if self._with_files:
            self._files = files.of_rows(self.form, self._definition, rows)
        if self.history:
            self._read_history(rows)

    def _read_history(self, rows: list[Row]) -> None:
        field = Fragment._meta.get_field("values")
        assert isinstance(field, EncryptedField)
        sites = {row.pk: row.subject.site.code for row in rows}
        found = Fragment.objects.filter(entry__in=list(sites)).order_by("number")
        names = ("pk", "entry_id", "values", "created_at", "reason", "author__full_name", "author__email")
        for pk, entry, sealed, at, reason, name, email in found.values_list(*names):
            values = field.open_for(pk, self.form.project_id, sealed) if sealed else {}
            who = name or email or str(THE_PARTICIPANT)
            self._changes[entry] += [
                Change(key, value, who, sites[entry], at.isoformat(), reason) for key, value in (values or {}).items()
            ]

    def signatures(self, entry: UUID) -> list[Signature]:
        return self._signatures.get(entry, [])

    def signed(self, entry: UUID) -> set[str]:
        """The pages that somebody has signed for."""
        return {one.page for one in self.signatures(entry)}

    def locked(self, row: Row, pages: Iterable[str]) -> set[str]:
        """The pages that nobody changes any more, whatever holds them."""
        for level, subject, event, entry in self._wide:
            if (
                level == Level.STUDY
                or (level == Level.SUBJECT and subject == row.subject.pk)
                or (level == Level.EVENT and subject == row.subject.pk and event == row.event)
                or entry == row.pk
            ):
                return set(pages)
        return set(self._locks.get(row.pk, ()))

    def files(self, row: Row, values: Mapping[str, Any]) -> dict[str, Stored]:
        """The files that these values name."""
        found = self._files.get(row.pk)
        if not found:
            return {}
        shown = {place for place, _item, _value in held_by(self._definition, values)}
        return {place: file for place, file in found.items() if place in shown}

    def codes(self, row: Row, values: Mapping[str, Any]) -> dict[str, Code]:
        """What the texts among these values were coded as."""
        found = self._codes.get(row.pk)
        if not found:
            return {}
        shown = {codes.place(item, place) for item, place, _text in texts(self._definition, values)}
        return {place: code for place, code in found.items() if place in shown}

    def changes(self, row: Row) -> list[Change]:
        return self._changes.get(row.pk, [])
