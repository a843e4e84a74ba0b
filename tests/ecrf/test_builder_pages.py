"""The pages and resources of drafts: what the builder asks for, what it gets, and who may."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from ecrf import services
from ecrf.models import Draft, DraftComment, Form, FormVersion
from ecrf.web import comparing
from tests.ecrf.conftest import Study

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"


@pytest.fixture
def draft(world: World) -> Draft:
    """A draft that the owner began from the empty template."""
    return services.begin_draft(world.user["owner"], world.project, "Suivi", ["fr"])


def place(draft: Draft, name: str) -> str:
    return reverse(f"ecrf:{name}", args=[draft.project.slug, draft.pk])


def post(client: Client, draft: Draft, name: str, sent: Any) -> Any:
    body = sent if isinstance(sent, str) else json.dumps(sent)
    return client.post(place(draft, name), body, content_type="application/json")


def changed(draft: Draft, **item: Any) -> dict[str, Any]:
    data: dict[str, Any] = copy.deepcopy(draft.definition)
    data["pages"][0]["groups"][0]["items"][0] |= item
    return data


def test_beginning_in_the_browser(world: World, client_of: ClientOf) -> None:
    """A form is begun from a template; without a title or a language the page says what is missing."""
    client, address = client_of("owner"), reverse("ecrf:new_form", args=[world.project.slug])
    assert client.post(address, {"title": "", "template": "empty"}).status_code == 422
    answer: Any = client.post(address, {"title": "Suivi", "languages": ["fr", "en"], "template": "registry"})
    draft = Draft.objects.get()
    assert answer.url == place(draft, "build")
    data = client.get(answer.url).context["data"]
    assert [event["key"] for event in data["definition"]["events"]] == ["inclusion", "follow_up", "closing"]
    assert (data["revision"], data["problems"], data["published"]) == (1, [], None)


def test_saving_in_the_browser(draft: Draft, client_of: ClientOf) -> None:
    """A save answers with the revision and the faults in words; a late one with who saved and what there is now."""
    client = client_of("owner")
    answer = post(client, draft, "save_build", {"base": 1, "definition": changed(draft, label={}), "title": "Bilan"})
    said = answer.json()
    assert (said["revision"], [one["code"] for one in said["problems"]]) == (2, ["label_missing"])
    assert said["problems"][0]["message"]
    assert Draft.objects.get().title == "Bilan"
    late = post(client, draft, "save_build", {"base": 1, "definition": draft.definition})
    assert (late.status_code, late.json()["code"], late.json()["now"]["revision"]) == (409, "stale", 2)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"base": 1}', '{"base": true, "definition": {}}', '{"base": 1, "definition": []}', "[" * 90_000],
)
def test_bodies_that_make_no_sense(draft: Draft, client_of: ClientOf, body: str) -> None:
    """What isn't a save is refused with a word, and nothing changes."""
    assert post(client_of("owner"), draft, "save_build", body).status_code == 422
    assert Draft.objects.get().revision == 1


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("a + 1", "number", ["+", ["var", "a"], ["number", "1"]]),
        ("sex = 1", "boolean", ["=", ["var", "sex"], ["text", "1"]]),
        ("'2026-01-05' <= day", "boolean", ["<=", ["date", "2026-01-05"], ["var", "day"]]),
        ("has(signs, '2')", "boolean", ["ticked", "signs", "2"]),
        ("a +", "number", None),
        ("nobody > 1", "boolean", None),
        ("a > 1", "number", None),
        ("has(signs, '9')", "boolean", None),
    ],
)
def test_formulas_are_read_as_typed(
    draft: Draft, client_of: ClientOf, text: str, wanted: str, expected: list[Any] | None
) -> None:
    """A formula becomes its tree, literals what they are compared with; what is wrong is said in words."""
    fields = {
        "a": {"type": "integer"},
        "day": {"type": "date"},
        "sex": {"type": "choice", "codes": ["1", "2"]},
        "signs": {"type": "choices", "codes": ["2"]},
    }
    said = post(client_of("owner"), draft, "parse_formula", {"text": text, "wanted": wanted, "fields": fields}).json()
    assert said.get("node") == expected
    assert expected or all(said["problems"])


def test_the_form_as_text(draft: Draft, client_of: ClientOf) -> None:
    """The text of a form is read back as the same form; a faulty text is answered with the line of each fault."""
    client = client_of("owner")
    text = post(client, draft, "draft_text", {"definition": draft.definition}).json()["text"]
    assert post(client, draft, "draft_text", {"text": text}).json()["definition"] == draft.definition
    said = post(client, draft, "draft_text", {"text": text.replace("type: text", "type: hologram")}).json()
    assert said["problems"][0]["line"] > 1
    assert "problems" in post(client, draft, "draft_text", {"definition": changed(draft, type="hologram")}).json()


def test_what_can_be_inserted(study: Study, client_of: ClientOf) -> None:
    """The library, with licences, and the forms that one reads; a form that one doesn’t see isn’t there."""
    address = reverse("ecrf:instruments", args=[study.world.project.slug])
    client = client_of("owner")
    found = client.get(address).json()
    assert {"phq9", "vital_signs"} <= {one["key"] for one in found["instruments"]}
    assert all(one["licence"]["name"] and one["source"] for one in found["instruments"])
    assert [form["id"] for form in found["forms"]] == [str(study.form.pk)]
    assert client.get(address, {"instrument": "phq9"}).json()["pages"][0]["key"] == "phq9"
    assert client.get(address, {"form": str(study.form.pk)}).json()["pages"] == study.form.published.definition["pages"]
    Form.objects.filter(pk=study.form.pk).update(current=None)
    assert client.get(address, {"form": str(study.form.pk)}).status_code == 404


def test_history_in_the_browser(draft: Draft, client_of: ClientOf) -> None:
    """The states of a draft are listed, looked at and gone back to."""
    client = client_of("owner")
    post(client, draft, "save_build", {"base": 1, "definition": changed(draft, key="other")})
    states = client.get(place(draft, "draft_states")).json()["states"]
    assert [one["revision"] for one in states] == [2, 1]
    assert client.get(place(draft, "draft_state"), {"revision": 1}).json()["definition"] == draft.definition
    assert client.get(place(draft, "draft_state"), {"revision": "x"}).json()["definition"] is None
    back = post(client, draft, "restore_draft", {"base": 2, "revision": 1}).json()
    assert (back["revision"], back["definition"]) == (3, draft.definition)


def test_comments_in_the_browser(draft: Draft, client_of: ClientOf) -> None:
    """A thread is opened, answered and resolved; what is said is text. A thread of another draft isn't there."""
    client = client_of("owner")
    hostile = "<script>alert(1)</script>"
    opened = post(client, draft, "draft_comments", {"item": "question_1", "text": hostile}).json()["comments"]
    thread = opened[0]["id"]
    post(client, draft, "draft_comments", {"thread": thread, "text": "Oui"})
    resolved = post(client, draft, "draft_comments", {"thread": thread, "resolved": True}).json()["comments"]
    assert (len(resolved), bool(resolved[0]["resolved"])) == (2, True)
    assert hostile not in client.get(place(draft, "build")).content.decode()
    other = services.begin_draft(draft.author, draft.project, "Autre", ["fr"])
    assert post(client, other, "draft_comments", {"thread": thread, "text": "x"}).status_code == 404
    assert post(client, draft, "draft_comments", {"item": "question_1", "text": ""}).status_code == 422
    assert DraftComment.objects.count() == 2


@pytest.mark.parametrize("name", ["build", "draft", "draft_states", "draft_comments"])
@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("member", 404), ("monitor", 404), ("stranger", 404)])
def test_drafts_are_for_designers(draft: Draft, client_of: ClientOf, name: str, who: str, status: int) -> None:
    """A draft is seen by who designs the project's forms, and isn't there for anybody else."""
    assert client_of(who).get(place(draft, name)).status_code == status


def test_an_unfinished_draft_has_a_page(draft: Draft, client_of: ClientOf) -> None:
    """The page of a draft with faults lists them with links to their places, and offers no publishing."""
    services.save_draft(draft.author, draft, changed(draft, key="1"), 1)
    page = client_of("owner").get(place(draft, "draft")).content.decode()
    assert f"{place(draft, 'build')}#pages.0.groups.0.items.0.key" in page
    assert place(draft, "publish") not in page


def test_impact_on_the_page(study: Study, client_of: ClientOf) -> None:
    """Before publishing, the page tells what changes and for how many records; nothing of their values."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, {"weight": "83.7", "height": "170"})
    draft = services.begin_next(study.world.user["owner"], study.form)
    data = copy.deepcopy(draft.definition)
    bmi = next(item for item in data["pages"][0]["groups"][0]["items"] if item["key"] == "bmi")
    bmi["calc"] = ["+", bmi["calc"], ["number", "1"]]
    services.save_draft(study.world.user["owner"], draft, data, 1)
    answer = client_of("owner").get(place(draft, "draft"))
    assert [(line["fields"][0][1], line["fields"][0][2]) for line in answer.context["impact"]] == [("bmi", "1")]
    assert [one["key"] for one in answer.context["changes"]] == ["bmi"]
    assert "83.7" not in answer.content.decode()
    assert comparing.shown(3, exact=False) != "3"
    assert comparing.shown(7, exact=False) == "7"


def test_comparing_two_versions(study: Study, client_of: ClientOf) -> None:
    """Any two versions of a form are compared, in either direction; the last two where none is named."""
    draft = services.begin_next(study.world.user["owner"], study.form)
    data = copy.deepcopy(draft.definition)
    data["pages"][0]["groups"][0]["items"][1]["label"] = {"fr": "Jour de la visite"}
    services.save_draft(study.world.user["owner"], draft, data, 1)
    services.publish_draft(study.world.user["owner"], Draft.objects.get())
    address = reverse("ecrf:compare", args=[study.world.project.slug, study.form.key])
    client = client_of("monitor")
    (line,) = client.get(address).context["changes"]
    assert (line["before"], line["after"]) == ("Date de visite", "Jour de la visite")
    (line,) = client.get(address, {"from": "2", "to": "1"}).context["changes"]
    assert line["after"] == "Date de visite"
    assert client.get(address, {"from": "1", "to": "1"}).context["changes"] == []


def test_going_on_with_a_draft(study: Study, client_of: ClientOf) -> None:
    """The next version goes on from a draft of it that exists, or begins one."""
    address = reverse("ecrf:build_next", args=[study.world.project.slug, study.form.key])
    client = client_of("owner")
    assert list(client.get(address).context["drafts"]) == []
    answer: Any = client.post(address)
    draft = Draft.objects.get()
    assert answer.url == place(draft, "build")
    assert list(client.get(address).context["drafts"]) == [draft]
    assert client.get(answer.url).context["data"]["published"]["items"]["sex"] == ["1", "2"]


def test_the_rule_of_publishing(draft: Draft, client_of: ClientOf) -> None:
    """Where the project asks for it, publishing waits for an approval, and the page says so."""
    client = client_of("owner")
    client.post(reverse("ecrf:design_rule", args=[draft.project.slug]), {"needs_approval": "on"})
    answer = client.post(place(draft, "publish"), follow=True)
    assert not FormVersion.objects.exists()
    assert answer.context["needs_approval"] is True
    client.post(reverse("ecrf:design_rule", args=[draft.project.slug]))
    client.post(place(draft, "publish"))
    assert FormVersion.objects.count() == 1


def test_a_draft_over_rest(world: World, api_of: ApiOf) -> None:
    """Begin, read, save on a revision, look at the faults, publish: as in the builder."""
    client = api_of("owner")
    sent = {"project": world.project.slug, "title": "Suivi", "languages": ["fr"]}
    made = client.post(f"{ROOT}/drafts/", sent, format="json")
    assert (made.status_code, made.data["revision"], made.data["sound"]) == (201, 1, True)
    address = f"{ROOT}/drafts/{made.data['id']}/"
    broken = copy.deepcopy(made.data["definition"])
    broken["pages"][0]["groups"][0]["items"] = []
    saved = client.patch(address, {"base_revision": 1, "definition": broken}, format="json")
    assert (saved.data["revision"], saved.data["sound"]) == (2, False)
    assert [one["code"] for one in client.get(f"{address}problems/").json()] == ["group_empty"]
    late = client.patch(address, {"base_revision": 1, "definition": broken}, format="json")
    assert (late.status_code, late.json()["type"].endswith("stale")) == (409, True)
    assert client.post(f"{address}publish/").status_code == 409
    client.patch(address, {"base_revision": 2, "definition": made.data["definition"]}, format="json")
    own = client.post(f"{address}approve/", {"digest": made.data["digest"]}, format="json")
    assert own.json()["type"].endswith("own")
    published = client.post(f"{address}publish/")
    assert (published.status_code, published.data["number"]) == (201, 1)
    following = client.post(f"{ROOT}/drafts/", {"project": world.project.slug, "form": "suivi"}, format="json")
    assert following.data["form"] == "suivi"
    impact = client.get(f"{ROOT}/drafts/{following.data['id']}/impact/").json()
    assert (impact["changes"], impact["counts"]["entries"]) == ([], 0)
    assert client.post(f"{ROOT}/drafts/{following.data['id']}/discard/").status_code == 204
    assert client.post(f"{ROOT}/drafts/", sent | {"template": "no-such"}, format="json").status_code == 422
    assert api_of("member").post(f"{ROOT}/drafts/", sent, format="json").status_code == 403
