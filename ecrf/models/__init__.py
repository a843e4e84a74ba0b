"""What the tool keeps: forms and their versions, subjects, entries and the fragments that they grew from."""

from ecrf.models.entries import Entry, Fragment
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.subjects import Subject

__all__ = ["Draft", "Entry", "Form", "FormVersion", "Fragment", "Subject"]
