"""Drafts: begun, saved unfinished, never overwritten, gone back to, commented, approved, published with an impact."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core import jobs
from core.access.demo import World
from core.access.models import Membership
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import services
from ecrf.engine import library
from ecrf.engine.drafting import faults_of
from ecrf.models import Draft, DraftReview, DraftState, Form
from ecrf.services import building
from ecrf.services import impact as impacts
from ecrf.services.forms import publish_draft
from tests.ecrf.conftest import Study


def begin(world: World, title: str = "Suivi", template: str = "empty") -> Draft:
    return services.begin_draft(world.user["owner"], world.project, title, ["fr"], template=template)


def with_item(data: dict[str, Any], **item: Any) -> dict[str, Any]:
    """The definition with one more question on its first page."""
    data = copy.deepcopy(data)
    data["pages"][0]["groups"][0]["items"].append({"type": "text", "label": {"fr": "Question"}, **item})
    return data


@pytest.fixture
def second(world: World) -> Any:
    """Another person who may design forms: the monitor, given the manager's role."""
    member = Membership.objects.filter(project=world.project, user=world.user["monitor"]).first()
    owner = Membership.objects.filter(project=world.project, user=world.user["owner"]).first()
    assert member is not None
    assert owner is not None
    member.roles.set(owner.roles.all())
    return world.user["monitor"]


@pytest.mark.parametrize("template", ["empty", "observational", "registry"])
def test_a_template_can_be_published_at_once(world: World, template: str) -> None:
    """A form begun from a template is sound, in the languages that were asked for only."""
    draft = begin(world, template=template)
    assert draft.problems == []
    assert draft.definition["languages"] == ["fr"]
    assert services.publish_draft(world.user["owner"], draft).number == 1


@pytest.mark.parametrize("key", sorted(library.instruments()))
def test_every_instrument_is_sound(key: str) -> None:
    """An instrument of the library has a licence, a source, both languages, and no fault."""
    one = library.instruments()[key]
    data = {"format": 1, "title": one["title"], "languages": one["languages"], "pages": one["pages"]}
    assert faults_of(data) == []
    assert one["licence"]["name"]
    assert one["licence"]["text"].keys() == {"fr", "en"}
    assert one["source"]


def test_who_may_begin(world: World) -> None:
    """Only who designs forms begins one."""
    with pytest.raises(PermissionDenied):
        services.begin_draft(world.user["member"], world.project, "Suivi", ["fr"])


@pytest.mark.parametrize(
    ("title", "languages", "template"), [("", ["fr"], "empty"), ("A", [], "empty"), ("A", ["fr"], "x")]
)
def test_a_draft_needs_a_name_a_language_and_a_template(
    world: World, title: str, languages: list[str], template: str
) -> None:
    """Without a title, a language, or with a template that doesn't exist nothing is begun."""
    with pytest.raises(Invalid):
        services.begin_draft(world.user["owner"], world.project, title, languages, template=template)
    assert not Draft.objects.exists()


def test_unfinished_is_saved_with_its_faults(world: World) -> None:
    """A definition with faults is kept as it is, its faults by place; it can't be published before they are mended."""
    owner, draft = world.user["owner"], begin(world)
    broken = with_item(draft.definition, key="1bad")
    draft = services.save_draft(owner, draft, broken, 1)
    assert draft.definition == broken
    assert [(one["place"], one["code"]) for one in draft.problems] == [("pages.0.groups.0.items.1.key", "bad_key")]
    with pytest.raises(Conflict) as refused:
        services.publish_draft(owner, draft)
    assert refused.value.code == "faults"
    draft = services.save_draft(owner, draft, with_item(begin(world, "Autre").definition, key="good"), 2)
    assert draft.is_sound


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"choices": []}, "no_choice"),
        ({"type": "choice", "choices": [{"code": "é", "label": {"fr": "x"}}]}, "bad_choice_code"),
        ({"type": "choice", "choices": [{"code": "1", "label": {}}]}, "choice_label_missing"),
        ({"label": {}}, "label_missing"),
        ({"visible_if": ["=", ["var", "nobody"], ["text", "1"]]}, "unknown_variable"),
        ({"calc": ["nonsense"]}, "unknown_function"),
    ],
)
def test_faults_by_place(world: World, change: dict[str, Any], code: str) -> None:
    """Each fault of an unfinished question is found, and said where it stands."""
    found = faults_of(with_item(begin(world).definition, key="q", **change))
    assert code in {fault.code for fault in found}
    assert all(fault.place.startswith("pages.0.groups.0.items.1") for fault in found)


def test_nobody_overwrites(world: World, second: Any) -> None:
    """A save on an old revision is refused, and says who saved in between and what there is now."""
    draft = begin(world)
    services.save_draft(second, draft, with_item(draft.definition, key="theirs"), 1)
    with pytest.raises(services.StaleDraft) as stale:
        services.save_draft(world.user["owner"], draft, with_item(draft.definition, key="mine"), 1)
    assert str(second) in str(stale.value.message)
    assert stale.value.draft.revision == 2
    assert Draft.objects.get().definition == with_item(draft.definition, key="theirs")


def test_history_and_way_back(world: World, second: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """States of different people are kept, some of one sitting are one; going back makes a new state."""
    owner, draft = world.user["owner"], begin(world)
    first = draft.definition
    draft = services.save_draft(owner, draft, with_item(first, key="a"), 1)
    draft = services.save_draft(owner, draft, with_item(first, key="b"), 2)
    draft = services.save_draft(second, draft, with_item(first, key="c"), 3)
    assert list(DraftState.objects.values_list("revision", "author")) == [(4, second.pk), (3, owner.pk), (1, owner.pk)]
    draft = services.restore_draft(owner, draft, 1, 4)
    assert (draft.definition, draft.revision) == (first, 5)
    with pytest.raises(Conflict):
        services.restore_draft(owner, draft, 2, 5)
    monkeypatch.setattr(building, "KEPT_STATES", 3)
    services.save_draft(second, draft, with_item(first, key="d"), 5)
    assert list(DraftState.objects.values_list("revision", flat=True)) == [6, 5, 4]


def test_the_next_version_begins_as_the_published_one(study: Study) -> None:
    """A draft of the next version asks what the published one asks; published unchanged it is refused."""
    owner = study.world.user["owner"]
    draft = services.begin_next(owner, study.form)
    assert draft.definition == study.form.published.definition
    assert draft.base == study.form.published
    with pytest.raises(Conflict) as refused:
        services.publish_draft(owner, draft)
    assert refused.value.code == "unchanged"


def test_renaming(study: Study) -> None:
    """A new form takes its key from its title; the next version of a form gives it a title, and keeps its key."""
    owner = study.world.user["owner"]
    draft = services.rename_draft(owner, begin(study.world), "Bilan initial")
    assert (draft.title, draft.key) == ("Bilan initial", "bilan-initial")
    with pytest.raises(Invalid):
        services.rename_draft(owner, draft, study.form.title)
    draft = services.begin_next(owner, study.form)
    services.save_draft(owner, draft, with_item(draft.definition, key="more"), 1)
    services.rename_draft(owner, draft, "Visite initiale")
    form = services.publish_draft(owner, Draft.objects.get(pk=draft.pk)).form
    assert (form.title, form.key) == ("Visite initiale", study.form.key)


def test_comments(world: World, second: Any) -> None:
    """A thread on a question is opened, answered by another person, resolved and opened again."""
    owner, draft = world.user["owner"], begin(world)
    thread = services.comment(second, draft, "question_1", "En jours ?")
    answer = services.comment(owner, draft, "", "Oui", thread)
    assert (answer.item, answer.thread) == ("question_1", thread)
    assert services.resolve_thread(owner, thread).resolved_by == owner
    assert services.resolve_thread(owner, thread, resolved=False).resolved_at is None
    with pytest.raises(Invalid):
        services.comment(owner, draft, "question_1", "  ")
    with pytest.raises(Conflict):
        services.comment(owner, draft, "", "x", answer)
    with pytest.raises(PermissionDenied):
        services.comment(world.user["member"], draft, "question_1", "x")


def test_approval_is_of_what_was_read(world: World, second: Any) -> None:
    """Somebody who didn't work on a draft approves exactly its state; a change afterwards is not approved."""
    owner, draft = world.user["owner"], begin(world)
    services.set_design_rule(owner, world.project, needs_approval=True)
    services.ask_for_review(owner, draft, "Prêt")
    with pytest.raises(Conflict) as own:
        services.approve_draft(owner, draft, draft.digest)
    assert own.value.code == "own"
    with pytest.raises(Conflict) as lacking:
        services.publish_draft(owner, draft)
    assert lacking.value.code == "approval"
    services.approve_draft(second, draft, draft.digest)
    draft = services.save_draft(owner, draft, with_item(draft.definition, key="late"), 1)
    with pytest.raises(Conflict):
        services.publish_draft(owner, draft)
    with pytest.raises(Conflict) as stale:
        services.approve_draft(second, draft, "0" * 64)
    assert stale.value.code == "stale"
    services.approve_draft(second, draft, draft.digest)
    version = services.publish_draft(owner, draft)
    kept = DraftReview.objects.filter(version=version, draft=None)
    assert kept.filter(act="approved", hash=version.hash, by=second).count() == 1
    assert Event.objects.get(action="ecrf.version_published").details["approved"] is True


def test_a_draft_with_faults_is_not_reviewed(world: World, second: Any) -> None:
    """A review is asked for, and given, once the faults are mended."""
    owner, draft = world.user["owner"], begin(world)
    draft = services.save_draft(owner, draft, with_item(draft.definition, key="1"), 1)
    with pytest.raises(Conflict):
        services.ask_for_review(owner, draft)
    with pytest.raises(Conflict):
        services.approve_draft(second, draft, draft.digest)


def next_without_weight(study: Study) -> Draft:
    """The next version, in which the weight is no longer asked, one choice goes and a note becomes a whole number."""
    owner = study.world.user["owner"]
    draft = services.begin_next(owner, study.form)
    data = copy.deepcopy(draft.definition)
    for page in data["pages"]:
        for group in page["groups"]:
            group["items"] = [item for item in group["items"] if item["key"] not in ("weight", "bmi", "alert")]
            for item in group["items"]:
                if item["key"] == "sex":
                    item["choices"] = [choice for choice in item["choices"] if choice["code"] != "1"]
                if item["key"] == "note":
                    item.clear()
                    item.update({"key": "note", "type": "integer", "label": {"fr": "Note"}})
        page["groups"] = [group for group in page["groups"] if group["items"]]
    draft = services.save_draft(owner, draft, data, 1)
    assert draft.problems == []
    return draft


def test_impact_is_counted_at_once_or_by_a_job(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes, is retyped, gets wrong or is retired is counted on real entries; a job counts the same."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, {"weight": "80", "sex": "1", "note": "calme"})
    other = services.include_subject(member, study.world.site_a)
    services.save_entry(member, other, study.form, 0, {"sex": "2", "note": "12"})
    draft = next_without_weight(study)
    found = impacts.impact_now(draft)
    assert found is not None
    assert (found.entries, found.affected) == (2, 2)
    assert found.removed["weight"] == 1
    assert found.retired == {"sex: 1": 1}
    assert found.retyped == {"note": 2}
    assert found.invalid["note"] == 1
    monkeypatch.setattr(impacts, "AT_ONCE", 1)
    assert impacts.impact_now(draft) is None
    services.measure_impact(study.world.user["owner"], draft)
    jobs.run_waiting()
    draft = Draft.objects.get(pk=draft.pk)
    assert impacts.kept_impact(draft) == found.as_data()
    services.save_draft(study.world.user["owner"], draft, with_item(draft.definition, key="more"), 2)
    assert impacts.kept_impact(Draft.objects.get(pk=draft.pk)) is None


def test_publishing_loses_no_choice_and_no_value(study: Study) -> None:
    """A choice that a draft leaves out is retired, and what was entered in a field that goes is still stored."""
    member = study.world.user["member"]
    saved = services.save_entry(member, study.subject, study.form, 0, {"weight": "80", "sex": "1"})
    version = publish_draft(study.world.user["owner"], next_without_weight(study))
    assert version.loaded.items["sex"].codes["1"]["retired"] is True
    form = Form.objects.get(pk=study.form.pk)
    services.save_entry(member, study.subject, form, saved.entry.revision, {"sex": "2"})
    saved.entry.refresh_from_db()
    assert saved.entry.values["weight"] == "80"
