"""The drawings and signatures that the values of a record name, to be put on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from core import files
from ecrf import engine
from ecrf.engine.exchange.records import Attachment
from ecrf.engine.paper.images import LARGEST
from ecrf.models import Form, Subject

PREFIX = "sha256:"


def pictures(
    subject: Subject, form: Form, definition: engine.Definition, values: Mapping[str, Any]
) -> dict[str, Attachment]:
    """By the value that names it; what can't be drawn is left out, and so is all of a project that keeps no files."""
    wanted = {value for value in found(definition, values) if value.startswith(PREFIX)}
    kept: Any = apps.all_models["ecrf"].get("attachment")
    if not wanted or kept is None:
        return {}
    rows = kept.objects.filter(subject=subject, form=form, media_type="image/png")
    return {
        name: Attachment(str(row.pk), row.media_type, content_of(row.file))
        for row in rows.filter(removed_at=None, size__lte=LARGEST).select_related("file__project")
        if (name := f"{PREFIX}{row.digest}") in wanted
    }


def found(definition: engine.Definition, values: Mapping[str, Any]) -> set[str]:
    """What the questions for files hold, those in rows too."""
    keys = [item.key for item in definition.items.values() if item.kind == "file"]
    rows = [row for key in definition.groups for row in values.get(key) or () if isinstance(row, Mapping)]
    return {held for row in (values, *rows) for key in keys if isinstance(held := row.get(key), str)}


def content_of(stored: files.StoredFile) -> bytes:
    with files.open(stored) as source:
        content: bytes = source.read()
    return content
