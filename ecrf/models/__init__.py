"""What the tool keeps: forms and their versions, subjects, entries and their fragments, locks, allocations to arms."""

from ecrf.models.entries import Entry, Fragment, Source
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.locks import Level, Lock, Signature
from ecrf.models.randomisation import Allocation, Scheme, Slot, Stratum, Unblinding
from ecrf.models.subjects import Subject

__all__ = [
    "Allocation",
    "Draft",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "Level",
    "Lock",
    "Scheme",
    "Signature",
    "Slot",
    "Source",
    "Stratum",
    "Subject",
    "Unblinding",
]
