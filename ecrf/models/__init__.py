"""What the tool keeps: forms and their versions, subjects, entries and the fragments that they grew from, locks."""

from ecrf.models.entries import Entry, Fragment, Source
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.locks import Level, Lock, Signature
from ecrf.models.subjects import Subject

__all__ = [
    "Draft",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "Level",
    "Lock",
    "Signature",
    "Source",
    "Subject",
]
