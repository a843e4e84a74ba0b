"""Rights on single pages: who doesn't read a page meets nothing of it anywhere; who only reads it changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from core.access import Refused
from core.access.demo import World
from core.access.models import Membership, Role
from core.audit.models import Event
from core.errors import Invalid
from ecrf import rights, services
from ecrf.engine.exports.leaving import leaves as may_leave
from ecrf.models import Level, PageRule, Query
from ecrf.services import StaleEntry
from ecrf.services.page_rights import Line
from tests.ecrf.conftest import Study
from tests.ecrf.hidden import CANARIES, KEY, PAGE, VALUE, Veiled, veiled
from tests.ecrf.test_export import exported
from tests.ecrf.walks.places import API


@pytest.fixture
def study(world: World) -> Veiled:
    return veiled(world)


def role(key: str) -> int:
    return Role.objects.get(organisation=None, key=key).pk


def test_no_rule_no_difference(study: Veiled) -> None:
    """As long as a form has no rules, permissions alone decide."""
    assert rights.of(study.world.user["member"], study.form) == rights.EVERYTHING


@pytest.mark.parametrize(
    ("access", "reads", "edits"), [("none", False, False), ("read", True, False), ("edit", True, True)]
)
def test_three_levels(study: Veiled, access: str, reads: bool, edits: bool) -> None:
    """A page is hidden, read, or read and filled in; other pages are as before."""
    study.hide(access)
    found = rights.of(study.world.user["member"], study.form, study.world.site_a)
    assert (found.reads(PAGE), found.edits(PAGE), found.edits("open")) == (reads, edits, True)


def test_the_most_generous_role_counts(study: Veiled) -> None:
    """Of several roles that somebody holds the most generous counts."""
    member = study.world.user["member"]
    study.hide("none")
    Membership.objects.create(user=member, project=study.world.project).roles.add(role("monitor"))
    assert rights.of(member, study.form, study.world.site_a).fixed == {PAGE}, "a monitor reads, and fills in nothing"


def test_a_rule_for_a_person_stands_alone(study: Veiled) -> None:
    """What is said of one person counts instead of what his roles say."""
    owner, member = study.world.user["owner"], study.world.user["member"]
    services.set_page_rights(owner, study.form, [Line("none", person=str(member.pk), page=PAGE)])
    assert not rights.of(member, study.form).reads(PAGE)
    assert rights.of(owner, study.form).reads(PAGE)


def test_rights_of_a_site_count_there(study: Veiled) -> None:
    """A role held at one site opens no page at another."""
    member = study.world.user["member"]
    assert not Membership.objects.get(user=member, project=study.world.project).all_sites
    study.hide("edit")
    assert rights.of(member, study.form, study.world.site_b).hidden == {"open", PAGE}


def test_new_pages_wait_until_they_are_granted(study: Veiled) -> None:
    """Where a form says so, a page without a rule is nobody's."""
    lines = [Line("none"), Line("edit", role=role("clinician"), page="open")]
    services.set_page_rights(study.world.user["owner"], study.form, lines)
    found = rights.of(study.world.user["member"], study.form, study.world.site_a)
    assert found.hidden == {PAGE}


def test_no_rule_gives_more_than_the_role(study: Veiled) -> None:
    """A rule lets nobody fill in whose role doesn't."""
    study.hide("edit", role="monitor")
    found = rights.of(study.world.user["monitor"], study.form, study.world.site_a)
    assert found.reads(PAGE)
    assert not found.edits(PAGE)


ADDRESSES = ("home", "forms", "query_list", "verification", "quality", "locks")
OF_FORM = ("form", "compare")
OF_RECORD = ("entry", "entry_state", "history")
OF_ENTRY = ("entry_queries", "entry_verification", "quality_record")


def pages_of(study: Veiled) -> list[str]:
    slug = study.world.project.slug
    record = [slug, study.subject.pk, study.form.key]
    return [
        *(reverse(f"ecrf:{name}", args=[slug]) for name in ADDRESSES),
        reverse("ecrf:home", args=[slug]) + f"?form={study.form.key}",
        *(reverse(f"ecrf:{name}", args=[slug, study.form.key]) for name in OF_FORM),
        *(reverse(f"ecrf:{name}", args=[slug, study.form.key, "native-text"]) for name in ("losses", "download")),
        reverse("ecrf:subject", args=[slug, study.subject.pk]),
        *(reverse(f"ecrf:{name}", args=record) for name in OF_RECORD),
        *(reverse(f"ecrf:{name}", args=[slug, study.entry.pk]) for name in OF_ENTRY),
    ]


def calls_of(study: Veiled) -> list[str]:
    lists = ("form", "version", "subject", "entry", "query", "verification", "verification-plan", "quality-rule")
    lists += ("quality-result", "quality-exclusion", "scheme", "allocation")
    return [
        *(reverse(f"{API}{name}-list") for name in lists),
        reverse(f"{API}form-detail", args=[study.form.pk]),
        reverse(f"{API}version-detail", args=[study.form.current_id]),
        *(reverse(f"{API}entry-{name}", args=[study.entry.pk]) for name in ("detail", "history", "signatures")),
    ]


def filled(study: Veiled) -> Query:
    """Everything that can speak of the page does."""
    owner, monitor = study.world.user["owner"], study.world.user["monitor"]
    query = services.open_query(monitor, study.entry, f"Pourquoi {VALUE} ?", item=KEY)
    services.verify_source(monitor, study.entry, [KEY])
    services.plan_verification(owner, study.form, subjects="all", items=[KEY])
    services.save_rule(owner, study.form, name=f"{CANARIES[0]} rule", text=f"[{KEY}] = 'x'", message=VALUE)
    services.put_aside(monitor, study.entry, "A", KEY, "", VALUE)
    services.lock(owner, Level.ITEM, entry=study.entry, item=KEY)
    return query


def test_nothing_of_a_hidden_page_is_met_anywhere(study: Veiled, client_of: Any) -> None:
    """No page and no call shows its key, its title, its questions or its values, nor what was said of them."""
    query = filled(study)
    browser = client_of("member")
    met = [one for one in pages_of(study) if any(word in read(browser, one) for word in CANARIES)]
    assert met, "they are there for who may see them"
    study.hide()
    for address in [*pages_of(study), *calls_of(study)]:
        found = [word for word in CANARIES if word in read(browser, address)]
        assert not found, (address, found)
    assert browser.get(query.get_absolute_url()).status_code == 404
    assert browser.get(reverse(f"{API}query-detail", args=[query.pk])).status_code == 404


def read(browser: Any, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return b"".join(answer).decode()


def test_the_open_page_is_as_the_server_knows_it(study: Veiled, client_of: Any) -> None:
    """What depends on a hidden page is computed and shown by the server; the browser is told that it is so."""
    study.hide()
    args = [study.world.project.slug, study.subject.pk, study.form.key]
    answer = client_of("member").get(reverse("ecrf:entry", args=args))
    shown = answer.context["data"]
    asked = {
        item["key"]: item
        for page in shown["definition"]["pages"]
        for group in page["groups"]
        for item in group["items"]
    }
    assert set(asked) == {"weight", "length_of", "why"}
    assert asked["length_of"]["readonly"]
    assert shown["values"]["length_of"] == str(len(VALUE))
    assert "visible_if" not in asked["why"], "it is shown, since the hidden answer says so"
    assert answer.context["withheld"]


def test_a_save_keeps_what_is_hidden_and_computes_with_it(study: Veiled) -> None:
    """Values of hidden pages stay, and calculations that read them are right."""
    study.hide()
    saved = services.save_entry(study.world.user["member"], study.subject, study.form, 1, {"weight": "71"})
    assert saved.entry.values[KEY] == VALUE
    assert saved.entry.values["length_of"] == str(len(VALUE))
    assert saved.entry.pages[PAGE]["complete"]


@pytest.mark.parametrize("values", [{KEY: "x"}, {KEY: VALUE}, {f"{KEY}_limit": None}])
def test_a_crafted_save_of_a_hidden_page_is_refused(study: Veiled, values: dict[str, Any]) -> None:
    """It is refused as a field that the form doesn't have, whatever is sent: the answer tells nothing."""
    study.hide()
    with pytest.raises(Invalid) as refused:
        services.save_entry(study.world.user["member"], study.subject, study.form, 1, values)
    assert [fault.code for fault in refused.value.faults] == ["unknown_variable"]
    with pytest.raises(Invalid):
        services.save_entry(study.world.user["member"], study.subject, study.form, 1, {}, notes={KEY: {"comment": "x"}})
    with pytest.raises(Invalid):
        services.save_entry(study.world.user["member"], study.subject, study.form, 1, {}, complete={PAGE: False})


def test_a_page_that_is_only_read_is_not_written(study: Veiled) -> None:
    """The same value may be sent again; another is refused at its place."""
    study.hide("read")
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 1, {"weight": "71", KEY: VALUE})
    with pytest.raises(Invalid) as refused:
        services.save_entry(member, study.subject, study.form, 2, {KEY: "x"})
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [(KEY, "readonly")]


def test_faults_of_a_hidden_page_are_told_without_its_name(study: Veiled) -> None:
    """A value that breaks a hidden page's rule is refused, and the page isn't named."""
    study.hide()
    with pytest.raises(Invalid) as refused:
        services.save_entry(study.world.user["member"], study.subject, study.form, 1, {"weight": "600"})
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [("", "hidden_page")]


def test_somebody_else_s_save_of_a_hidden_page_is_told_without_its_name(study: Veiled) -> None:
    """Who comes late learns that something was saved, not what."""
    services.save_entry(study.world.user["owner"], study.subject, study.form, 1, {KEY: "autre"})
    study.hide()
    with pytest.raises(StaleEntry) as stale:
        services.save_entry(study.world.user["member"], study.subject, study.form, 1, {"weight": "71"})
    assert {change.key for change in stale.value.changes} == {"length_of"}
    assert not any(word in str(stale.value.message) for word in CANARIES)


def test_nobody_signs_locks_or_asks_about_what_he_does_not_see(study: Veiled) -> None:
    """A hidden page is neither signed nor locked nor asked about, and its values aren't verified."""
    study.hide_from("owner")
    owner = study.world.user["owner"]
    for act in (
        lambda: services.sign(owner, study.entry, PAGE, 1),
        lambda: services.lock(owner, Level.PAGE, entry=study.entry, page=PAGE),
        lambda: services.open_query(owner, study.entry, "Bonjour", item=KEY),
        lambda: services.open_query(owner, study.entry, "Bonjour", page=PAGE),
        lambda: services.verify_source(owner, study.entry, [KEY]),
    ):
        with pytest.raises(Invalid):
            act()


@pytest.mark.parametrize(
    ("leaves", "kept"),
    [
        ("", {KEY, f"{KEY}_limit"}),
        ("coded", {KEY, f"{KEY}_limit"}),
        ("deidentified", {f"{KEY}_limit"}),
        ("none", set()),
    ],
)
def test_an_export_holds_what_may_leave(study: Veiled, leaves: str, kept: set[str]) -> None:
    """The level of each page says what of it leaves in the dataset."""
    study.hide_from("owner", "edit", leaves=leaves)
    level = rights.of(study.world.user["owner"], study.form).exported(PAGE)
    items = study.form.published.loaded.page(PAGE).items
    assert {item.key for item in items if may_leave(item, level)} == kept


def test_a_dataset_has_no_column_of_a_hidden_page(study: Veiled) -> None:
    """What is kept from who exports isn't in the dataset; calculations that read it are right all the same."""
    study.hide_from("owner")
    _version, table = exported(Study(study.world, study.form, study.subject, study.subject))
    assert not any(KEY in name for name in table.column_names)
    assert table.to_pylist()[0]["length_of"] == len(VALUE)


def test_the_table_is_saved_as_a_whole_told_and_taken_back(study: Veiled, client_of: Any) -> None:
    """Rules are put and taken back on one page; the journal has what was before and after, and who else is refused."""
    browser, address = client_of("owner"), reverse("ecrf:page_rights", args=[study.world.project.slug, study.form.key])
    name = f"role:{role('clinician')}:{PAGE}"
    assert browser.get(address).status_code == 200
    sent = {f"access:{name}": "none", "closed": "on", "act": "save"}
    assert browser.post(address, sent).status_code == 302
    assert PageRule.objects.filter(form=study.form).count() == 2
    told = Event.objects.filter(action="ecrf.page_rights_set").latest("at").details
    assert told["before"] == []
    assert any(PAGE in line and "none" in line for line in told["after"])
    copy = {f"access:{name}": "none", "act": f"copy:role:{role('monitor')}"}
    copy[f"from:role:{role('monitor')}"] = f"role:{role('clinician')}"
    browser.post(address, copy)
    assert PageRule.objects.filter(form=study.form, role=role("monitor"), page=PAGE, access="none").exists()
    browser.post(address, {"act": "undo"})
    assert {rule.role_id for rule in PageRule.objects.filter(form=study.form)} == {None, role("clinician")}
    shown = browser.get(address, {"look": str(study.world.user["member"].pk)}).context["looked_at"]
    assert {one["access"] for one in shown["pages"]} == {"none"}
    with pytest.raises(Refused):
        services.set_page_rights(study.world.user["member"], study.form, [])


def test_rules_over_rest(study: Veiled, client_of: Any) -> None:
    """The same over the API: put as a whole, read back, and what follows for a person; wrong lines are all named."""
    browser = client_of("owner")
    rules = [{"role": role("clinician"), "page": PAGE, "access": "read"}, {"access": "none", "page": "nowhere"}]
    address = reverse(f"{API}page-right-list")
    answer = browser.post(address, json.dumps({"form": str(study.form.pk), "rules": rules}), "application/json")
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 2
    body = json.dumps({"form": str(study.form.pk), "rules": rules[:1]})
    assert browser.post(address, body, "application/json").status_code == 200
    asked = {"form": str(study.form.pk), "person": str(study.world.user["member"].pk)}
    found = browser.get(reverse(f"{API}page-right-effective"), asked).json()
    assert {one["page"]: one["access"] for one in found} == {"open": "edit", PAGE: "read"}
    assert client_of("member").get(address).json()["results"] == []
