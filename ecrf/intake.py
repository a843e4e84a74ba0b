"""Files that hold forms, taken only if they are what they are said to be."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from core.files import taking
from ecrf.engine.exchange import MAX_BYTES

KINDS = (taking.Kind.TEXT, taking.Kind.JSON, taking.Kind.XML, taking.Kind.XLSX, taking.Kind.ZIP)
TEXTS = frozenset({".yaml", ".yml", ".md", ".js"})
"""Texts by other names, which only forms are taken in."""
ACCEPT = ".json,.yaml,.yml,.csv,.txt,.md,.xml,.xlsx,.zip,.js"


def takes_form(file: File[Any]) -> None:
    """A validator of fields."""
    if file.size > MAX_BYTES:
        raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    name = PurePath(file.name or "")
    kinds, called = (KINDS, name.name)
    if name.suffix.lower() in TEXTS:
        kinds, called = (taking.Kind.TEXT,), f"{name.stem}.txt"
    try:
        taking.check(file, called, kinds)
    except taking.Rejected as error:
        raise ValidationError(error.message, error.code) from error
