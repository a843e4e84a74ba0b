"""The use cases that change something: the one door for pages, API, jobs and commands."""

from ecrf.services.entries import Saved, StaleEntry, save_entry
from ecrf.services.exports import start_export
from ecrf.services.forms import discard_draft, download_form, publish_draft, read_dictionary, read_form
from ecrf.services.locks import lock, lock_entry, release, unlock_entry
from ecrf.services.removal import remove_entry, restore_entry
from ecrf.services.signatures import sign, withdraw
from ecrf.services.subjects import include_subject

__all__ = [
    "Saved",
    "StaleEntry",
    "discard_draft",
    "download_form",
    "include_subject",
    "lock",
    "lock_entry",
    "publish_draft",
    "read_dictionary",
    "read_form",
    "release",
    "remove_entry",
    "restore_entry",
    "save_entry",
    "sign",
    "start_export",
    "unlock_entry",
    "withdraw",
]
