"""Saving: everything is checked again, nothing is half saved, and nothing is ever overwritten unseen."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import services
from ecrf.models import Draft, Entry, Fragment
from ecrf.services.entries import StaleEntry
from tests.ecrf.conftest import DICTIONARY, Study, dictionary, publish

GOOD = {"visit_date": "2026-01-05", "sex": "1", "weight": "80", "height": "160"}


def save(study: Study, base: int, values: dict[str, Any], who: str = "member", **more: Any) -> services.Saved:
    return services.save_entry(study.world.user[who], study.subject, study.form, base, values, **more)


def test_first_save(study: Study) -> None:
    """A record begins at revision 1, with its calculations, and counts how far each page is."""
    entry = save(study, 0, GOOD).entry
    entry = Entry.objects.get(pk=entry.pk)
    assert entry.revision == 1
    assert entry.values["bmi"] == "31.3"
    assert entry.values["record_id"] == "BRO-001"
    assert entry.pages["visite"]["answered"] == 4
    assert entry.pages["visite"]["missing"] == 0
    assert not entry.is_complete


def test_fragments_add_up(study: Study) -> None:
    """Each save appends what it changed; together they are the record."""
    save(study, 0, GOOD)
    entry = save(study, 1, {"weight": "81", "sex": None}).entry
    fragments = list(Fragment.objects.filter(entry=entry))
    assert [fragment.keys for fragment in fragments][1] == ["bmi", "sex", "weight"]
    assert fragments[1].previous == fragments[0]
    total: dict[str, Any] = {}
    for fragment in fragments:
        total |= fragment.values
    assert {key: value for key, value in total.items() if value is not None} == entry.values


def test_nothing_new_is_no_revision(study: Study) -> None:
    """Saving what is there already changes nothing and leaves no trace."""
    save(study, 0, GOOD)
    assert save(study, 1, {"weight": "80.0"}).entry.revision == 1
    assert Fragment.objects.count() == 1


def test_stale_revision_names_what_changed(study: Study) -> None:
    """Who saves on an old revision is told what changed, by whom; nothing of his is saved."""
    save(study, 0, GOOD)
    save(study, 1, {"weight": "90"}, who="owner")
    with pytest.raises(StaleEntry) as caught:
        save(study, 1, {"height": "170"})
    assert [(change.key, str(change.by)) for change in caught.value.changes] == [
        ("bmi", "Camille Le Goff"),
        ("weight", "Camille Le Goff"),
    ]
    assert "Poids" in str(caught.value.message)
    assert Entry.objects.get().values["height"] == "160"


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"weight": "heavy"}, {"weight": "not_number"}),
        ({"sex": "3"}, {"sex": "unknown_choice"}),
        ({"visit_date": "2026-02-30"}, {"visit_date": "not_date"}),
        ({"nobody": "1"}, {"nobody": "unknown_variable"}),
        ({"bmi": "12"}, {"bmi": "computed"}),
        ({"record_id": "KER-001"}, {"record_id": "computed"}),
        ({"signs": ["1", "0"]}, {"signs": "exclusive_choice"}),
        ({"alert": "x"}, {"alert": "holds_no_value"}),
        ({"note": "x" * 501}, {"note": "too_long"}),
        ({"note": {"$gt": ""}}, {"note": "not_text"}),
        ({"weight": True}, {"weight": "not_number"}),
        ({"weight": "x", "sex": "9"}, {"weight": "not_number", "sex": "unknown_choice"}),
    ],
)
def test_crafted_values_are_refused(study: Study, values: dict[str, Any], faults: dict[str, str]) -> None:
    """What the form can't hold is refused whole, each fault at its field; nothing is saved."""
    with pytest.raises(Invalid) as caught:
        save(study, 0, {**GOOD, **values})
    assert {fault.place: fault.code for fault in caught.value.faults} == faults
    assert not Entry.objects.exists()


def test_masses_are_refused(study: Study) -> None:
    """Thousands of fields in one save are refused as such."""
    with pytest.raises(Invalid) as caught:
        save(study, 0, {f"x{n}": "1" for n in range(5001)})
    assert "too_many_values" in [fault.code for fault in caught.value.faults]


def test_limits_of_redcap_only_warn(study: Study) -> None:
    """A value beyond REDCap's limits is saved, and the page is to be checked."""
    saved = save(study, 0, {**GOOD, "weight": "300"})
    assert [finding.code for finding in saved.state.warnings] == ["above_max"]
    assert saved.entry.pages["visite"]["warnings"] == 1


def test_completing_a_page(study: Study) -> None:
    """A page is complete when asked and nothing is missing; otherwise every lack is named and nothing is saved."""
    with pytest.raises(Invalid) as caught:
        save(study, 0, {"weight": "80"}, complete={"visite": True})
    assert {fault.place for fault in caught.value.faults} == {"visit_date", "sex"}
    entry = save(study, 0, GOOD, complete={"visite": True}).entry
    assert entry.pages["visite"]["complete"]
    entry = save(study, 1, {"status": "1"}, complete={"suivi": True}).entry
    assert entry.is_complete
    entry = save(study, 2, {"sex": None}).entry
    assert not entry.pages["visite"]["complete"]
    assert not entry.is_complete


def test_locked_is_refused(study: Study) -> None:
    """Of a locked record nothing changes, until it is unlocked for a reason."""
    entry = save(study, 0, GOOD).entry
    owner = study.world.user["owner"]
    services.lock_entry(owner, entry)
    with pytest.raises(Conflict) as caught:
        save(study, 1, {"weight": "81"})
    assert caught.value.code == "locked"
    with pytest.raises(Invalid):
        services.unlock_entry(owner, entry, "  ")
    services.unlock_entry(owner, entry, "Typing error")
    assert save(study, 1, {"weight": "81"}).entry.revision == 2
    assert Event.objects.get(action="ecrf.entry_unlocked").reason == "Typing error"


@pytest.mark.parametrize("who", ["other_site", "monitor", "researcher", "administrator", "stranger"])
def test_others_may_not_save(study: Study, who: str) -> None:
    """Only who may fill in at the subject's site saves."""
    with pytest.raises(Refused):
        save(study, 0, GOOD, who=who)
    assert not Entry.objects.exists()


def test_values_are_sealed(study: Study) -> None:
    """In the database no value is in clear, in the record nor in its fragments."""
    save(study, 0, {**GOOD, "name": "Guivarch"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT e.values, f.values FROM ecrf_entry e JOIN ecrf_fragment f ON f.entry_id = e.id")
        sealed = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"Guivarch" not in sealed


@pytest.mark.parametrize("table", ["ecrf_fragment", "ecrf_formversion"])
@pytest.mark.parametrize("act", ["UPDATE {} SET created_at = now()", "DELETE FROM {}"])
def test_the_past_does_not_change(study: Study, table: str, act: str) -> None:
    """PostgreSQL refuses to change or delete fragments and published versions."""
    save(study, 0, GOOD)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))


def test_saves_are_in_the_journal_without_values(study: Study) -> None:
    """The journal says which fields a save changed, and no value of them."""
    save(study, 0, {**GOOD, "name": "Guivarch"})
    event = Event.objects.get(action="ecrf.entry_saved")
    assert event.details["fields"] == ["bmi", "height", "name", "record_id", "sex", "visit_date", "weight"]
    assert "Guivarch" not in str(event.details)


def test_new_version_keeps_what_was_entered(study: Study) -> None:
    """With a new version, retired choices and fields keep their values, and the record goes on with it."""
    save(study, 0, {**GOOD, "name": "Guivarch"})
    lines = DICTIONARY.decode().splitlines()
    changed = "\n".join(
        line.replace("1, Femme | 2, Homme", "2, Homme | 3, Autre") for line in lines if "name,Visite" not in line
    )
    owner = study.world.user["owner"]
    draft = services.read_dictionary(
        owner, study.world.project, changed.encode(), title="", source="v2.csv", form=study.form
    )
    version = services.publish_draft(owner, draft)
    assert version.number == 2
    study.form.refresh_from_db()
    saved = save(study, 1, {"weight": "79"})
    assert saved.entry.values["name"] == "Guivarch"
    assert saved.entry.values["sex"] == "1"
    assert [finding.code for finding in saved.state.warnings] == ["retired_choice"]
    assert saved.entry.version == version


def test_new_version_keeps_what_it_cannot_read(study: Study) -> None:
    """A value that a new version can't read stays as it was entered, and nobody is said to have emptied it."""
    save(study, 0, {**GOOD, "note": "n/a", "name": "Guivarch"})
    changed = DICTIONARY.decode().replace("note,Suivi,,notes,Remarque,,,,", "note,Suivi,,text,Remarque,,,integer,")
    changed = changed.replace("name,Visite,,text,Nom,,,,,,y,,,,,,,", "name,Visite,,text,Nom,,,,,,y,,,,,,,@CHARLIMIT=3")
    publish(study.world, changed.encode(), form=study.form)
    saved = save(study, 1, {"weight": "81"})
    assert (saved.entry.values["note"], saved.entry.values["name"]) == ("n/a", "Guivarch")
    assert Fragment.objects.latest("number").keys == ["bmi", "weight"]
    assert save(study, 2, {"note": "3"}).entry.values["note"] == "3"
    assert "name" not in save(study, 3, {"name": None}).entry.values


def test_publishing_the_same_is_a_conflict(study: Study) -> None:
    """A dictionary that says nothing new makes no version."""
    with pytest.raises(Conflict):
        publish(study.world, form=study.form)


def test_a_field_that_comes_back_knows_its_old_choices(study: Study) -> None:
    """Choices in use are kept over versions that don't have the field."""
    row = 'smoker,Visite,,radio,Fumeur,"{}",,,,,,,,,,,,'
    other = "other,Visite,,text,Autre,,,,,,,,,,,,,"
    form = publish(study.world, dictionary(row.format("1, Oui | 2, Non")), title="Tabac")
    services.save_entry(study.world.user["member"], study.subject, form, 0, {"smoker": "2"})
    publish(study.world, dictionary(other), form=form)
    publish(study.world, dictionary(row.format("1, Oui"), other), form=form)
    form.refresh_from_db()
    saved = services.save_entry(study.world.user["member"], study.subject, form, 1, {"other": "x"})
    assert saved.entry.values["smoker"] == "2"
    assert [finding.code for finding in saved.state.warnings] == ["retired_choice"]


def test_a_draft_is_published_once(study: Study) -> None:
    """Whoever presses the button again is told that it has been published."""
    owner = study.world.user["owner"]
    draft = services.read_dictionary(owner, study.world.project, DICTIONARY, title="Bis", source="v.csv")
    services.publish_draft(owner, Draft.objects.get(pk=draft.pk))
    with pytest.raises(Conflict) as caught:
        services.publish_draft(owner, draft)
    assert caught.value.code == "gone"


def test_two_drafts_of_one_title(study: Study) -> None:
    """Of two drafts with the same title the first published is the form; the other is told, and stays."""
    owner, project = study.world.user["owner"], study.world.project
    drafts = [services.read_dictionary(owner, project, DICTIONARY, title="Bis", source="v.csv") for _ in range(2)]
    services.publish_draft(owner, drafts[0])
    with pytest.raises(Conflict) as caught:
        services.publish_draft(owner, drafts[1])
    assert caught.value.code == "taken"
    assert list(Draft.objects.all()) == [drafts[1]]


def test_codes_that_differ_by_their_case(study: Study) -> None:
    """A box whose code only changes its case is refused in words: both would be the same column."""
    owner, project = study.world.user["owner"], study.world.project
    row = 'c,Visite,,checkbox,C,"{}, x | B, y",,,,,,,,,,,,'
    form = publish(study.world, dictionary(row.format("NA")), title="Codes")
    draft = services.read_dictionary(owner, project, dictionary(row.format("na")), title="", source="v.csv", form=form)
    with pytest.raises(Invalid) as caught:
        services.publish_draft(owner, draft)
    assert [fault.code for fault in caught.value.faults] == ["repeated_key"]
    assert "c___na" in str(caught.value.faults[0].message)
    assert form.versions.count() == 1


def test_numbers_follow_each_other(study: Study) -> None:
    """Each site counts its own subjects."""
    second = services.include_subject(study.world.user["owner"], study.world.site_a)
    assert [study.subject.number, study.elsewhere.number, second.number] == ["BRO-001", "KER-001", "BRO-002"]


def test_faults_speak_the_reader_s_language(study: Study) -> None:
    """Messages come in the language in use."""
    with pytest.raises(Invalid) as caught:
        save(study, 0, {"weight": "x"})
    with translation.override("fr"):
        assert str(caught.value.faults[0].message) == "Écrivez un nombre, par exemple 12,5."
    with translation.override("en"):
        assert str(caught.value.faults[0].message) == "Write a number, for example 12.5."
