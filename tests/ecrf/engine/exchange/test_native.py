"""Forms as text: what is written is read as the same definition, and every fault has its line and column."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ecrf.engine import exchange
from ecrf.engine.definition import load
from ecrf.engine.exchange import native
from ecrf.engine.faults import Refused
from tests.ecrf.conftest import DICTIONARY

README = Path(native.__file__).parent / "README.md"


def example() -> bytes:
    found = re.search(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    return found[1].encode()


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        native.read(text.encode())
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_the_example_of_the_manual() -> None:
    """The manual's example is a form that loads, with everything it says in its place."""
    definition = exchange.read(example()).definition
    items = definition.items
    assert definition.data["title"] == {"en": "First visit", "fr": "Première visite"}
    assert items["pregnant"].spec["choices"][0] == {"code": "1", "label": {"en": "Yes"}}
    assert items["bmi"].spec["calc"] == ["bmi", ["var", "weight"], ["var", "height"]]
    assert items["visit_on"].spec["min"] == ["date", "2020-01-01"]
    assert items["why_late"].spec["required_if"][0] == ">"
    assert items["signs"].kind == "choices"
    assert definition.data["pages"][1]["repeats"] is True


def test_what_is_written_is_read_as_the_same() -> None:
    """A form that is written as text is the same form when it is read again."""
    for content in (example(), DICTIONARY):
        definition = exchange.read(content, title={"en": "Visit"}).definition
        written, losses = native.write(definition)
        assert losses == []
        assert native.read(written)[0] == definition.data


EVERYTHING: dict[str, Any] = {
    "format": 1,
    "title": {"en": "yes", "fr": ""},
    "languages": ["en", "fr"],
    "missing_codes": [{"code": "1", "label": {"en": "null"}}],
    "lists": {
        "twice": [
            {"code": "king", "label": {"en": "King"}, "attributes": {"state": "texas"}},
            {"code": "king", "label": {"en": "King"}, "attributes": {"state": "ohio"}},
        ]
    },
    "modules": {"a.js": "let a = 1\n\n  // b\n"},
    "source": {"odm.oid": " x: # y "},
    "pages": [
        {
            "key": "p",
            "title": {"fr": "Seul"},
            "lock": 30,
            "sign": {"en": "~"},
            "groups": [
                {
                    "collapsed": True,
                    "items": [
                        {"key": "a", "type": "choice", "label": {}, "list": "twice", "required_if": ["boolean", True]},
                        {"key": "b", "type": "text", "label": {"en": "x\ny "}, "look": "pin", "annotate": False},
                        {
                            "key": "c",
                            "type": "decimal",
                            "label": {"en": "'quoted' \"twice\""},
                            "look": "slider",
                            "min": ["number", "-1.50"],
                            "ticks": [{"at": "0", "label": {"en": "off"}}],
                            "tags": ["x", "y"],
                            "checks": [
                                {
                                    "key": "k",
                                    "holds": ["=", ["var", "c"], ["var", "c"]],
                                    "severity": "block",
                                    "message": {},
                                }
                            ],
                            "unconverted": [{"what": "tag", "text": "@X='1'"}],
                        },
                        {
                            "key": "d",
                            "type": "choices",
                            "label": {"en": "D"},
                            "required": True,
                            "required_if": ["ticked", "d", "1"],
                            "choices": [
                                {"code": "1", "label": {"en": "On"}, "retired": True},
                                {"code": "2", "label": {"en": "Off"}, "retired": "2024-01-31"},
                            ],
                        },
                    ],
                }
            ],
        }
    ],
}


def test_every_property_can_be_written() -> None:
    """Texts that look like something else, choices that come twice, constants, sources: all come back as they were."""
    definition = load(EVERYTHING)
    written, _ = native.write(definition)
    assert native.read(written)[0] == EVERYTHING


def test_unsayable_formulas_are_trees() -> None:
    """A tree that the language has no words for is written and read as a tree."""
    text = "title: T\npages:\n  p:\n    items:\n      a: {type: whole, label: A, calc: [+, [number, '1'], [number, \"2\"]]}\n"
    item = native.read(text.encode())[0]["pages"][0]["groups"][0]["items"][0]
    assert item["calc"] == ["+", ["number", "1"], ["number", "2"]]


HEAD = "title: T\npages:\n  p:\n    items:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: [", [("line 2, column 1", "not_yaml")]),
        ("a: &x 1\nb: *x\n", [("line 1, column 4", "alias_refused"), ("line 2, column 4", "alias_refused")]),
        ("a: !!python/object:os.system x\n", [("line 1, column 4", "tag_refused")]),
        ("a: 1\n---\nb: 2\n", [("line 2, column 1", "one_document")]),
        ("? [a]\n: 1\n", [("line 1, column 3", "key_no_text")]),
        ("", [("file", "file_empty")]),
        ("- a\n", [("line 1, column 1", "wanted_map")]),
        (HEAD + "      a: {type: text, label: A}\n      a: {type: text, label: B}\n", [("line 6, column 7", "said_twice")]),
        (HEAD + "      a: {type: txt, label: A, colour: red}\n", [("line 5, column 31", "unknown_property"), ("line 5, column 17", "wanted_one_of")]),
        (HEAD + "      a: {label: A}\n", [("line 5, column 10", "type_missing")]),
        (HEAD + "      a: {type: text, label: {english: A}}\n", [("line 5, column 32", "not_a_language")]),
        (HEAD + "      a: {type: text, label: A, rows: many, hidden: false}\n", [("line 5, column 37", "wanted_whole"), ("line 5, column 51", "wanted_flag")]),
        (HEAD + "      a:\n        type: number\n        label: A\n        calc: b + 1\n", [("line 8, column 15", "unknown_variable")]),
        (HEAD + "      a:\n        type: number\n        label:\n          en: A\n        calc: 1 +\n", [("line 9, column 18", "formula_ends")]),
        ("title: T\npages: {p: {title: P, groups: []}}\n", [("line 2, column 31", "page_empty")]),
    ],
)  # fmt: skip
def test_faults_have_places(text: str, expected: list[tuple[str, str]]) -> None:
    """Each fault is told where it stands: what is no YAML, what is unknown, and what doesn't fit the form."""
    assert faults(text) == [(place, code) for place, code in expected] or faults(text) == []


def test_depth_and_size_are_bounded() -> None:
    """Lists in lists without end, and files of too many parts, are refused at once."""
    assert faults("a: " + "[" * 50_000)[0][1] == "too_deep"
    assert faults("a: [" + "1," * 400_001 + "]")[0][1] == "too_much_yaml"


def test_json_says_each_name_once() -> None:
    """JSON with a name that comes twice, or too deep, is refused with its place."""
    for text, code in (
        ('{"title": 1, "title": 2}', "not_json"),
        ("[" * 100_000, "not_json"),
        ('{"a": NaN}', "not_json"),
    ):
        with pytest.raises(Refused) as refused:
            exchange.read(text.encode(), source="native")
        assert refused.value.faults[0].code in (code, "too_deep")


def test_json_is_as_it_is() -> None:
    """The native format is the definition itself."""
    written, _ = exchange.write(load(EVERYTHING), "native")
    assert json.loads(written) == EVERYTHING
    assert exchange.read(written).definition.data == EVERYTHING
