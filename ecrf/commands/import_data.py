"""Import a file of data into a study: every wrong cell is printed as JSON, and nothing is saved unless all is right.

Prints ``{"valid", "counts", "faults", "warnings"}``; faults are ``{"row", "column", "code", "message"}``. The exit code
is 1 where something is wrong. Without --dry-run the import is saved, in the name of --as.
"""

from __future__ import annotations

import io
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from core.access.models import Project
from core.accounts.models import User
from core.errors import Conflict, Invalid
from ecrf.commands.files import as_json, content_of
from ecrf.engine.exchange import data_formats
from ecrf.models import DataImport, Form
from ecrf.services import imports


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="the project, by its name in addresses")
    parser.add_argument("file", metavar="FILE", help="the data; - for standard input")
    parser.add_argument("--form", help="the key of the form, where the study has several")
    parser.add_argument("--format", choices=sorted(data_formats.FORMATS), default="", help="its format, else found out")
    parser.add_argument("--dry-run", action="store_true", help="check only")
    parser.add_argument("--as", dest="who", metavar="E-MAIL", help="who imports; else who published the form")
    parser.add_argument("--empty", choices=DataImport.Empty.values, default="keep", help="what an empty cell does")
    parser.add_argument(
        "--unknown-subjects", dest="subjects", choices=DataImport.Subjects.values, default="create",
        help="subjects that the study doesn't know",
    )  # fmt: skip
    parser.add_argument("--signed", choices=DataImport.Signed.values, default="refuse", help="pages that are signed")
    parser.add_argument("--site", default="", help="the code of the site of new subjects whose rows name none")
    parser.add_argument("--reason", default="", help="kept with every change")
    parser.add_argument("--language", default="en", help="language of the messages (en)")


def run(options: Mapping[str, Any]) -> None:
    """Raises CommandError for a study, a form or a person that isn't there, SystemExit(1) where the file is wrong."""
    form = form_of(options["study"], options["form"])
    actor = person(options["who"], form)
    content = content_of(options["file"], data_formats.MAX_BYTES)
    chosen = {name: options[name] for name in ("empty", "subjects", "signed", "site", "reason")}
    try:
        found = imports.begin_import(
            actor, form, io.BytesIO(content), options["file"], kind=options["format"], options=chosen, at_once=True
        )
        found = imports.check_now(actor, found)
        if found.state == DataImport.State.READY and not options["dry_run"]:
            found = imports.save_now(actor, found)
    except (Conflict, Invalid) as error:
        raise CommandError(str(error.message) or str(error)) from None
    told = found.report or {}
    faults = told.get("faults", [])
    answer = {"valid": not faults, "saved": found.state == DataImport.State.DONE, "format": found.format}
    answer |= {"counts": found.counts, "faults": faults, "warnings": told.get("warnings", [])}
    if found.state != DataImport.State.DONE:
        imports.discard_import(actor, found)
    options["stdout"].write(as_json(answer))
    if faults:
        sys.exit(1)


def form_of(study: str, key: str | None) -> Form:
    project = Project.objects.filter(slug=study).first()
    if project is None:
        raise CommandError(f"there is no study {study}")
    rows = Form.objects.filter(project=project, current__isnull=False).select_related("project", "current")
    forms = list(rows.filter(key=key) if key else rows)
    if len(forms) != 1:
        keys = ", ".join(rows.values_list("key", flat=True)) or "none"
        raise CommandError(f"name the form with --form: {study} has {keys}")
    return forms[0]


def person(email: str | None, form: Form) -> User:
    if email is None:
        return form.published.published_by
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise CommandError(f"nobody has the address {email}")
    return found
