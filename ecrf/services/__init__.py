"""The use cases that change something: the one door for pages, API, jobs and commands."""

from ecrf.services.building import StaleDraft, begin_draft, begin_next, rename_draft, restore_draft, save_draft
from ecrf.services.entries import Saved, StaleEntry, lock_entry, save_entry, unlock_entry
from ecrf.services.exports import start_export
from ecrf.services.forms import discard_draft, download_form, publish_draft, read_dictionary, read_form
from ecrf.services.impact import measure_impact
from ecrf.services.reviews import approve_draft, ask_for_review, comment, resolve_thread, set_design_rule
from ecrf.services.subjects import include_subject

__all__ = [
    "Saved",
    "StaleDraft",
    "StaleEntry",
    "approve_draft",
    "ask_for_review",
    "begin_draft",
    "begin_next",
    "comment",
    "discard_draft",
    "download_form",
    "include_subject",
    "lock_entry",
    "measure_impact",
    "publish_draft",
    "read_dictionary",
    "read_form",
    "rename_draft",
    "resolve_thread",
    "restore_draft",
    "save_draft",
    "save_entry",
    "set_design_rule",
    "start_export",
    "unlock_entry",
]
