"""Exports by who stands at the console of the instance: nobody's rights limit him, and the journal says so."""

from __future__ import annotations

import hashlib
import io
from typing import IO, Any, cast

from core import audit
from core.access.models import Site
from ecrf import messages
from ecrf.engine.exports import FORMATS
from ecrf.engine.exports.leaving import Level
from ecrf.models import Entry, Export, Form
from ecrf.services.exports import marks
from ecrf.services.exports.choices import Choices, checked
from ecrf.services.exports.making import sealing, write
from ecrf.services.exports.selection import Selection


def study_of(name: str) -> Form:
    """A form by its key, its project's address, or both. Raises LookupError, in words."""
    project, _slash, key = name.rpartition("/")
    rows = Form.objects.filter(current__isnull=False).select_related("project", "current")
    if project:
        found = list(rows.filter(project__slug=project, key=key))
    else:
        found = list(rows.filter(key=name)) or list(rows.filter(project__slug=name))
    if not found:
        raise LookupError(f"{name}: there is no such form or project with a published form")
    if len(found) > 1:
        names = ", ".join(f"{form.project.slug}/{form.key}" for form in found[:10])
        raise LookupError(f"{name}: there are several, name one of {names}")
    return found[0]


class Whole(Selection):
    """All sites and pages, at the level that was asked for."""

    def places(self) -> list[Site]:
        return list(Site.objects.filter(project=self.form.project))

    def level_of(self, site: Site) -> dict[str, Level]:
        return {page.key: self.choices.level for page in self.source.pages}

    def everything(self) -> Any:
        return Entry.objects.filter(form=self.form)


class Digesting(io.RawIOBase):
    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.sha256 = out, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return self._out.write(data)


def export_to(form: Form, format_: str, choices: Choices, out: IO[bytes]) -> dict[str, Any]:
    """Write the file and say what it holds. Raises Invalid."""
    checked(form, format_, choices)
    before: dict[Any, bytes] = {}
    if choices.since:
        done = Export.objects.filter(form=form, finished_at__isnull=False).exclude(marks=b"")
        found = done.first() if choices.since == "last" else done.filter(pk=choices.since).first()
        before = marks.unpack(found.marks) if found else {}
    made = FORMATS[format_]
    who: Any = None
    selection = Whole(who, form, choices, before, faithful=made.faithful, codes=made.codes)
    digesting = Digesting(out)
    target, finish = sealing(choices, cast("IO[bytes]", digesting))
    losses = write(selection, format_, target, lambda count: None, lambda: None)
    finish()
    digest = digesting.sha256.hexdigest()
    audit.record(
        None,
        "ecrf.export_made",
        form,
        format=format_,
        records=selection.records,
        subjects=selection.subjects,
        level=choices.level,
        digest=digest,
    )
    return {
        "subjects": selection.subjects,
        "records": selection.records,
        "sha256": digest,
        "losses": [
            {"place": loss.place, "code": loss.code, "message": str(messages.words(loss.code, loss.params))}
            for loss in losses
        ],
    }
