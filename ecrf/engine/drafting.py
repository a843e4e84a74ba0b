"""A definition that is still being written: whatever is wrong with it, by place, in words an author understands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.definition import VALIDATOR, canonical, load
from ecrf.engine.faults import Fault, Refused

MOST_FAULTS = 500
EMPTY = {
    "items": "group_empty",
    "choices": "no_choice",
    "pages": "no_page",
    "arms": "no_arm",
    "languages": "no_language",
}


def digest(data: Mapping[str, Any]) -> str:
    """What names this state of a definition: the hash that it would be published under."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def faults_of(data: Mapping[str, Any]) -> list[Fault]:
    """Every fault of an unfinished definition; none where it could be published."""
    shape = [told(error) for error in VALIDATOR.iter_errors(data)]
    if shape:
        return sorted(shape, key=lambda fault: order(fault.place))[:MOST_FAULTS]
    try:
        load(data)
    except Refused as refused:
        return refused.faults[:MOST_FAULTS]
    return list(unlabelled(data))


def order(place: str) -> list[tuple[int, str]]:
    """Places as they follow each other in the form: the tenth page comes after the second."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in place.split(".")]


def told(error: Any) -> Fault:
    """A fault of the schema by its own code where authors meet it, else in the words of the schema."""
    path = [str(part) for part in error.absolute_path]
    place, last = ".".join(path), path[-1] if path else ""
    if error.validator == "minItems" and last in EMPTY:
        return Fault(place, EMPTY[last])
    if error.validator in ("pattern", "maxLength") and last == "key":
        return Fault(place, "bad_key", {"name": str(error.instance)[:80]})
    if error.validator == "pattern" and last == "code":
        return Fault(place, "bad_choice_code", {"choice": str(error.instance)[:80]})
    if error.validator == "required":
        missing = next((name for name in error.validator_value if name not in error.instance), "")
        return Fault(f"{place}.{missing}".lstrip("."), "part_missing", {"name": missing})
    return Fault(place, "schema", {"detail": error.message[:300]})


def unlabelled(data: Mapping[str, Any]) -> Iterator[Fault]:
    """What nobody could read: a page without a title, a question or a choice without words in any language."""
    for p, page in enumerate(data["pages"]):
        if not any(page["title"].values()):
            yield Fault(f"pages.{p}.title", "title_missing")
        for g, group in enumerate(page["groups"]):
            for i, item in enumerate(group["items"]):
                place = f"pages.{p}.groups.{g}.items.{i}"
                if not any(item["label"].values()) and not item.get("hidden"):
                    yield Fault(f"{place}.label", "label_missing", {"name": item["key"]})
                yield from (
                    Fault(f"{place}.choices.{c}.label", "choice_label_missing", {"choice": choice["code"]})
                    for c, choice in enumerate(item.get("choices", ()))
                    if not any(choice["label"].values())
                )
