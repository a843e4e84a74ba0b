"""`suite-backup diff`: what changed from one snapshot, or a part of it, to another."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from backup.cli import nodes, opened, shown
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.trees import DIRECTORY
from backup.engine.reading.diff import ADDED, CONTENT, KIND, METADATA, REMOVED, Change, Statistics, compare

SIGNS = {ADDED: "+", REMOVED: "-", CONTENT: "M", METADATA: "m", KIND: "T"}
FIELDS = {
    "s": "size",
    "c": "content",
    "p": "content",
    "h": "content",
    "e": "holes",
    "l": "target",
    "r": "device",
    "m": "mode",
    "mt": "modified",
    "u": "uid",
    "g": "gid",
    "un": "user",
    "gn": "group",
    "x": "attributes",
    "a": "notes",
    "t": "type",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="SNAPSHOT[:PATH]", help=_("the older one"))
    parser.add_argument("second", metavar="SNAPSHOT[:PATH]", help=_("the newer one"))
    parser.add_argument("--metadata", action="store_true", help=_("tell of changes of times, owners and modes too"))


def run(session: Session, options: argparse.Namespace) -> int:
    before, after = opened.open_snapshot(session, options.first), opened.open_snapshot(session, options.second)
    statistics = Statistics()
    for change in compare(before.catalogue, after.catalogue, before.path, after.path):
        statistics.count(change)
        if change.what == METADATA and not options.metadata:
            continue
        session.output.tell(_row(change))
        session.output.say(f"{SIGNS[change.what]}  {_name(change)}")
    files = statistics.files
    session.output.summary(
        {"first": before.snapshot.id.hex(), "second": after.snapshot.id.hex(), **asdict(statistics)},
        _("Files: {added} added, {removed} removed, {changed} changed").format(
            added=files[ADDED], removed=files[REMOVED], changed=files[CONTENT] + files[KIND]
        ),
        _("Data: {added} added, {removed} removed").format(
            added=shown.size(statistics.bytes_added), removed=shown.size(statistics.bytes_removed)
        ),
    )
    return Exit.DONE


def _name(change: Change) -> str:
    node = change.after or change.before or {}
    return shown.path(change.path) + ("/" if node.get("t") == DIRECTORY else "")


def _row(change: Change) -> dict[str, object]:
    row: dict[str, object] = {"type": "change", "what": change.what, **nodes.path_row(change.path)}
    if change.fields:
        row["fields"] = list(dict.fromkeys(FIELDS[one] for one in change.fields))
    for name, node in (("before", change.before), ("after", change.after)):
        if node is not None and "s" in node:
            row[f"size_{name}"] = node["s"]
    return row
