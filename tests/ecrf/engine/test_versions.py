"""From one version to the next: every difference is found and named, for the item that it is about."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ecrf.engine import load
from ecrf.engine.library import begun
from ecrf.engine.versions import changes

Change = Callable[[dict[str, Any]], None]


def study() -> dict[str, Any]:
    """The observational study of the library."""
    data = begun("observational", {"en": "Study"}, ["en"])
    assert data is not None
    return data


def item(data: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for page in data["pages"] for group in page["groups"] for one in group["items"] if one["key"] == key
    )
    return found


def drop(data: dict[str, Any], key: str) -> None:
    for page in data["pages"]:
        for group in page["groups"]:
            group["items"] = [one for one in group["items"] if one["key"] != key]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: item(data, "sbp").update(label={"en": "Systolic"}), {("label_changed", "sbp")}),
        (lambda data: item(data, "sbp").update(unit="kPa"), {("unit_changed", "sbp")}),
        (lambda data: item(data, "sbp").update(required=True), {("required_changed", "sbp")}),
        (lambda data: item(data, "sbp").update(max=["number", "250"]), {("limits_changed", "sbp")}),
        (lambda data: item(data, "bmi").update(calc=["var", "weight"]), {("calc_changed", "bmi")}),
        (lambda data: item(data, "ae_end").pop("visible_if"), {("condition_changed", "ae_end")}),
        (lambda data: item(data, "dbp").pop("checks"), {("check_removed", "dbp")}),
        (lambda data: item(data, "dbp")["checks"][0].update(severity="warn"), {("check_changed", "dbp")}),
        (lambda data: drop(data, "spo2"), {("item_removed", "spo2")}),
        (lambda data: item(data, "spo2").update(type="decimal"), {("item_retyped", "spo2")}),
        (lambda data: item(data, "sex")["choices"].pop(), {("choice_retired", "sex")}),
        (lambda data: item(data, "sex")["choices"][0].update(retired=True), {("choice_retired", "sex")}),
        (lambda data: item(data, "sex")["choices"][0].update(label={"en": "F"}), {("choice_relabelled", "sex")}),
        (
            lambda data: item(data, "sex")["choices"].append({"code": "9", "label": {"en": "?"}}),
            {("choice_added", "sex")},
        ),
        (lambda data: data["events"][1].update(day=100), {("event_changed", "month_3")}),
        (lambda data: data["events"].pop(1), {("event_removed", "month_3")}),
        (lambda data: data.update(arms=[{"key": "a", "title": {"en": "A"}}]), {("arm_added", "a")}),
        (lambda data: data["languages"].append("fr"), {("language_added", "fr")}),
        (lambda data: data["pages"][0].update(title={"en": "First"}), {("page_renamed", "eligibility")}),
        (lambda data: None, set()),
    ],
)
def test_each_difference_is_named(change: Change, expected: set[tuple[str, str]]) -> None:
    """One change of a form is told as that change, and nothing else is."""
    before, after = study(), copy.deepcopy(study())
    change(after)
    found = changes(load(before), load(after))
    assert {(one.code, one.key) for one in found.details} == expected
    assert found.any == bool(expected)


def test_an_item_that_moves_is_told_once() -> None:
    """A question on another page is moved, neither new nor gone."""
    before, after = study(), study()
    moved = item(after, "visit_note")
    drop(after, "visit_note")
    after["pages"][0]["groups"][0]["items"].append(moved)
    (one,) = changes(load(before), load(after)).details
    assert (one.code, one.key, one.before, one.after) == ("item_moved", "visit_note", "visit", "eligibility")
