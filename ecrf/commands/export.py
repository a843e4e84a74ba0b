"""Export a study's records to a file. The audit trail says that this machine did it.

STUDY is the key of a form, the address of a project with one form, or PROJECT/FORM. What a format can't say goes to
standard error as JSON. Who runs this holds the keys of the instance: all records are there, at the level that is asked.
"""

from __future__ import annotations

import os
import stat
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core.errors import Invalid
from ecrf.commands.files import as_json
from ecrf.engine.exports import FORMATS
from ecrf.services.exports.choices import CHANGES, STATES, read_choices
from ecrf.services.exports.console import export_to, study_of


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a form's key, a project's address, or PROJECT/FORM")
    parser.add_argument("--format", required=True, choices=sorted(FORMATS))
    parser.add_argument("-o", dest="out", metavar="OUT", required=True, help="the file to write; it must not exist yet")
    parser.add_argument("--language", default="en", help="language of the labels (en)")
    parser.add_argument("--level", choices=["coded", "deidentified", "full"], default="coded")
    parser.add_argument("--labels", action="store_true", help="labels of choices instead of codes")
    parser.add_argument("--no-statuses", dest="statuses", action="store_false", help="without statuses and comments")
    parser.add_argument("--history", action="store_true", help="with each change of each value")
    parser.add_argument("--files", action="store_true", help="with the files of questions")
    parser.add_argument("--no-bom", dest="bom", action="store_false", help="text files without a byte order mark")
    parser.add_argument("--pages", choices=STATES, default="all", help="only pages in this state")
    parser.add_argument("--site", dest="sites", action="append", default=[], metavar="CODE")
    parser.add_argument("--event", dest="events", action="append", default=[], metavar="KEY")
    parser.add_argument("--page", dest="only", action="append", default=[], metavar="KEY")
    parser.add_argument("--since", default="", metavar="ID", help="an earlier export, or last")
    parser.add_argument("--changes", choices=CHANGES, default="all")
    parser.add_argument("--recipient", default="", metavar="AGE1…", help="seal the file for this key")


def run(options: Mapping[str, Any]) -> None:
    """Raises CommandError, in one line, for what can't be exported or written."""
    target = Path(options["out"])
    try:
        form = study_of(options["study"])
        handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, stat.S_IRUSR | stat.S_IWUSR)
    except LookupError as error:
        raise CommandError(str(error.args[0])) from None
    except (OSError, ValueError) as error:
        raise CommandError(f"{target} can't be written: {getattr(error, 'strerror', None) or error}") from None
    try:
        with os.fdopen(handle, "wb") as out:
            found = export_to(form, options["format"], read_choices(options), out)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, Invalid):
            said = "; ".join(f"{fault.place}: {fault.message}" for fault in error.faults)
            raise CommandError(f"this can't be exported: {said}") from None
        raise
    options["stdout"].write(as_json(found))
