"""Double entry: two people enter a page, the second without seeing the first, and a third settles what differs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from core.access import Refused
from core.access.demo import World
from core.access.models import Membership, Role
from core.accounts.models import User
from core.errors import Conflict, Invalid
from ecrf import double_entry, engine, services
from ecrf.engine import Sheet
from ecrf.engine.double_entry import compared
from ecrf.models import DoubleEntryPlan, Entry, Form, Fragment, Query, Reconciliation, SecondEntry, Source, Subject
from ecrf.services.double_plans import plan_double_entry
from tests.ecrf.visits import TRIAL, publish
from tests.ecrf.walks.places import API

VISIT = Sheet("month_1")
FIRST = {"takes": "1", "drug": [{"name": "aspirine", "dose": "10"}]}


@dataclass
class Twice:
    world: World
    form: Form
    subject: Subject
    second: User
    """Who enters the second time: he holds the second role and no other."""

    @property
    def role(self) -> Role:
        return Role.objects.get(key="second")

    def first_time(self, values: dict[str, Any], base: int = 0, **more: Any) -> Entry:
        member = self.world.user["member"]
        return services.save_entry(member, self.subject, self.form, base, values, sheet=VISIT, **more).entry

    def second_time(self, values: dict[str, Any], base: int = 0, **more: Any) -> SecondEntry:
        asked = {"sheet": VISIT, "complete": {"drugs": True}, **more}
        return services.save_second(self.second, self.subject, self.form, base, values, **asked).second

    def settle(self, who: str, choices: dict[str, Any], reason: str = "Dossier relu", **more: Any) -> Reconciliation:
        entry, second = Entry.objects.get(event="month_1"), SecondEntry.objects.get()
        at = {"base": entry.revision, "second_revision": second.revision, **more}
        actor = self.second if who == "second" else self.world.user[who]
        return services.reconcile(actor, self.subject, self.form, VISIT, "drugs", choices, reason, **at)


@pytest.fixture
def twice(world: World) -> Twice:
    form = publish(world)
    role = Role.objects.create(
        organisation=world.organisation,
        key="second",
        name="Seconde saisie",
        permissions=["access.view_project", "ecrf.read_records", "ecrf.save_records"],
    )
    second = world.user["stranger"]
    Membership.objects.create(user=second, project=world.project).roles.add(role)
    plan_double_entry(world.user["owner"], form, ["drugs"], [role.pk])
    return Twice(world, form, services.include_subject(world.user["member"], world.site_a), second)


def test_what_means_the_same_is_no_difference() -> None:
    """Spelling, blanks and the order of ticks make no difference; another status or row does."""
    definition = engine.load(TRIAL)
    same = [{"name": " aspirine ", "dose": "10.0"}]
    found = {line.key: line.same for line in compared(definition, "drugs", FIRST, {"takes": "1", "drug": same}, {}, {})}
    assert found == {"takes": True, "drug": True}
    more = {"takes": None, "drug": [*same, {"name": "autre"}]}
    found = {
        line.key: line.same
        for line in compared(definition, "drugs", {**FIRST, "takes": None}, more, {"takes": {"status": "na"}}, {})
    }
    assert found == {"takes": False, "drug": False}


def test_the_second_entry_is_blind(twice: Twice, client_of: Any) -> None:
    """Who enters the second time sees nothing of what the first entered, on its page or anywhere else."""
    twice.first_time({"takes": "1", "drug": [{"name": "Canarivalue", "dose": "10"}]})
    browser = client_of("stranger")
    args = [twice.world.project.slug, twice.subject.pk, twice.form.key]
    for name in ("second_entry", "second_state", "entry", "entry_state", "history"):
        answer = browser.get(reverse(f"ecrf:{name}", args=args) + "?event=month_1")
        assert answer.status_code == 200, name
        assert "Canarivalue" not in answer.content.decode(), name
    shown = browser.get(reverse("ecrf:second_entry", args=args) + "?event=month_1").context["data"]
    assert [page["key"] for page in shown["definition"]["pages"]] == ["drugs"]
    assert shown["values"] == {}
    answer = browser.post(reverse("ecrf:save_second", args=args) + "?event=month_1", json.dumps(
        {"base": 0, "values": {"takes": "0"}, "complete": {"drugs": True}}), "application/json")  # fmt: skip
    assert answer.json()["values"] == {"takes": "0"}


def test_it_stands_aside(twice: Twice) -> None:
    """A second entry is in no record, count or query: only its own table, sealed."""
    first = twice.first_time(FIRST)
    before = Fragment.objects.count(), Query.objects.count(), first.pages
    twice.second_time({"takes": "0"})
    first.refresh_from_db()
    assert (Fragment.objects.count(), Query.objects.count(), first.pages) == before
    assert SecondEntry.objects.select_related("subject").get().values == {"takes": "0"}


def test_it_is_checked_like_the_first(twice: Twice) -> None:
    """Wrong values and values of other pages are refused, and a page lacks nothing when it is called complete."""
    for values, code in (({"takes": "9"}, "unknown_choice"), ({"weight": "70"}, "unknown_variable")):
        with pytest.raises(Invalid) as refused:
            twice.second_time(values, complete={})
        assert code in {fault.code for fault in refused.value.faults}
    with pytest.raises(Invalid):
        twice.second_time({"takes": "1", "drug": [{"dose": "3"}]})


@pytest.mark.parametrize("who", ["member", "owner"])
def test_who_sees_the_first_makes_no_second(twice: Twice, who: str) -> None:
    """Who entered or may read the page isn't the one to enter it again."""
    twice.first_time(FIRST)
    with pytest.raises(Conflict):
        services.save_second(twice.world.user[who], twice.subject, twice.form, 0, {"takes": "1"}, sheet=VISIT)


def test_who_made_the_second_makes_no_first(twice: Twice) -> None:
    """Not even with a role that he is given later."""
    twice.second_time({"takes": "1"}, complete={})
    membership = Membership.objects.get(user=twice.second, project=twice.world.project)
    membership.roles.add(Role.objects.get(organisation=None, key="clinician"))
    with pytest.raises(Invalid) as refused:
        services.save_entry(twice.second, twice.subject, twice.form, 0, {"takes": "1"}, sheet=VISIT)
    assert refused.value.faults[0].code == "not_twice"


def test_a_page_waits_for_its_reconciliation(twice: Twice) -> None:
    """Before, it is neither completed nor locked; where the plan doesn't hold it back, it is."""
    entry = twice.first_time(FIRST)
    with pytest.raises(Invalid) as refused:
        twice.first_time({}, 1, complete={"drugs": True})
    assert refused.value.faults[0].code == "not_reconciled"
    with pytest.raises(Invalid):
        services.lock_entry(twice.world.user["owner"], entry)
    plan_double_entry(twice.world.user["owner"], twice.form, ["drugs"], [twice.role.pk], holds_back=False)
    assert twice.first_time({}, 1, complete={"drugs": True}).pages["drugs"]["complete"]


def test_a_third_person_settles_every_difference(twice: Twice) -> None:
    """What is chosen is saved with its reason like any change; nothing is left open, and nobody judges himself."""
    twice.first_time({"takes": "1", "drug": [{"name": "aspirine", "dose": "10"}]})
    twice.second_time({"takes": "1", "drug": [{"name": "aspirine", "dose": "100"}]})
    for who in ("member", "second"):
        with pytest.raises((Refused, Conflict)):
            twice.settle(who, {"drug": {"take": "first"}})
    for choices, reason in (({}, "Dossier relu"), ({"drug": {"take": "second"}}, " ")):
        with pytest.raises(Invalid):
            twice.settle("owner", choices, reason)
    with pytest.raises(Conflict):
        twice.settle("owner", {"drug": {"take": "second"}}, base=7)
    done = twice.settle("owner", {"drug": {"take": "second"}}, complete=True)
    assert (done.differing, done.first_wrong, done.second_wrong) == (["drug"], ["drug"], [])
    entry = Entry.objects.select_related("subject").get(event="month_1")
    assert entry.values["drug"] == [{"name": "aspirine", "dose": "100"}]
    assert entry.values["total"] == "100"
    assert entry.pages["drugs"]["complete"]
    last = entry.fragments.last()
    assert last is not None
    assert (last.source, last.reason) == (Source.RECONCILED, "Dossier relu")
    with pytest.raises(Conflict):
        twice.second_time({"takes": "0"}, 1)


def test_a_third_value(twice: Twice) -> None:
    """Where both are wrong the right one is written, and both count as wrong."""
    twice.first_time({"takes": "1", "drug": [{"name": "a"}]})
    twice.second_time({"takes": "0"})
    choices = {"takes": {"take": "other", "value": None}, "drug": {"take": "second"}}
    done = twice.settle("owner", choices)
    assert set(done.first_wrong) == {"takes", "drug"}
    assert done.second_wrong == ["takes"]
    rates = double_entry.rates_of(twice.world.user["owner"], twice.form)
    assert (rates.items["takes"].differing, rates.people[twice.second].wrong) == (1, 1)


def test_the_second_may_settle_where_the_plan_says_so(twice: Twice) -> None:
    """A study may let who made the second entry settle the differences."""
    owner = twice.world.user["owner"]
    plan_double_entry(owner, twice.form, ["drugs"], [twice.role.pk], settles=DoubleEntryPlan.Settles.SECOND)
    twice.first_time(FIRST)
    twice.second_time({"takes": "0"})
    choices = {"takes": {"take": "second"}, "drug": {"take": "second"}}
    assert twice.settle("second", choices).by == twice.second


def test_the_casebook_tells_how_far_both_are(twice: Twice, client_of: Any) -> None:
    """Not entered, once, twice, reconciled; each sees the way to what he is to do."""
    address = twice.subject.get_absolute_url()

    def lines(who: str) -> list[tuple[str, bool, bool]]:
        found = client_of(who).get(address).context["twice"]
        return [(str(one["progress"].word), bool(one["enter"]), bool(one["settle"])) for one in found]

    assert lines("member") == []
    assert lines("stranger") == [("Non saisie", True, False)] or lines("stranger")[0][1:] == (True, False)
    twice.first_time(FIRST)
    twice.second_time({"takes": "0"})
    assert lines("owner")[0][1:] == (False, True)
    twice.settle("owner", {"takes": {"take": "first"}, "drug": {"take": "first"}})
    assert lines("owner")[0][1:] == (False, False)


def test_over_rest(twice: Twice, client_of: Any) -> None:
    """The same over the API: a second entry of one's own, the comparison, the settlement, the rates."""
    twice.first_time(FIRST)
    at = {"subject": str(twice.subject.pk), "form": twice.form.key, "event": "month_1"}

    def post(who: str, name: str, **sent: Any) -> Any:
        return client_of(who).post(reverse(f"{API}{name}"), json.dumps({**at, **sent}), "application/json")

    made = post("stranger", "second-entry-list", base_revision=0, values={"takes": "0"}, complete={"drugs": True})
    assert made.status_code == 200, made.content
    assert client_of("owner").get(reverse(f"{API}second-entry-list")).json()["results"] == []
    pair = post("owner", "reconciliation-compare", page="drugs").json()
    assert {line["key"]: line["same"] for line in pair["lines"]} == {"takes": False, "drug": False}
    sent = {"page": "drugs", "base_revision": 1, "second_revision": 1, "reason": "Relu"}
    assert post("owner", "reconciliation-list", choices={}, **sent).status_code == 422
    choices = {"takes": {"take": "first"}, "drug": {"take": "first"}}
    assert post("owner", "reconciliation-list", choices=choices, **sent).status_code == 201
    plan = DoubleEntryPlan.objects.get()
    rates = client_of("owner").get(reverse(f"{API}double-entry-plan-rates", args=[plan.pk])).json()
    assert {one["item"]: one["differing"] for one in rates} == {"takes": 1, "drug": 1}


def test_the_plan_and_the_comparison_in_the_browser(twice: Twice, client_of: Any) -> None:
    """The plan is changed on its page, differences are settled on theirs; faults are named."""
    browser = client_of("owner")
    slug = twice.world.project.slug
    address = reverse("ecrf:double_entry", args=[slug, twice.form.key])
    sent = {"pages": ["drugs"], "roles": [twice.role.pk], "settles": "third", "holds_back": "on"}
    assert browser.post(address, sent).status_code == 302
    assert browser.post(address, {**sent, "roles": []}).status_code == 422
    twice.first_time(FIRST)
    twice.second_time({"takes": "0"})
    compare = reverse("ecrf:reconcile", args=[slug, twice.subject.pk, twice.form.key]) + "?event=month_1&page=drugs"
    assert len(browser.get(compare).context["differing"]) == 2
    numbers = {"base": "1", "second": "1", "take:takes": "first"}
    assert browser.post(compare, numbers).status_code == 422
    done = browser.post(compare, {**numbers, "take:drug": "first", "reason": "Relu", "complete": "on"})
    assert done.status_code == 302, done.content
    assert browser.get(address).context["pages"] == 1
    assert browser.get(compare).status_code == 409
