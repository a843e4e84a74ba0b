"""What a participant's browser gets of a form: his pages alone, which mean there what the whole form means here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine import cutting
from tests.ecrf.diary import DIARY
from tests.ecrf.visits import TRIAL, var, words

NOW = datetime(2026, 12, 1, 9)  # noqa: DTZ001  (forms know no zone)
TITLE = {"en": "Diary"}


def cut(data: dict[str, Any], page: str, values: dict[str, Any], **more: Any) -> cutting.Cut:
    context = engine.Context(NOW, subject="BRO-001", site="BRO", arm="B", **more)
    return cutting.cut(engine.load(data), [page], values, context, {}, TITLE)


def form(*items: dict[str, Any], **group: Any) -> dict[str, Any]:
    """A page of the team's with a question, and one of the participant's with these."""
    label = words("x", "x")
    own = [{"key": "secret", "type": "integer", "label": label}, {"key": "day", "type": "date", "label": label}]
    pages = [
        {"key": "team", "title": label, "groups": [{"items": own}]},
        {"key": "mine", "title": label, "groups": [{"items": [{"label": label, **item} for item in items], **group}]},
    ]
    return {"format": 1, "title": label, "languages": ["fr", "en"], "pages": pages}


def items_of(found: cutting.Cut) -> dict[str, Any]:
    return {
        item["key"]: item for page in found.definition["pages"] for group in page["groups"] for item in group["items"]
    }


def whole(found: cutting.Cut) -> str:
    return engine.canonical(found.definition) + engine.canonical(found.values)


@pytest.mark.parametrize(("suspect", "asked"), [("5", True), ("1", False), (None, False)])
def test_a_condition_that_reads_elsewhere_is_settled(suspect: str | None, asked: bool) -> None:
    """What it hides isn't sent at all, what it shows is sent without it; one that reads his own answers goes along."""
    found = cut(DIARY, "diary", {"suspect": suspect})
    assert ("more" in items_of(found)) is asked
    assert "visible_if" in items_of(found)["why"]
    assert "suspect" not in whole(found)
    assert engine.load(found.definition).items.keys() >= {"pain", "sleep", "why"}


@pytest.mark.parametrize("values", [{}, {"sleep": "0"}, {"sleep": "1", "pain": "3"}, {"pain": "11", "weight": "70"}])
def test_the_same_there_as_here(values: dict[str, Any]) -> None:
    """Evaluated alone, his pages show, require and refuse what the whole form does of them."""
    found = cut(DIARY, "diary", {"baseline": "80", "suspect": "5", **values})
    alone = engine.evaluate(engine.load(found.definition), found.values, engine.Context(NOW))
    keys = set(items_of(found))
    assert alone.visible == found.state.visible & keys
    assert alone.required == found.state.required & keys
    assert alone.errors == [finding for finding in found.state.errors if finding.key in keys]
    assert alone.values.get("lost") == found.state.values.get("lost")


@pytest.mark.parametrize("node", [["subject"], ["site"], ["arm"], ["of", "inclusion", "weight"], ["status", "secret"]])
def test_what_the_study_knows_stays(node: list[Any]) -> None:
    """His number, site, arm, other visits and statuses are in no expression that is sent."""
    text = node if node[0] != "of" else ["text", node]
    item = {"key": "a", "type": "text", "visible_if": ["distinct", text, ["text", "zzz"]], "default": ["text", "x"]}
    data = form(item)
    if node[0] == "of":
        data = TRIAL
        found = cut(data, "exam", {"weight": "80"}, event="month_1", others={"inclusion": {"weight": "77.25"}})
        assert items_of(found)["gain"]["calc"] == ["number", "2.75"]
    else:
        found = cut(data, "mine", {"secret": "7"})
        assert "visible_if" not in items_of(found)["a"]
    assert all(word not in whole(found) for word in ("BRO", "77.25", '"7"', f'["{node[0]}"'))


def test_what_reads_elsewhere_is_left_out_or_settled() -> None:
    """Limits and checks stay here, where they are applied at each save; choices and obligations are settled."""
    above = [">", var("secret"), ["number", "3"]]
    choices = [{"code": "1", "label": words("a", "a")}, {"code": "2", "label": words("b", "b")}]
    data = form(
        {"key": "n", "type": "integer", "max": var("secret"), "required_if": above},
        {"key": "q", "type": "integer", "checks": [
            {"key": "c", "holds": ["<", var("q"), var("secret")], "severity": "block", "message": words("x", "x")},
            {"key": "d", "holds": ["<", var("q"), var("n")], "severity": "query", "message": words("team", "team")},
            {"key": "e", "holds": ["<", var("q"), var("n")], "severity": "warn", "message": words("x", "x")},
        ]},
        {"key": "s", "type": "choice", "choices": choices,
         "choice_filter": ["and", above, ["same", ["choice", "code"], ["text", "2"]]]},
        {"key": "t", "type": "date", "default": var("day"), "readonly_if": above},
    )  # fmt: skip
    items = items_of(cut(data, "mine", {"secret": "5", "day": "2026-01-05"}))
    assert (items["n"].get("max"), items["n"]["required"]) == (None, True)
    assert [check["key"] for check in items["q"]["checks"]] == ["e"]
    assert [choice["code"] for choice in items["s"]["choices"]] == ["2"]
    assert (items["t"]["default"], items["t"]["readonly"]) == (["date", "2026-01-05"], True)


def test_rows_are_cut_too() -> None:
    """Of rows, only what he is asked in them is sent; he may write the rows, and nothing that is hidden in them."""
    data = form(
        {"key": "drug", "type": "text"},
        {"key": "code", "type": "text", "hidden": True},
        repeat={"key": "drugs", "row_title": ["concat", var("drug"), ["subject"]]},
    )
    found = cut(data, "mine", {"drugs": [{"drug": "aspirin", "code": "B01"}]})
    assert found.values == {"drugs": [{"drug": "aspirin"}]}
    assert "row_title" not in found.definition["pages"][0]["groups"][0]["repeat"]
    assert (found.keys, found.cells) == ({"drugs"}, {"drugs": {"drug"}})


def test_what_the_server_alone_follows() -> None:
    """It is said when something settled here changes with his own answers: those are to be kept soon after each."""
    number = {"key": "mine_is", "type": "integer"}
    apart = {"key": "fixed", "type": "integer", "calc": var("secret")}
    mixed = {"key": "both", "type": "integer", "calc": ["+", var("secret"), var("mine_is")]}
    assert not cut(form(number, apart), "mine", {"secret": "1"}).follows
    assert cut(form(number, mixed), "mine", {"secret": "1"}).follows
