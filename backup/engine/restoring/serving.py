"""What a process of a restore does: it makes what new folders hold, by order of the one that walks."""

from __future__ import annotations

import socket
from dataclasses import astuple

from backup.engine.errors import Unreachable
from backup.engine.restoring import orders
from backup.engine.restoring.folders import Folder, Folders
from backup.engine.restoring.orders import Answer, Order
from backup.engine.restoring.report import Event, Report
from backup.engine.restoring.site import Site
from backup.engine.restoring.small import Small


def serve(line: socket.socket, begun: Site) -> None:
    """Do what is asked until nobody asks any more."""
    folders = Folders(Folder({}, b"", None, included=True))
    site = Site(begun.catalogue, begun.options, begun.report, folders)
    small = Small(site)
    while (order := orders.listen(line)) is not None:
        events: list[Event] = []
        site.report, site.apart = Report(events.append if begun.report.listens else None), set()
        outage = _make(small, site.folders, order)
        done, told = site.report, [astuple(event) for event in events]
        orders.answer(
            line,
            Answer(done.files, done.others, done.bytes, done.verified, done.problems, told, [*site.apart], outage),
        )


def _make(small: Small, folders: Folders, order: Order) -> str:
    """Why the store gives nothing any more, if that is so."""
    groups = []
    for (path, inherits, nodes), descriptor in zip(order.groups, order.descriptors, strict=True):
        folder = Folder({}, path, None, included=True)
        folder.descriptor, folder.inherits = descriptor, inherits
        groups.append((folder, [(node, False) for node in nodes]))
    try:
        small.make(groups)
    except Unreachable as error:
        return str(error)
    finally:
        for folder, _nodes in groups:
            folders.forget(folder)
    return ""
