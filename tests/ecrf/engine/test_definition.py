"""A definition is checked whole, hashed canonically, and never loses what was chosen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.versions import carried_over, changes
from tests.ecrf.engine.forms import choices, data, item


def refused(form: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(engine.Refused) as caught:
        engine.load(form)
    return [(fault.place, fault.code) for fault in caught.value.faults]


PLACE = "pages.0.groups.0.items"

ITSELF = item("a", "integer", calc=["+", ["var", "a"], ["number", "1"]])
TWO = [item("a", "integer", calc=["var", "b"]), item("b", "integer", calc=["var", "a"])]
UNKNOWN = ["=", ["var", "z"], ["text", "1"]]
OWN_PAGE = ["same", ["var", "a"], ["null"]]
BOX = item("a", "choices", choices=choices("1"))
BROKEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("a key twice", data(item("a"), item("a")), ".1.key", "repeated_key"),
    ("a key that is no name", data(item("A b")), ".0.key", "schema"),
    ("a type that isn't", data(item("a", "blob")), ".0.type", "schema"),
    ("choices on a text", data(item("a", choices=choices("1"))), ".0.choices", "choices_misplaced"),
    ("a choice without choices", data(item("a", "choice")), ".0.choices", "choices_misplaced"),
    ("a format that isn't", data(item("a", format="klingon")), ".0.format", "unknown_format"),
    ("an unknown variable", data(item("a", visible_if=UNKNOWN)), ".0.visible_if", "unknown_variable"),
    ("a condition that is a number", data(item("a", visible_if=["number", "1"])), ".0.visible_if", "wrong_result"),
    ("a circle of two", data(*TWO), ".0.calc", "circle"),
    ("itself", data(ITSELF), ".0.calc", "circle"),
    ("a page shown by its own field", data(item("a"), visible_if=OWN_PAGE), ".0", "circle"),
    ("a box named as a field", data(BOX, item("a___1")), ".1.key", "repeated_key"),
]


@pytest.mark.parametrize(("name", "form", "place", "code"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken_definitions(name: str, form: dict[str, Any], place: str, code: str) -> None:
    """A definition with a fault is refused, and the fault has its path."""
    assert (PLACE + place, code) in refused(form)


def test_every_fault_is_named() -> None:
    """All faults come at once."""
    form = data(item("a", format="x"), item("b", "choice"), item("b"))
    assert len(refused(form)) == 3


def test_hash_is_of_the_content() -> None:
    """The order of keys doesn't change the hash; a letter does."""
    form = data(item("a"))
    shuffled = json.loads(json.dumps(form, sort_keys=True))
    assert engine.load(form).hash == engine.load(dict(reversed(shuffled.items()))).hash
    assert engine.load(form).hash != engine.load(data(item("b"))).hash


def test_texts_fall_back() -> None:
    """A text that has no translation is shown in the form's first language."""
    definition = engine.load({**data(item("a")), "languages": ["en", "fr"]})
    assert definition.text({"en": "Weight"}, "fr") == "Weight"
    assert definition.text({"en": "Weight", "fr": "Poids"}, "fr") == "Poids"


def test_choices_are_never_dropped() -> None:
    """A choice that the next version doesn't offer is retired: still valid where it was chosen."""
    before = engine.load(data(item("a", "choice", choices=choices("1", "2")), item("gone")))
    after = engine.load(data(item("a", "choice", choices=choices("2", "3")), item("new")))
    carried = engine.load(carried_over(before, after))
    assert list(carried.items["a"].codes) == ["2", "3", "1"]
    assert carried.items["a"].codes["1"]["retired"] is True
    found = changes(before, after)
    assert (found.added, found.removed, found.retired) == (("new",), ("gone",), ("a: 1",))
