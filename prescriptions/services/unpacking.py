"""The files of an archive that was sent, each entered into its batch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import files
from core.errors import Invalid
from core.files import taking
from prescriptions.models import Item
from prescriptions.services.batches import LARGEST, MOST, entered, fail, held_batch, own_name, require_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.access.scope import Actor
    from prescriptions.services.reading import Fenced

AT_ONCE, BYTES = 100, 32 << 20
"""The most files, and bytes of all of them, that are taken out of an archive in one start of the sandbox."""
TOGETHER = 10
"""Files that are entered in one transaction: others who send files to the project wait for it."""
Entry = dict[str, Any]


def unpack(actor: Actor, item: Item, fenced: Fenced, report: Callable[[], None]) -> None:
    """Enter each file of an archive into the batch; broken off, it goes on after the last one.

    They are taken out together, since one person packed them all; each is read apart from the others afterwards.
    """
    stored = item.file
    assert stored is not None
    try:
        with files.memory(stored) as held:
            entries = listed(held.fd)[item.unpacked :]
            require_place(item.batch, len(entries))
            for group in groups(entries):
                small = [entry["name"] for entry in group if entry["size"] <= LARGEST]
                contents = dict(zip(small, taking.members(held.fd, small, LARGEST), strict=True))
                for first in range(0, len(group), TOGETHER):
                    report()
                    names = [entry["name"] for entry in group[first : first + TOGETHER]]
                    with fenced():
                        enter(actor, item, [(own_name(name), contents.get(name)) for name in names])
    except Invalid as error:
        with fenced():
            fail(item, error)
        return
    with fenced():
        item.state, item.file = Item.State.UNPACKED, None
        item.save(update_fields=["state", "file"])
        files.erase(actor, stored, "unpacked")


def enter(actor: Actor, item: Item, found: Sequence[tuple[str, bytes | None]]) -> None:
    """Keep and enter some files of the archive, in a transaction of the job; one that is too large fails in words."""
    batch = held_batch(item.batch)
    for name, content in found:
        if content is None:
            entered(batch, name, None, fault=_("This file is larger than %(most)s MB.") % {"most": LARGEST >> 20})
        else:
            stored = files.store(actor, batch.project, [content], name=name, kind="prescription", limit=LARGEST)
            entered(batch, name, stored)
    item.unpacked += len(found)
    item.save(update_fields=["unpacked"])


def listed(archive: int) -> list[Entry]:
    """The files of an archive, without what systems put beside them. Raises Rejected."""
    with taking.archive(archive, entries=MOST) as result, result.open() as written:
        entries = [json.loads(line) for line in written.read().splitlines() if line.strip()]
    return [entry for entry in entries if entry["size"] and not is_clutter(entry["name"])]


def is_clutter(name: str) -> bool:
    parts = PurePath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] == "Thumbs.db"


def groups(entries: list[Entry]) -> Iterator[list[Entry]]:
    """The files in their order, as many together as one start of the sandbox takes out."""
    group: list[Entry] = []
    for entry in entries:
        if group and (len(group) == AT_ONCE or sum(each["size"] for each in group) + entry["size"] > BYTES):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group
