"""The use cases that change something: the one door for pages, API, jobs and commands."""

from ecrf.services.entries import Saved, StaleEntry, lock_entry, save_entry, unlock_entry
from ecrf.services.exports import start_export
from ecrf.services.forms import discard_draft, download_form, publish_draft, read_dictionary, read_form
from ecrf.services.subjects import include_subject

__all__ = [
    "Saved",
    "StaleEntry",
    "discard_draft",
    "download_form",
    "include_subject",
    "lock_entry",
    "publish_draft",
    "read_dictionary",
    "read_form",
    "save_entry",
    "start_export",
    "unlock_entry",
]
