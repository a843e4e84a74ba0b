"""What ODM has no words for goes into aliases of the context ``suite``: found by reading back what was written.

Another system reads the standard parts; this one gets its definition back exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ecrf.engine.exchange.odm.building import Building
from ecrf.engine.exchange.odm.model import Study, difference
from ecrf.engine.exchange.odm.parsing import Parsing
from ecrf.engine.exchange.odm.splitting import Patches, Splitting
from ecrf.engine.exchange.xml import child, parse
from ecrf.engine.faults import Fault

ROUNDS = 4
SILENT = frozenset({"source", "key", "languages", "format"})
"""Nobody else misses these."""


def modelled(
    data: Mapping[str, Any], written: Callable[[Study], Iterable[str]], version: str
) -> tuple[Splitting, list[Fault]]:
    """The model whose XML says all of the definition, and what of it only this system understands."""
    patches: Patches = {(): {"set": {"languages": data["languages"]}}}
    splitting = Splitting(data, patches, boxes=version == "1.3")
    for _ in range(ROUNDS):
        study = splitting.model()
        root = parse("".join(written(study)).encode())
        naked = Building(Parsing(child(root, "Study"), version).result(), "", naked=True).definition()
        found = dict(patches_of(naked, data))
        found[()].setdefault("set", {})["languages"] = data["languages"]
        if found == patches:
            break
        patches = found
        splitting = Splitting(data, patches, boxes=version == "1.3")
    else:
        splitting.model()
    return splitting, list(remarks(patches))


def patches_of(
    naked: Mapping[str, Any], data: Mapping[str, Any]
) -> Iterator[tuple[tuple[object, ...], dict[str, Any]]]:
    """Each part of the definition that ODM's own words don't say whole."""
    yield (), difference(naked, data, frozenset({"pages", "events"} if data.get("events") else {"pages"}))
    if data.get("events"):
        for number, (one, event) in enumerate(zip(naked["events"], data["events"], strict=True)):
            yield ("event", number), difference(one, event)
    for p, (found, page) in enumerate(zip(naked["pages"], data["pages"], strict=True)):
        yield (p,), difference(found, page, frozenset({"groups"}))
        for g, (there, group) in enumerate(zip(found["groups"], page["groups"], strict=True)):
            yield (p, g), difference(there, group, frozenset({"items"}))
            asked = [item for item in group["items"] if item["type"] != "output"]
            for i, (read, item) in enumerate(zip(there["items"], asked, strict=True)):
                yield (p, g, i), difference(read, item)


def remarks(patches: Patches) -> Iterator[Fault]:
    """One remark per property, with how often it occurs."""
    count: Counter[str] = Counter()
    for patch in patches.values():
        count.update(name for name in patch.get("set", {}) if name not in SILENT)
    for name, many in sorted(count.items()):
        yield Fault("file", "suite_only", {"property": name, "count": many})
