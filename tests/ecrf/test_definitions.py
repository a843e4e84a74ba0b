"""Forms on the command line and over REST, for whoever holds them: converted, checked, evaluated."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from core.access.demo import World

ApiOf = Callable[[str], APIClient]
VISIT = Path(__file__).parent / "data/visit.csv"
ROOT = "/api/v1/ecrf/definitions"
TEXT = """\
title: T
pages:
  p:
    title: P
    items:
      a: {type: number, label: A, min: 0}
      b: {type: number, label: B, calc: a * 2}
      day: {type: date, label: Day, default: today()}
"""


def run(*arguments: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("ecrf", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.yaml"
    path.write_text(TEXT)
    return path


def test_convert_to_a_file(tmp_path: Path) -> None:
    """With -o the form is in the file and the losses, as JSON, on standard output."""
    out, err = run("convert", VISIT, "--to", "xlsform", "-o", tmp_path / "visit.xlsx")
    assert (tmp_path / "visit.xlsx").read_bytes().startswith(b"PK")
    losses = json.loads(out)
    assert {"place", "code", "severity", "message", "params"} == losses[0].keys()
    assert err == ""


def test_convert_to_standard_output() -> None:
    """Without -o the form is on standard output and the losses on standard error."""
    out, err = run("convert", VISIT, "--to", "native", "--language", "fr")
    assert json.loads(out)["languages"] == ["fr"]
    assert json.loads(err) == []


def test_check_a_sound_form(form: Path) -> None:
    """A sound form is valid, with its counts."""
    found = json.loads(run("check", form)[0])
    assert (found["valid"], found["format"], found["pages"], found["items"]) == (True, "native-text", 1, 3)
    assert found["problems"] == []


def test_check_a_broken_form(form: Path) -> None:
    """Faults are told with their places, and end with exit code 1."""
    form.write_text(TEXT.replace("a * 2", "nobody * 2"))
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("ecrf", "check", str(form), stdout=out)
    found = json.loads(out.getvalue())
    assert end.value.code == 1
    assert found["valid"] is False
    assert [(one["place"], one["code"]) for one in found["problems"]] == [("line 7, column 41", "unknown_variable")]


def test_check_tells_what_is_doubtful(form: Path) -> None:
    """What loads and can't be meant is told too; the form stays valid."""
    form.write_text(TEXT + "      c: {type: text, label: C, if: a > 1 and a < 0}\n")
    found = json.loads(run("check", form)[0])
    assert found["valid"] is True
    assert "never_shown" in [one["code"] for one in found["problems"]]


def test_evaluate(form: Path, tmp_path: Path) -> None:
    """Values in a form give its state, at the moment that the context names."""
    values, context = tmp_path / "values.json", tmp_path / "context.json"
    values.write_text('{"a": "-1.5", "nobody": 1}')
    context.write_text('{"now": "2026-11-23T14:05", "subject": "BRO-001"}')
    state = json.loads(run("evaluate", form, values, "--context", context)[0])
    assert state["values"] == {"a": "-1.5", "b": "-3", "day": "2026-11-23"}
    assert state["visible"] == ["a", "b", "day"]
    assert {(one["place"], one["code"]) for one in state["findings"]} >= {
        ("a", "below_min"),
        ("nobody", "unknown_variable"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("convert", "nowhere.csv", "--to", "native"), "nowhere.csv can't be opened: No such file or directory"),
        (("convert", "{folder}", "--to", "native"), "can't be opened: Is a directory"),
        (("convert", "{junk}", "--to", "native"), "can't be used: file: The format of this file can’t be told"),
        (("convert", "{form}", "--to", "docx"), "invalid choice"),
        (("convert", "{form}", "--to", "xlsform"), "this format is no text: name a file with -o"),
        (("convert", "{form}", "--to", "native", "-o", "{folder}"), "can't be written: Is a directory"),
        (("evaluate", "{form}", "{junk}"), "is no JSON"),
        (("evaluate", "{form}", "{list}"), "holds no JSON object"),
        (("evaluate", "{form}", "{object}", "--context", "{context}"), "context.colour"),
        (("evaluate", "{junk}", "{object}"), "can't be used"),
        (("check", "nowhere"), "can't be opened"),
    ],
)
def test_errors_are_one_line(arguments: tuple[str, ...], message: str, form: Path, tmp_path: Path) -> None:
    """Files that are missing, of another kind or hostile end in one clear line."""
    texts = {"junk": b"\0\xff", "list": b"[1]", "object": b"{}", "context": b'{"colour": 1, "now": 3}'}
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    places = {name: tmp_path / name for name in texts} | {"folder": tmp_path, "form": form}
    with pytest.raises(CommandError) as error:
        run(*(argument.format(**places) for argument in arguments))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_convert_over_rest(world: World, api_of: ApiOf) -> None:
    """A form is sent as a file, as text or as JSON; text comes back as text, a workbook as base64."""
    client = api_of("stranger")
    sent = {"file": SimpleUploadedFile("visit.csv", VISIT.read_bytes()), "to": "xlsform"}
    answer = client.post(f"{ROOT}/convert/", sent, format="multipart").json()
    assert (answer["source"], answer["encoding"]) == ("redcap-dictionary", "base64")
    assert base64.b64decode(answer["content"]).startswith(b"PK")
    assert answer["losses"][0]["code"] == "not_in_format"
    answer = client.post(f"{ROOT}/convert/", {"text": TEXT, "to": "native"}, format="json").json()
    definition = json.loads(answer["content"])
    assert answer["losses"] == []
    answer = client.post(f"{ROOT}/convert/", {"definition": definition, "to": "native-text"}, format="json").json()
    assert "calc: a * 2" in answer["content"]


def test_check_over_rest(world: World, api_of: ApiOf) -> None:
    """Problems come with their places and their words."""
    broken = TEXT.replace("a * 2", "nobody * 2")
    answer = api_of("member").post(f"{ROOT}/check/", {"text": broken}, format="json")
    assert answer.status_code == 200
    assert answer.json()["valid"] is False
    problem = answer.json()["problems"][0]
    assert (problem["place"], problem["code"]) == ("line 7, column 41", "unknown_variable")
    assert "nobody" in problem["message"]


def test_evaluate_over_rest(world: World, api_of: ApiOf) -> None:
    """Values in a form give its state."""
    sent = {"text": TEXT, "values": {"a": "4"}, "context": {"now": "2026-11-23T14:05"}}
    answer = api_of("member").post(f"{ROOT}/evaluate/", sent, format="json")
    assert answer.json()["values"] == {"a": "4", "b": "8", "day": "2026-11-23"}


@pytest.mark.parametrize(
    ("act", "sent", "place"),
    [
        ("convert", {"to": "native"}, "definition"),
        ("convert", {"to": "native", "text": "x", "definition": {}}, "definition"),
        ("convert", {"to": "docx", "text": "x"}, "to"),
        ("convert", {"to": "native", "text": "hello"}, "file"),
        ("evaluate", {"text": TEXT, "values": [1]}, "values"),
        ("evaluate", {"text": TEXT, "values": {}, "context": {"colour": 1}}, "context.colour"),
    ],
)
def test_problems_over_rest(world: World, api_of: ApiOf, act: str, sent: dict[str, Any], place: str) -> None:
    """What can't be used is a problem with its place."""
    answer = api_of("member").post(f"{ROOT}/{act}/", sent, format="json")
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert place in [fault["place"] for fault in answer.json()["errors"]]


def test_who_has_not_signed_in_converts_nothing(world: World, client: Any) -> None:
    """Only who has signed in may ask."""
    assert client.post(f"{ROOT}/check/", {"text": TEXT}, content_type="application/json").status_code == 401
