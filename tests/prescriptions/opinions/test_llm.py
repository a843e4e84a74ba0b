"""A language model as second opinion: asked on low confidence, at home alone, and believed only where it quotes.

The server is the stand-in of `conftest`: no language model is part of these tests.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest

from prescriptions import llm, nearby
from prescriptions.engine import read_line
from prescriptions.engine.opinions import quoting
from tests.prescriptions.opinions.conftest import StandIn

UNSURE = "SERESTA 50 : 1/2 cp le soir pdt 3 j"
"""The strength has no unit: the grammar is not sure of it."""
GOOD = {"name": "SERESTA", "strength": "50", "steps": [{"dose": "1/2 cp", "when": "le soir", "duration": "pdt 3 j"}]}


def test_an_agreement_makes_surer(ollama: StandIn) -> None:
    """What both read alike is surer than before, what was to be checked stays so; the values stay."""
    ollama.says(GOOD | {"strength": "50"})
    line = read_line(UNSURE)
    moved = llm.Model(ollama.url, "stand-in").opinion(line)
    assert moved.medication == line.medication
    assert line.confidence <= moved.confidence < quoting.LOW
    pairs = list(zip(line.evidence, moved.evidence, strict=True))
    assert all(old.confidence <= new.confidence for old, new in pairs)
    assert any(old.confidence < new.confidence for old, new in pairs)
    (asked,) = ollama.asked
    assert asked["path"] == "/api/chat"
    assert asked["format"] == quoting.SCHEMA
    assert asked["stream"] is False
    assert asked["messages"][1]["content"] == line.text


def test_a_sure_line_is_not_asked_about(ollama: StandIn) -> None:
    """The model is called on low confidence alone."""
    line = read_line("DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours")
    assert llm.Model(ollama.url, "stand-in").opinion(line) is line
    assert ollama.asked == []


REFUSED = [
    ("json", "Voici la posologie : 1/2 cp"),
    ("schema", {"steps": "1/2 cp"}),
    ("schema", {"name": "SERESTA", "steps": [{"dose": 0.5}]}),
    ("schema", {"name": "SERESTA", "steps": [{"dose": "1/2 cp"}], "advice": "ok"}),
    ("not_in_text", GOOD | {"strength": "50 mg"}),
    ("not_in_text", GOOD | {"steps": [{"dose": "2 cp", "when": "le soir", "duration": "pdt 3 j"}]}),
    ("not_in_text", GOOD | {"steps": [{"dose": "2 cp", "when": "le soir"}]}),
    ("number_left_out", GOOD | {"steps": [{"dose": "1/2 cp", "when": "le soir"}]}),
    ("unread", {"name": "SERESTA", "strength": "50", "steps": [{"asNeeded": "1/2"}, {"duration": "3 j"}]}),
]


@pytest.mark.parametrize(("code", "answer"), REFUSED, ids=[f"{n} {code}" for n, (code, _a) in enumerate(REFUSED)])
def test_what_is_not_believed(ollama: StandIn, code: str, answer: Any) -> None:
    """No JSON, another shape, words that aren't in the line, a number left out, what can't be read: nothing moves."""
    ollama.says(answer)
    text = answer if isinstance(answer, str) else json.dumps(answer)
    with pytest.raises(quoting.Refused) as caught:
        quoting.take(text, UNSURE)
    assert caught.value.code == code
    line = read_line(UNSURE)
    assert llm.Model(ollama.url, "stand-in").opinion(line) == line


def test_a_wrong_dose_in_words_of_the_line() -> None:
    """Quotes that swap two doses of the line are a disagreement: the doses are less sure, and unchanged."""
    text = "RAMIPRIL 1,25 mg : 1 cp le matin, 2 cp le soir"
    swapped = {
        "name": "RAMIPRIL", "strength": "1,25 mg",
        "steps": [{"dose": "2 cp", "when": "le matin"}, {"dose": "1 cp", "when": "le soir"}],
    }  # fmt: skip
    line = read_line(text)
    moved = quoting.weighed(line, quoting.take(json.dumps(swapped), text))
    assert moved.medication == line.medication
    for before, after in zip(line.evidence, moved.evidence, strict=True):
        if before.kind in ("dose", "frequency"):
            assert after.confidence < before.confidence
            assert after.why


def test_a_number_inside_another_is_no_quote() -> None:
    """`1 cp` doesn't stand in `11 cp`."""
    with pytest.raises(quoting.Refused) as caught:
        quoting.take(json.dumps({"name": "X", "steps": [{"dose": "1 cp"}]}), "X : 11 cp le soir")
    assert caught.value.code == "not_in_text"


@pytest.mark.parametrize("status", [404, 500, 302])
def test_other_answers(ollama: StandIn, status: int) -> None:
    """An error, or a way elsewhere, is no opinion; no redirect is followed."""
    ollama.says(GOOD)
    ollama.status = status
    with pytest.raises(nearby.Unanswered):
        llm.Model(ollama.url, "stand-in").ask(UNSURE)
    assert len(ollama.asked) == 1


def test_too_slow_and_too_large(ollama: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that doesn't come in time, or is larger than any, is none; after three it isn't asked again."""
    monkeypatch.setattr(llm, "PIECE", 0.2)
    ollama.says(GOOD)
    ollama.wait = 30
    model = llm.Model(ollama.url, "stand-in")
    line = read_line(UNSURE)
    started = time.monotonic()
    for _time in range(5):
        assert model.opinion(line) == line
    assert time.monotonic() - started < 10
    assert len(ollama.asked) == llm.MOST_FAILURES
    ollama.wait = 0
    ollama.answer = lambda: b"x" * (llm.LARGEST + 20_000)
    with pytest.raises(nearby.Unanswered):
        llm.Model(ollama.url, "stand-in").ask(UNSURE)


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("192.168.1.5", True), ("172.16.0.9", True), ("::1", True),
        ("fd00::1", True), ("8.8.8.8", False), ("169.254.169.254", False), ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("2001:4860:4860::8888", False), ("::ffff:8.8.8.8", False), ("::ffff:127.0.0.1", True),
    ],
)  # fmt: skip
def test_near_addresses(address: str, near: bool) -> None:
    """This machine and private networks, in whatever disguise; nothing of the internet."""
    assert nearby.is_near(address) is near


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8:11434", "https://127.0.0.1", "ftp://127.0.0.1", "", "http://", "http://[2001:4860::1]:80"]
)
def test_no_text_leaves(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent to a public address, nor by anything but http at home."""
    sent: list[Any] = []
    monkeypatch.setattr("requests.Session.post", lambda *args, **options: sent.append(args))
    with pytest.raises(nearby.Abroad):
        llm.Model(url, "m").ask("SERESTA 50")
    assert sent == []


def test_a_name_that_leads_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with one private and one public address is refused; one that is nobody's gives no answer."""
    there = [(2, 1, 6, "", ("127.0.0.1", 1)), (2, 1, 6, "", ("8.8.8.8", 1))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_options: there)
    with pytest.raises(nearby.Abroad):
        nearby.at_home("http://ollama:1")


def test_the_log_tells_no_text(ollama: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """What is refused is logged by its code, without a word of the line or of the answer."""
    caplog.set_level(logging.INFO)
    ollama.says(GOOD | {"name": "MADAME SECRET"})
    llm.Model(ollama.url, "stand-in").opinion(read_line(UNSURE))
    assert "not_in_text" in caplog.text
    assert "SECRET" not in caplog.text
    assert "SERESTA" not in caplog.text
