"""Studies for the tests of formats: one that uses what formats find hard, and REDCap's in small."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ecrf.engine.forms import choices, item

TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", Path(__file__).parents[4].parent / "shared/data")) / "ecrf"


def sample(name: str) -> bytes:
    """A file of the trial data; without it the test has nothing to try."""
    path = TRIAL / name
    if not path.exists():
        pytest.skip("the trial data aren't here")
    return path.read_bytes()


def text(words: str, french: str = "") -> dict[str, str]:
    return {"en": words, **({"fr": french} if french else {})}


def page(key: str, *groups: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "title": text(key.title(), f"{key} (fr)"), "groups": list(groups), **more}


def study() -> dict[str, Any]:
    """Two arms, visits, a repeating page, rows, conditions, calculations, checks, codes for what is missing."""
    race = item(
        "race", "choices", choices=[*choices("1", "2"), {"code": "9", "label": text("None"), "exclusive": True}]
    )
    person = [
        item("subject_id", calc=["subject"]),
        item("intro", "output"),
        item("name", identifier=True, required=True, max_length=80, help=text("As on the <card> & passport", "Nom")),
        item("sex", "choice", choices=choices("f", "m"), look="radio", source={"redcap.alignment": "RH"}),
        item(
            "pregnant",
            "choice",
            choices=choices("1", "0"),
            look="yesno",
            visible_if=["=", ["var", "sex"], ["text", "f"]],
        ),
        race,
        item("weight", "decimal", unit="kg", decimals=1, min=["number", "1"], max=["number", "300"], range="block"),
        item("height", "integer", unit="cm", min=["number", "30"], range="warn", placeholder=text("170")),
        item(
            "bmi",
            "decimal",
            calc=[
                "round",
                ["/", ["var", "weight"], ["^", ["/", ["var", "height"], ["number", "100"]], ["number", "2"]]],
                ["number", "1"],
            ],
        ),
        item("seen", "datetime", order="dmy"),
        item("woke", "time", seconds=True, default=["time", "07:30"]),
        item(
            "born",
            "date",
            min=["date", "1900-01-01"],
            max=["today"],
            checks=[
                {
                    "key": "adult",
                    "holds": [">=", ["age", ["var", "born"], ["today"]], ["number", "18"]],
                    "severity": "query",
                    "when": "save",
                    "message": text("Not an adult?", "Mineur ?"),
                }
            ],
        ),
    ]
    medications = {
        "title": text("Medications"),
        "repeat": {"key": "meds", "min": 0, "max": 20},
        "items": [
            item("drug", required=True),
            item("dose", "decimal", unit="mg"),
            item("route", "choices", choices=choices("po", "iv")),
        ],
    }
    return {
        "format": 1,
        "title": text("A study", "Une étude"),
        "description": text("With everything"),
        "languages": ["en", "fr"],
        "annotate": True,
        "missing_codes": [{"code": "-99", "label": text("Lost")}],
        "arms": [{"key": "drug_arm", "title": text("Drug")}, {"key": "placebo", "title": text("Placebo")}],
        "events": [
            {"key": "inclusion", "title": text("Inclusion"), "pages": ["person", "drugs"], "day": 0},
            {
                "key": "week_4",
                "title": text("Week 4"),
                "pages": ["drugs", "events_page"],
                "day": 28,
                "before": 3,
                "after": 3,
                "arms": ["drug_arm"],
            },
            {"key": "safety", "title": text("Safety"), "pages": ["events_page"], "kind": "common", "repeats": True},
        ],
        "pages": [
            page("person", {"title": text("Who", "Qui"), "items": person}, sign=text("I checked it")),
            page(
                "drugs",
                medications,
                {"items": [item("comment", look="lines")], "visible_if": ["=", ["var", "sex"], ["text", "f"]]},
            ),
            page(
                "events_page",
                {"items": [item("term", required=True), item("serious", "choice", choices=choices("1", "0"))]},
                repeats=True,
            ),
        ],
        "source": {"odm.study": "ST.1", "odm.version": "V.1", "odm.version_name": "First", "odm.protocol": "P-1"},
    }
