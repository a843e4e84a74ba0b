"""What the tool keeps: forms and their versions, subjects, entries and the fragments that they grew from."""

from ecrf.models.building import DesignRule, DraftComment, DraftReview, DraftState
from ecrf.models.entries import Entry, Fragment
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.subjects import Subject

__all__ = [
    "DesignRule",
    "Draft",
    "DraftComment",
    "DraftReview",
    "DraftState",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "Subject",
]
