"""What the tool keeps: forms and their versions, subjects, entries and their fragments, allocations to arms."""

from ecrf.models.entries import Entry, Fragment
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.randomisation import Allocation, Scheme, Slot, Stratum, Unblinding
from ecrf.models.subjects import Subject

__all__ = [
    "Allocation",
    "Draft",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "Scheme",
    "Slot",
    "Stratum",
    "Subject",
    "Unblinding",
]
