"""Filters, changes and messages of SCIM, without a database."""

from __future__ import annotations

import random
from typing import Any

import pytest

from core.scim import reading
from core.scim.engine import changes, filters, schemas, shown
from core.scim.engine.errors import Fault
from core.scim.engine.matching import matches

ANNE: dict[str, Any] = {
    "userName": "anne@chu.example",
    "name": {"familyName": "O'Hara", "givenName": "Anne"},
    "active": True,
    "emails": [{"value": "anne@chu.example", "type": "work"}, {"value": "a@home.example", "type": "home"}],
    "meta": {"created": "2026-11-28T10:00:00Z"},
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('userName eq "ANNE@chu.example"', True),
        ('username EQ "anne@chu.example"', True),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "anne"', True),
        ('name.familyName co "hara"', True),
        ('userName ew ".org"', False),
        ('userName ne "b"', True),
        ("active eq true", True),
        ('active eq "true"', False),
        ("title pr", False),
        ("emails pr", True),
        ("title eq null", True),
        ("name.givenName ne null", True),
        ('emails[type eq "home" and value co "home"]', True),
        ('emails[type eq "work" and value co "home"]', False),
        ('emails.type eq "home"', True),
        ('emails co "home.example"', True),
        ('not (active eq true) or userName pr and name.givenName eq "Anne"', True),
        ('(userName pr or active pr) and not (name.givenName eq "Anne")', False),
        ('meta.created gt "2026-11-01"', True),
        ('meta.created lt "2026-11-01"', False),
        ('userName eq "say \\"hello\\" \\u00e9"', False),
    ],
)
def test_filters_match(text: str, result: bool) -> None:
    """A filter is read as RFC 7644 says: names and texts without regard to case, `and` before `or`."""
    assert matches(filters.parse(text, (schemas.USER,)), ANNE) is result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        "userName eq anne",
        "userName is 'anne'",
        'userName eq "anne',
        'userName eq "anne" and',
        'userName eq "anne" "more"',
        '(userName eq "anne"',
        'userName eq "anne")',
        "not userName pr",
        'emails[type eq "work"',
        'emails.value[type eq "work"]',
        '"anne" eq userName',
        "userName eq 'anne'",
        "userName eq True",
        "userName eq 1e5",
        "a.b.c pr",
        "; drop table",
        "(" * 30 + "a pr" + ")" * 30,
        "not (" * 30 + "a pr" + ")" * 30,
        " and ".join(["a pr"] * 200),
        'a eq "' + "x" * 5000 + '"',
        'a eq "\\x"',
        "[" * 1000,
    ],
    ids=lambda text: str(text)[:40],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    """Whatever else comes, or is too large, is refused as `invalidFilter`, and nothing worse happens."""
    with pytest.raises(Fault) as refused:
        filters.parse(text)
    assert refused.value.kind == "invalidFilter"


def test_no_text_breaks_the_parser() -> None:
    """Pieces of filters in any order are a filter or refused: never another error."""
    pieces = [
        "userName",
        "eq",
        '"a"',
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        "pr",
        "true",
        "null",
        "1",
        ".",
        '"',
        "\\",
    ]
    chance = random.Random(7)
    for _each in range(3000):
        text = " ".join(chance.choices(pieces, k=chance.randint(1, 12)))
        try:
            filters.parse(text)
        except Fault:
            continue


def patched(*operations: dict[str, Any]) -> dict[str, Any]:
    return changes.apply(schemas.USER, ANNE, {"schemas": [schemas.PATCH], "Operations": list(operations)})


def test_changes_are_applied() -> None:
    """Add, replace and remove, with paths, parts, filters of values, and without a path."""
    assert patched({"op": "replace", "path": "name.givenName", "value": "Ana"})["name"]["givenName"] == "Ana"
    assert patched({"op": "Replace", "path": "NAME.FAMILYNAME", "value": "B"})["name"]["familyName"] == "B"
    assert patched({"op": "add", "value": {"displayName": "Ana", "unknown": 1}})["displayName"] == "Ana"
    assert patched({"op": "replace", "value": {"name.givenName": "Ana"}})["name"]["givenName"] == "Ana"
    moved = patched({"op": "replace", "path": 'emails[type eq "work"].value', "value": "b@chu.example"})
    assert [each["value"] for each in moved["emails"]] == ["b@chu.example", "a@home.example"]
    less = patched({"op": "remove", "path": 'emails[type eq "home"]'})
    assert [each["type"] for each in less["emails"]] == ["work"]
    more = patched({"op": "add", "path": "emails", "value": [{"value": "c@chu.example"}, {"value": "a@home.example"}]})
    assert len(more["emails"]) == 3
    assert "name" not in patched({"op": "remove", "path": "name"})
    assert ANNE["name"]["givenName"] == "Anne"


def test_members_are_changed_as_directories_do_it() -> None:
    """Members are added and removed by a list, by a filter, or by values beside the path."""
    group = {"displayName": "G", "members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]}

    def after(operation: dict[str, Any]) -> list[str]:
        done = changes.apply(schemas.GROUP, group, {"schemas": [schemas.PATCH], "Operations": [operation]})
        return [each["value"] for each in done.get("members", [])]

    assert after({"op": "remove", "path": 'members[value eq "2"]'}) == ["1", "3"]
    assert after({"op": "remove", "path": "members", "value": [{"value": "1"}, {"value": "3"}]}) == ["2"]
    assert after({"op": "add", "path": "members", "value": {"value": "4"}}) == ["1", "2", "3", "4"]
    assert after({"op": "replace", "path": "members", "value": [{"value": "9"}]}) == ["9"]
    assert after({"op": "remove", "path": "members"}) == []


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "name"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": "name"}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": "Anne"}, "invalidValue"),
        ({"op": "replace", "path": "unknown", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "name.unknown", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "name..x", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'name[a eq "b"]', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[x]", "value": 1}, "invalidFilter"),
        ({"op": "replace", "path": 'emails[type eq "x"].value', "value": "y"}, "noTarget"),
        ({"op": "replace", "path": "id", "value": "1"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "replace", "path": "emails", "value": [7]}, "invalidValue"),
        ({"op": "add", "value": "x"}, "invalidValue"),
        ("x", "invalidSyntax"),
    ],
    ids=str,
)
def test_wrong_changes_are_refused(operation: Any, kind: str) -> None:
    """What can't be done is refused by SCIM's own word for it."""
    with pytest.raises(Fault) as refused:
        patched(operation)
    assert refused.value.kind == kind


def test_messages_are_bounded() -> None:
    """Too many operations at once, none, or a message of another schema are refused."""
    one = {"op": "replace", "path": "active", "value": True}
    for message in (
        {"schemas": [schemas.PATCH], "Operations": [one] * 1001},
        {"schemas": [schemas.PATCH], "Operations": []},
        {"schemas": [schemas.USER], "Operations": [one]},
        {"Operations": [one]},
        [],
        None,
    ):
        with pytest.raises(Fault):
            changes.apply(schemas.USER, ANNE, message)


def test_answers_show_what_is_asked_for() -> None:
    """`attributes` shows these alone, `excludedAttributes` leaves these out; the id is always there."""
    resource = {"schemas": [schemas.USER], "id": "1", **ANNE}
    only = shown.show(resource, shown.names("userName, name.givenName,emails.value", schemas.USER), set())
    assert only == {
        "schemas": [schemas.USER],
        "id": "1",
        "userName": "anne@chu.example",
        "name": {"givenName": "Anne"},
        "emails": [{"value": "anne@chu.example"}, {"value": "a@home.example"}],
    }
    without = shown.show(resource, set(), shown.names("id,emails,name.familyName", schemas.USER))
    assert without["id"] == "1"
    assert "emails" not in without
    assert without["name"] == {"givenName": "Anne"}


def test_no_message_breaks_what_reads_it() -> None:
    """Values of every kind at every place of a message are taken or refused: never another error."""
    chance = random.Random(11)
    strange: list[Any] = [None, True, 0, -1.5, "", "x" * 500, [], {}, [[]], [{}], {"value": []}, {"a": {"b": 1}}, ["é"]]
    names = ["userName", "name", "emails", "active", "members", "externalId", "displayName", "schemas", "meta", "id"]
    paths = [*names, None, "emails[x", 'emails[type eq "work"]', "name.givenName", "emails.value", "$ref", 7]
    for _each in range(3000):
        schema, read = chance.choice([(schemas.USER, reading.person), (schemas.GROUP, reading.group)])
        body = {"schemas": [schema], "userName": "anne@chu.example", "displayName": "G"}
        body |= {name: chance.choice(strange) for name in chance.choices(names, k=3)}
        verb = chance.choice(["add", "replace", "remove", 3])
        operation = {"op": verb, "path": chance.choice(paths), "value": chance.choice(strange)}
        try:
            read(changes.apply(schema, ANNE, {"schemas": [schemas.PATCH], "Operations": [operation]}))
            read(changes.tidy(schema, body))
        except Fault:
            continue
