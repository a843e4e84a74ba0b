"""What texts were coded as leaves with them, for as much of persons as a code tells."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.access.demo import World
from ecrf import services
from ecrf.models import Form
from ecrf.services import coding
from ecrf.services.exports.choices import Choices
from ecrf.services.exports.selection import Selection
from tests.ecrf import visits
from tests.ecrf.exported import fill, made, read

TERMS = "code,label,organ,organ_code\nK1,Signe bleu,Généraux,G1\nK2,Signe vert,Généraux,G1\n"


@pytest.fixture
def form(world: World) -> Form:
    """Two coded questions, one of them in rows; their three texts are coded."""
    data, owner = deepcopy(visits.TRIAL), world.user["owner"]
    for page, group in ((1, 1), (2, 0)):
        data["pages"][page]["groups"][group]["items"][0]["coding"] = {"dictionary": "signs"}
    made = visits.publish(world, data)
    named = {"kind": "csv", "key": "signs", "title": "Signes inventés", "version": "1"}
    services.load_dictionary(owner, world.project, TERMS.encode(), **named)
    fill(world, made, services.include_subject(world.user["member"], world.site_a))
    texts = {group.text: group for group in coding.groups_of(owner, made)}
    for text, code in (("=1+1", "K1"), ("Amoxicilline", "K2"), ("Chute", "K1")):
        coding.code_text(owner, made, "signs", texts[text].digest, code)
    return made


def test_codes_stand_behind_texts(world: World, form: Form) -> None:
    """Behind a coded text come its code, its term and what the term belongs to, in rows too, and in the codebook."""
    found = read(world, form, language="fr")
    labels = {line["column"]: line["label"] for line in found["codebook"] if line["table"] == "ae"}
    behind = list(labels)[list(labels).index("term") :][1:6]
    assert behind == ["term.status", "term.comment", "term__code", "term__term", "term__path"]
    assert labels["term__term"] == "Terme (terme)"
    (event,) = found["ae"]
    assert (event["term__code"], event["term__term"], event["term__path"]) == ("K1", "Signe bleu", "G1 Généraux")
    assert [(row["name"], row["name__code"]) for row in found["drug"]] == [("'=1+1", "K1"), ("Amoxicilline", "K2")]


def test_codes_outlive_texts(world: World, form: Form) -> None:
    """A de-identified export has no text, and still what it was coded as."""
    found = read(world, form, level="deidentified")
    assert "term" not in found["ae"][0]
    assert found["ae"][0]["term__term"] == "Signe bleu"
    assert [row["name__code"] for row in found["drug"]] == ["K1", "K2"]


def test_who_knows_no_codes_is_told(world: World, form: Form) -> None:
    """REDCap's file has the form's own fields alone, and the export says that codes aren't in it."""
    assert "export_without_codes" in {loss["code"] for loss in made(world, form, "redcap-csv").losses}
    assert made(world, form, "odm-1.3.2").losses == []


@pytest.mark.parametrize("where", ["coded", "uncoded"])
def test_codes_cost_little(world: World, form: Form, where: str) -> None:
    """Codes of all records that are read together are one query, and none where the form codes no text."""
    other: Any = form if where == "coded" else visits.publish(world, key="uncoded")
    with CaptureQueriesContext(connection) as asked:
        records = list(Selection(world.user["owner"], other, Choices()).all())
    coded = [one["sql"] for one in asked.captured_queries if "ecrf_coded" in one["sql"]]
    assert (len(records), len(coded)) == ((3, 2) if where == "coded" else (0, 0))  # the first asks whether there is any
