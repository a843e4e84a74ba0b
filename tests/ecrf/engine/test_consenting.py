"""Pages that are a consent."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine import consenting, exchange
from ecrf.engine.exchange import fhir_questionnaire, odm_1_3_2
from ecrf.engine.exchange.records import Attachment
from ecrf.engine.paper.consent import Signed, consent_pdf
from ecrf.engine.redcap.writing import write_dictionary
from ecrf.engine.versions import changes
from tests.ecrf.consents import STUDY, YES, study
from tests.ecrf.engine.paper.reading import is_archivable, text_of
from tests.ecrf.engine.paper.test_casebook import DOT

PLACE = "pages.0.consent"


def faults(data: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(engine.Refused) as refused:
        engine.load(data)
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_parts_must_be_there_and_fit() -> None:
    """The questions of name, day, signature and agreement are on the page and of the right type."""
    assert faults(study(name="nobody")) == [(f"{PLACE}.name", "consent_wrong_item")]
    assert faults(study(date="full_name", signature="signed_on")) == [
        (f"{PLACE}.date", "consent_wrong_item"),
        (f"{PLACE}.signature", "consent_wrong_item"),
    ]
    assert faults(study(agree=["takes_part", "full_name"])) == [(f"{PLACE}.agree.1", "consent_wrong_item")]


def test_a_sheet_is_whole_in_each_of_its_languages() -> None:
    """Nobody signs a sheet of which a part isn't in his language; one that isn't in it is read in another."""
    half = [{"title": {"fr": "But"}, "text": {"fr": "Texte", "en": "Text"}}]
    assert faults(study(sheet=half)) == [(f"{PLACE}.sheet.0.title", "consent_untranslated")]
    only = engine.load(study(sheet=half, languages=["fr"])).page("consent").spec["consent"]
    assert consenting.language_of(only, ["fr", "en"], "en") == "fr"
    assert consenting.language_of(STUDY["pages"][0]["consent"], ["fr", "en"], "en") == "en"
    assert faults(study(languages=["de"])) == [
        (f"{PLACE}.languages", "consent_other_language"),
        (f"{PLACE}.sheet.0.title", "consent_untranslated"),
        (f"{PLACE}.sheet.0.text", "consent_untranslated"),
    ]


def test_what_needs_a_consent_names_one() -> None:
    """An event may need the consent of a page that is one, and doesn't hold that page itself."""
    data = copy.deepcopy(STUDY)
    data["events"][1]["requires_consent"]["page"] = "exam"
    data["events"][2]["pages"].append("consent")
    assert faults(data) == [
        ("events.1.requires_consent.page", "unknown_consent"),
        ("events.2.requires_consent.page", "consent_asks_itself"),
    ]


def test_given_or_refused() -> None:
    """A consent is given when each question that must be agreed to is answered with yes, or ticked."""
    consent = {"agree": ["a", "b"]}
    assert consenting.is_given(consent, {"a": "1", "b": ["x"]})
    assert not consenting.is_given(consent, {"a": "1", "b": []})
    assert not consenting.is_given(consent, {"a": "0", "b": ["x"]})
    assert consenting.is_given({}, {})


def test_the_digest_covers_every_word() -> None:
    """Another word, version or language of the sheet is another digest; the questions don't change it."""
    own = STUDY["pages"][0]["consent"]
    other = copy.deepcopy(own)
    other["sheet"][0]["text"]["fr"] += " "
    digests = [
        consenting.digest(own, "fr"),
        consenting.digest(own, "en"),
        consenting.digest(other, "fr"),
        consenting.digest({**own, "version": "2"}, "fr"),
    ]
    assert len({*digests}) == 4
    assert consenting.digest({**own, "agree": []}, "fr") == digests[0]


def signed(**more: Any) -> Signed:
    definition = engine.load(STUDY)
    said: dict[str, Any] = {
        "language": "en",
        "values": {**YES, "drawn": "sha256:0"},
        "visible": frozenset(definition.items),
        "files": {"sha256:0": Attachment("s.png", "image/png", DOT)},
        "present": "Dr Anne Kerleau",
        **more,
    }
    return Signed(
        definition=definition,
        page="consent",
        study="Sepsis",
        form_version=3,
        subject="BRO-001",
        site="Brest",
        at=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
        revision=7,
        record_digest="a" * 64,
        **said,
    )


def test_the_document_of_a_consent() -> None:
    """It holds the sheet as it was read, each answer, the signature, who was there, the moment and both digests."""
    made = consent_pdf(signed())
    text = text_of(made)
    assert is_archivable(made)
    for said in ("Why this study", "You are free.", "I agree to take part", "Anne Guivarch", "23 Nov. 2026"):
        assert said in text, said
    for said in ("Version 1.0 of the information sheet", "In the presence of Dr Anne Kerleau", "BRO-001", "UTC+00:00"):
        assert said in text, said
    assert "The consent was given." in text
    assert "Nous" not in text
    assert consenting.digest(STUDY["pages"][0]["consent"], "en") in text.replace(" ", "")
    assert "a" * 64 in text.replace(" ", "")
    assert made.count(b"/Subtype/Image") == 2


def test_the_document_of_a_refusal() -> None:
    """A refusal is a document too, in its own language; alone, it is the participant who answered."""
    text = text_of(consent_pdf(signed(language="fr", values={**YES, "takes_part": "0"}, present="")))
    assert "Le consentement a été refusé." in text
    assert "Par le participant lui-même" in text
    assert "Pas de signature dessinée" in text


def test_formats_keep_it_or_say_that_they_cannot() -> None:
    """Native text and ODM bring a consent back; REDCap and FHIR tell that it is left out."""
    definition = engine.load(STUDY)
    assert exchange.read(exchange.write(definition, "native-text")[0]).definition.data == definition.data
    assert odm_1_3_2.read(odm_1_3_2.write(definition)[0])[0] == definition.data
    for losses in (write_dictionary(definition)[1], fhir_questionnaire.write(definition)[1]):
        assert any("consent" in f"{loss.place} {loss.params}" for loss in losses)


def test_a_new_sheet_is_a_change_of_the_version() -> None:
    """Between two versions of a form another sheet is told."""
    found = changes(engine.load(STUDY), engine.load(study(version="2.0"))).details
    assert [(one.code, one.key) for one in found] == [("consent_changed", "consent")]
