"""Exports of a form's records: ask, make, hand out, let go; and the datasets that they become."""

from ecrf.services.exports import levels
from ecrf.services.exports.asking import schedule_export, schedules, start_export, unschedule_export
from ecrf.services.exports.choices import Choices, read_choices
from ecrf.services.exports.datasets import dataset_name, mark_stale, rows_name
from ecrf.services.exports.keeping import download_export, erase_export, expire, forget_marks
from ecrf.services.exports.making import make_file

__all__ = [
    "Choices",
    "dataset_name",
    "download_export",
    "erase_export",
    "expire",
    "forget_marks",
    "levels",
    "make_file",
    "mark_stale",
    "read_choices",
    "rows_name",
    "schedule_export",
    "schedules",
    "start_export",
    "unschedule_export",
]
