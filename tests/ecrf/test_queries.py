"""Queries: who may do what with them, how they move, which ones open and close by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core import access
from core.access.demo import World
from core.access.models import Membership
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.notices.models import Notice
from ecrf import engine, services
from ecrf.engine import queries as rules
from ecrf.models import Draft, Entry, Form, Query, QueryMessage
from tests.ecrf.conftest import Study


def publish_with(world: World, form: Form, change: Any) -> None:
    """A next version of the form whose definition `change` has edited."""
    data = json.loads(json.dumps(form.published.definition))
    change({item["key"]: item for page in data["pages"] for group in page["groups"] for item in group["items"]})
    owner = world.user["owner"]
    draft = Draft.objects.create(
        project=form.project, form=form, key=form.key, title=form.title, source="", author=owner,
        definition=engine.load(data).data,
    )  # fmt: skip
    services.publish_draft(owner, draft)


def with_check(severity: str = "query") -> Any:
    """Weight above 120 breaks a check of the item."""
    check = {
        "key": "heavy",
        "holds": ["<=", ["var", "weight"], ["number", "120"]],
        "severity": severity,
        "message": {"fr": "Poids inhabituel", "en": "Unusual weight"},
    }
    return lambda items: items["weight"].setdefault("checks", []).append(check)


@pytest.fixture
def entry(study: Study) -> Entry:
    saved = services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"weight": "80", "sex": "1"})
    return saved.entry


@pytest.fixture
def query(study: Study, entry: Entry) -> Query:
    return services.open_query(study.world.user["monitor"], entry, "Est-ce bien 80 ?", item="weight")


def save(study: Study, base: int, **values: Any) -> Entry:
    return services.save_entry(study.world.user["member"], study.subject, study.form, base, values).entry


def states() -> list[tuple[str, str]]:
    return list(Query.objects.order_by("created_at").values_list("check_key", "state"))


def test_the_way_of_a_query(study: Study, query: Query) -> None:
    """A monitor asks, the site answers, the monitor closes; each step is in the thread and in the journal."""
    world = study.world
    services.act_on_query(world.user["member"], query, "answer", "Oui, vérifié au dossier.")
    closed = services.act_on_query(world.user["monitor"], query, "close")
    assert closed.state == "closed"
    assert (closed.closed_by, closed.settled_value) == (world.user["monitor"], "80")
    thread = [(one.action, one.text, one.author) for one in QueryMessage.objects.filter(query=query)]
    assert thread == [
        ("open", "Est-ce bien 80 ?", world.user["monitor"]),
        ("answer", "Oui, vérifié au dossier.", world.user["member"]),
        ("close", "", world.user["monitor"]),
    ]
    actions = Event.objects.filter(action__startswith="ecrf.query").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["ecrf.query_opened", "ecrf.query_answered", "ecrf.query_closed"]


def test_who_is_told_of_a_query(study: Study, query: Query) -> None:
    """Who is to answer hears of it, and who asked hears of the answer; nobody of what he did, nor without a right."""
    people = study.world.user
    told = Notice.objects.order_by("created_at").values_list("kind", "user__full_name")
    services.act_on_query(people["owner"], query, "assign", to=services.Assignment(person=people["member"]))
    services.act_on_query(people["member"], query, "answer", "Oui.")
    services.act_on_query(people["monitor"], query, "reopen", "Et la taille ?")
    assert list(told) == [
        ("ecrf.query_assigned", people["member"].full_name),
        ("ecrf.query_answered", people["monitor"].full_name),
        ("ecrf.query_assigned", people["member"].full_name),
    ]
    assert {notice.url for notice in Notice.objects.all()} == {query.get_absolute_url()}
    Membership.objects.filter(user=people["monitor"]).delete()
    services.act_on_query(people["member"], query, "answer", "Oui.")
    services.act_on_query(people["owner"], query, "assign", to=services.Assignment(person=people["owner"]))
    assert told.count() == 3


def test_the_value_at_opening_is_kept(study: Study, query: Query) -> None:
    """What stood at the item when the query was opened is still known after a change, and is not in the journal."""
    save(study, 1, weight="81")
    assert Query.objects.select_related("entry__subject").get(pk=query.pk).value == "80"
    assert "80" not in str(Event.objects.filter(action="ecrf.query_opened").values_list("details", flat=True)[0])


@pytest.mark.parametrize(
    ("who", "act", "may"),
    [
        ("member", "answer", True), ("monitor", "answer", False), ("owner", "answer", True),
        ("member", "close", False), ("monitor", "close", True), ("owner", "close", True),
        ("member", "cancel", False), ("monitor", "cancel", True),
        ("member", "resolve", True), ("monitor", "resolve", True),
        ("member", "assign", False), ("monitor", "assign", False), ("owner", "assign", True),
        ("member", "comment", True), ("monitor", "comment", True),
        ("other_site", "answer", False), ("researcher", "comment", False), ("stranger", "close", False),
    ],
)  # fmt: skip
def test_who_may_do_what(study: Study, query: Query, who: str, act: str, may: bool) -> None:
    """Each act needs its right at the subject's site; a refusal changes nothing."""
    actor = study.world.user[who]
    if may:
        services.act_on_query(actor, query, act, "Parce que.")
        assert QueryMessage.objects.filter(query=query).last().action == act
    else:
        with pytest.raises(access.Refused):
            services.act_on_query(actor, query, act, "Parce que.")
        assert QueryMessage.objects.filter(query=query).count() == 1


@pytest.mark.parametrize(("who", "may"), [("monitor", True), ("owner", True), ("member", False), ("other_site", False)])
def test_who_may_ask(study: Study, entry: Entry, who: str, may: bool) -> None:
    """Monitors and managers open queries; who enters data does not."""
    if may:
        assert services.open_query(study.world.user[who], entry, "?", item="weight").state == "open"
    else:
        with pytest.raises(access.Refused):
            services.open_query(study.world.user[who], entry, "?", item="weight")


def test_a_query_is_about_something_of_the_form(study: Study, entry: Entry) -> None:
    """An item or a page that the form doesn't have is refused, and so is a query without words."""
    monitor = study.world.user["monitor"]
    for wrong in ({"item": "nobody"}, {"page": "nowhere"}):
        with pytest.raises(Invalid):
            services.open_query(monitor, entry, "?", **wrong)
    with pytest.raises(Invalid):
        services.open_query(monitor, entry, "  ", item="weight")
    assert services.open_query(monitor, entry, "Visite manquante ?").item == ""
    assert not Query.objects.exclude(item="").exists()


def test_answering_with_a_correction(study: Study, query: Query) -> None:
    """An answer may correct the value: it is saved as any change, with its reason, and the query is resolved."""
    member = study.world.user["member"]
    done = services.act_on_query(member, query, "answer", "", values={"weight": "68"}, base=1)
    assert done.state == "resolved"
    saved = Entry.objects.select_related("subject").get()
    assert (saved.values["weight"], saved.revision) == ("68", 2)
    assert saved.fragments.get(number=2).reason
    assert QueryMessage.objects.filter(query=query).last().corrected is True


def test_a_wrong_correction_answers_nothing(study: Study, query: Query) -> None:
    """A correction that can't be saved leaves the query and the record as they were."""
    with pytest.raises(Invalid):
        services.act_on_query(study.world.user["member"], query, "answer", "Oui", values={"weight": "x"}, base=1)
    assert states() == [("", "open")]
    assert QueryMessage.objects.count() == 1


def test_a_monitor_corrects_nothing(study: Study, query: Query) -> None:
    """Values that come with another act than an answer are not saved."""
    services.act_on_query(study.world.user["monitor"], query, "close", values={"weight": "68"}, base=1)
    assert Entry.objects.get().revision == 1


def test_words_are_needed(study: Study, query: Query) -> None:
    """An answer, a reopening and a cancellation say why."""
    for who, act in (("member", "answer"), ("monitor", "cancel"), ("monitor", "comment")):
        with pytest.raises(Invalid):
            services.act_on_query(study.world.user[who], query, act, " ")


def test_states_that_do_not_follow(study: Study, query: Query) -> None:
    """A closed query is not answered; it is opened again first, with a reason."""
    monitor, member = study.world.user["monitor"], study.world.user["member"]
    services.act_on_query(monitor, query, "close")
    with pytest.raises(Conflict):
        services.act_on_query(member, query, "answer", "Oui")
    again = services.act_on_query(monitor, query, "reopen", "Pas convaincu")
    assert (again.state, again.closed_at, again.closed_by) == ("open", None, None)


def test_who_comes_late_is_told(study: Study, query: Query) -> None:
    """Who acts on a state that is past learns of it, where he says which state he saw."""
    services.act_on_query(study.world.user["member"], query, "answer", "Oui")
    with pytest.raises(Conflict):
        services.act_on_query(study.world.user["monitor"], query, "close", expected="open")


def test_assigning(study: Study, query: Query) -> None:
    """A query goes to a group or to a person who sees the record, and to nobody else."""
    world = study.world
    done = services.act_on_query(
        world.user["owner"], query, "assign", to=services.Assignment("managers", world.user["member"])
    )
    assert (done.assigned_group, done.assigned_to) == ("managers", world.user["member"])
    with pytest.raises(Invalid):
        services.act_on_query(
            world.user["owner"], query, "assign", to=services.Assignment(person=world.user["other_site"])
        )


def test_threads_are_append_only(query: Query) -> None:
    """PostgreSQL refuses to change or delete what was said."""
    for statement in ("UPDATE ecrf_querymessage SET action = 'close'", "DELETE FROM ecrf_querymessage"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_checks_open_and_close_queries(study: Study) -> None:
    """A check of severity query asks as soon as it is broken, once, and its query closes when it holds again."""
    publish_with(study.world, study.form, with_check())
    save(study, 0, weight="130")
    assert states() == [("heavy", "open")]
    first = QueryMessage.objects.get()
    assert (first.author, first.text in ("Poids inhabituel", "Unusual weight")) == (None, True)
    save(study, 1, note="x")
    assert len(states()) == 1
    save(study, 2, weight="110")
    assert states() == [("heavy", "closed")]
    assert Query.objects.get().closed_by is None
    save(study, 3, weight="131")
    assert states() == [("heavy", "closed"), ("heavy", "open")]


def test_what_a_person_accepted_is_not_asked_again(study: Study) -> None:
    """A value that a monitor let stand raises no new query, until it is another value."""
    publish_with(study.world, study.form, with_check())
    save(study, 0, weight="130")
    services.act_on_query(study.world.user["monitor"], Query.objects.get(), "close", "Obésité connue")
    save(study, 1, note="x")
    assert states() == [("heavy", "closed")]
    save(study, 2, weight="140")
    assert states() == [("heavy", "closed"), ("heavy", "open")]


def test_a_correction_that_satisfies_the_check(study: Study) -> None:
    """Where the correction itself makes the check hold, the query is closed and the answer stays in its thread."""
    publish_with(study.world, study.form, with_check())
    save(study, 0, weight="130")
    query = services.act_on_query(
        study.world.user["member"], Query.objects.get(), "answer", "Faute de frappe", values={"weight": "103"}, base=1
    )
    assert query.state == "closed"
    assert [one.action for one in QueryMessage.objects.all()] == ["open", "close", "comment"]


def test_warnings_ask_where_the_study_says_so(study: Study) -> None:
    """A value out of a range that warns opens a query only in a study that has settled it so."""
    save(study, 0, weight="300")
    assert states() == []
    services.change_query_policy(study.world.user["owner"], study.world.project, from_warnings=True, answer_within=7)
    save(study, 1, note="x")
    assert states() == [("above_max", "open")]
    assert (Query.objects.get().due_on - Query.objects.get().created_at.date()).days in (6, 7, 8)
    with pytest.raises(access.Refused):
        services.change_query_policy(
            study.world.user["monitor"], study.world.project, from_warnings=False, answer_within=7
        )


def test_a_reopened_check_meets_its_successor(study: Study) -> None:
    """A closed query of a check can't come back beside the newer one of the same check."""
    publish_with(study.world, study.form, with_check())
    save(study, 0, weight="130")
    save(study, 1, weight="100")
    save(study, 2, weight="130")
    first = Query.objects.order_by("created_at").first()
    with pytest.raises(Conflict):
        services.act_on_query(study.world.user["monitor"], first, "reopen", "Encore")


def test_several_at_once(study: Study, entry: Entry) -> None:
    """A bulk act is done to all or to none."""
    monitor = study.world.user["monitor"]
    made = [services.open_query(monitor, entry, "?", item=item) for item in ("weight", "sex", "height")]
    services.act_on_query(monitor, made[1], "close")
    with pytest.raises(Conflict):
        services.act_on_queries(monitor, made, "close")
    assert Query.objects.filter(state="closed").count() == 1
    assert services.act_on_queries(monitor, [made[0], made[2]], "close") == 2


def test_other_sites_see_nothing(study: Study, query: Query) -> None:
    """A query is seen where its subject is, and by nobody else."""
    seen = {who: Query.objects.visible_to(user).count() for who, user in study.world.user.items()}
    assert {who for who, count in seen.items() if count} == {"owner", "member", "monitor"}


def test_an_archived_study_takes_no_query(study: Study, entry: Entry) -> None:
    """In an archived project nothing is asked and nothing verified any more, though both are verbs of reading."""
    project = study.world.project
    project.archived_at = entry.created_at
    project.save(update_fields=["archived_at"])
    entry.subject.project.refresh_from_db()
    with pytest.raises(access.Refused):
        services.open_query(study.world.user["monitor"], entry, "?", item="weight")


def test_ages_fall_into_bands() -> None:
    """Queries are counted by 0 to 7, 8 to 30, 31 to 90 and more than 90 days."""
    assert [rules.band(days) for days in (0, 7, 8, 30, 31, 90, 91, 4000)] == [0, 0, 1, 1, 2, 2, 3, 3]
