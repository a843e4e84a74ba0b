"""Who reaches the pages and resources of the forms."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from core import jobs
from core.access.demo import World
from core.access.models import Role
from ecrf import services
from ecrf.models import (
    Coded,
    DoubleEntryPlan,
    Export,
    Form,
    Level,
    OfflineFragment,
    PageRule,
    QualityRule,
    Reconciliation,
    Scheme,
    SecondEntry,
    Subject,
    Verification,
    Visit,
)
from ecrf.services import attachments, exports, imports, offline, participants, printing, randomisation
from ecrf.services.page_rights import Line
from tests.ecrf import consents, diary, trial, visits
from tests.ecrf.conftest import DICTIONARY, publish
from tests.walk import EMPTY, EVERYONE, Route, in_project, once

READERS = dict.fromkeys(("member", "monitor", "owner"), 200)
EVERY_SITE = {**READERS, "other_site": 200}
NO_RECORDS = dict.fromkeys(("researcher", "administrator"), 403)
SEEN_NOT_DONE = dict.fromkeys(("other_site", "member", "researcher", "monitor", "administrator"), 403)
API = "api:ecrf:"
published = once(publish)


def form(world: World) -> dict[str, Any]:
    return in_project(world) | {"form": published(world).key}


def subject(world: World) -> dict[str, Any]:
    return in_project(world) | {"subject": services.include_subject(world.user["member"], world.site_a).pk}


def record(world: World) -> dict[str, Any]:
    return form(world) | subject(world)


def begun(world: World) -> dict[str, Any]:
    """A record at site A with something in it."""
    what, who = published(world), services.include_subject(world.user["member"], world.site_a)
    services.save_entry(world.user["member"], who, what, 0, {"sex": "2"})
    return in_project(world) | {"form": what.key, "subject": who.pk}


def removed(world: World) -> dict[str, Any]:
    """A record at site A that was taken out of the study."""
    found = services.remove_entry(world.user["owner"], entry(world), "Doublon")
    return in_project(world) | {"pk": found.pk}


def locked(world: World) -> dict[str, Any]:
    """A lock on a record at site A."""
    held = services.lock(world.user["owner"], Level.ENTRY, entry=entry(world))
    return in_project(world) | {"pk": held.pk}


def draft(world: World) -> dict[str, Any]:
    found = services.read_dictionary(world.user["owner"], world.project, DICTIONARY, title="Bilan", source="v.csv")
    return in_project(world) | {"pk": found.pk}


def next_draft(world: World) -> dict[str, Any]:
    found = services.begin_next(world.user["owner"], published(world))
    return in_project(world) | {"pk": found.pk}


def draft_only(world: World) -> dict[str, Any]:
    return {"pk": draft(world)["pk"]}


def key_of(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def entry(world: World) -> Any:
    who = services.include_subject(world.user["member"], world.site_a)
    return services.save_entry(world.user["member"], who, published(world), 0, {"sex": "2"}).entry


def someone(world: World) -> Any:
    return services.include_subject(world.user["member"], world.site_a)


def another() -> dict[str, Any]:
    """A name that no scheme has yet."""
    return {"name": f"Essai {Scheme.objects.count() + 1}"}


def planned(world: World) -> dict[str, Any]:
    """A draft of a scheme, with its table."""
    scheme = trial.draft(world, published(world), **another())
    randomisation.make_table(world.user["owner"], scheme)
    return in_project(world) | {"pk": scheme.pk}


def recruiting(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": trial.opened(world, published(world), **another()).pk}


def stopped(world: World) -> dict[str, Any]:
    scheme = trial.opened(world, published(world), **another())
    return in_project(world) | {"pk": randomisation.close_scheme(world.user["owner"], scheme).pk}


def waiting(world: World) -> dict[str, Any]:
    """A subject who may be randomised."""
    scheme = trial.opened(world, published(world), **another())
    return in_project(world) | {"subject": trial.ready(world, published(world)).pk, "scheme": scheme.pk}


def blinded(world: World) -> Any:
    return trial.randomised(world, trial.opened(world, published(world), blinded=True, **another()))


def in_the_dark(world: World) -> dict[str, Any]:
    """A subject of a blinded trial."""
    found = blinded(world)
    return in_project(world) | {"subject": found.subject.pk, "pk": found.pk}


def pk_of(arguments: Callable[[World], dict[str, Any]]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": arguments(world)["pk"]}


consenting = once(consents.publish)


def consented(world: World) -> dict[str, Any]:
    """A consent that was given at site A."""
    who = services.include_subject(world.user["member"], world.site_a)
    return in_project(world) | {"pk": consents.consent(world, who, consenting(world)).pk}


def printed(world: World) -> dict[str, Any]:
    """A casebook that a job has set for the member."""
    who, what, by = someone(world), published(world), world.user["member"]
    options = {"identifiers": False, "history": False}
    return in_project(world) | {"pk": printing.keep_printout(by, who, what, b"%PDF-", **options).pk}


MANAGER = {"owner": 302}
NOT_TO_MANAGE = {"member": 403, "other_site": 403, "monitor": 403}
CLINICIAN = {"owner": 200, "member": 200, "monitor": 403}
ASKED_WHO = dict.fromkeys(EVERYONE, 302)
"""Who he is comes before whether there is anything."""
NOBODY_AT_WORK = {"owner": 403, **NOT_TO_MANAGE}
"""What comes is read by nobody who enters data, the manager included; test_randomisation.py shows who may."""
LISTS = dict.fromkeys(("other_site", "member", "researcher", "monitor", "owner", "administrator", "stranger"), 200)


def its_entry(world: World) -> dict[str, Any]:
    return in_project(world) | {"entry": entry(world).pk}


def query(world: World) -> Any:
    return services.open_query(world.user["monitor"], entry(world), "Est-ce bien cela ?", item="sex")


def its_query(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": query(world).pk}


def batch(world: World) -> dict[str, Any]:
    record = entry(world)
    content = f"subject,field,text\n{record.subject.number},sex,Est-ce bien cela ?\n".encode()
    return in_project(world) | {"pk": services.read_queries(world.user["owner"], world.project, content, "q.csv").pk}


def rule(world: World) -> Any:
    said = {"name": "Poids", "text": "[weight] > 200", "message": "Poids inhabituel"}
    found = QualityRule.objects.filter(form=published(world)).select_related("form__project").first()
    return found or services.save_rule(world.user["owner"], published(world), **said)


def run(world: World) -> Any:
    return services.start_run(world.user["owner"], published(world))


def mark(world: World) -> Any:
    record = entry(world)
    services.verify_source(world.user["monitor"], record, ["sex"])
    return Verification.objects.get(entry=record)


def plan(world: World) -> Any:
    return services.plan_verification(world.user["owner"], published(world), subjects="all")


def exclusion(world: World) -> Any:
    return services.put_aside(world.user["monitor"], entry(world), "A", "weight", "", "Non mesuré")


ONE_FILE: dict[str, Any] = {
    "format": 1,
    "title": {"fr": "Pièces"},
    "languages": ["fr"],
    "pages": [
        {
            "key": "pieces",
            "title": {"fr": "Pièces"},
            "groups": [{"items": [{"key": "piece", "type": "file", "label": {"fr": "Pièce"}}]}],
        }
    ],
}


def with_file(world: World) -> dict[str, Any]:
    """A subject at site A whom a form asks for a file."""
    what = Form.objects.filter(project=world.project, key="pieces").first() or visits.publish(world, ONE_FILE, "pieces")
    return in_project(world) | {"subject": someone(world).pk, "form": what.key, "item": "piece"}


def attached(world: World) -> Any:
    asked = with_file(world)
    what = Form.objects.select_related("current").get(project=world.project, key="pieces")
    who = Subject.objects.select_related("project", "site").get(pk=asked["subject"])
    content = io.BytesIO(b"a,b\n1,2\n")
    return attachments.upload(world.user["member"], who, what, "piece", content, "a.csv")


def device(world: World) -> Any:
    """The clinician's device with records of site A on it."""
    found = offline.register(world.user["member"], world.project, "Tablette")
    offline.take(world.user["member"], found, [someone(world)])
    return found


def set_aside(world: World) -> Any:
    """Work of the clinician's on a record that was locked meanwhile."""
    found, record = device(world), entry(world)
    offline.take(world.user["member"], found, [record.subject])
    services.lock_entry(world.user["owner"], record)
    piece: dict[str, Any] = {
        "id": f"01{OfflineFragment.objects.count():024d}",
        "kind": "entry",
        "subject": str(record.subject.pk),
    }
    piece |= {"form": record.form.key, "version": 1, "values": {"weight": "80"}}
    offline.sync(world.user["member"], found, offline.read_batch([piece]))
    return OfflineFragment.objects.get(device=found)


def made_export(world: World) -> Any:
    """An export that the manager has made of everything."""
    asked = services.start_export(world.user["owner"], published(world), "csv")
    jobs.run_waiting()
    return Export.objects.get(pk=asked.pk)


def again(world: World) -> dict[str, Any]:
    """An export that comes every night."""
    row = services.schedule_export(world.user["owner"], published(world), "csv", exports.Choices(), "daily 03:00")
    return in_project(world) | {"key": row.key}


def in_list(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: in_project(world) | {"pk": make(world).pk}


def data_import(world: World) -> Any:
    """A file of data that was checked and is right."""
    who, form = someone(world), published(world)
    content = io.BytesIO(f"subject,site,sex\n{who.number},BRO,2\n".encode())
    found = imports.begin_import(world.user["owner"], form, content, "d.csv", kind="csv", at_once=True)
    return imports.check_now(world.user["owner"], found)


def saved_import(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": imports.save_now(world.user["owner"], data_import(world)).pk}


diaries = once(diary.questionnaire)


def questionnaire(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": diaries(world).pk}


def invitation(world: World) -> Any:
    return participants.invite(world.user["member"], diaries(world), someone(world))


def its_invitation(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": invitation(world).pk}


def contact(world: World) -> Any:
    return participants.set_contact(world.user["member"], someone(world), "ana@example.org", "", "fr")


CLINICIANS = dict.fromkeys(("member", "owner"), 200)
INVITERS = {**CLINICIANS, "other_site": 200}
ONLY_GUESTS = dict.fromkeys(EVERYONE[1:], 403)
"""Nobody who has signed in answers in a participant's place."""
NOT_TO_DESIGN = {"member": 403, "other_site": 403}
NO_VISIT = {**ONLY_GUESTS, "anonymous": 410}

PARTICIPANTS = [
    Route("participate:door", allowed={**ONLY_GUESTS, "anonymous": 200}),
    Route("participate:enter", allowed={**ONLY_GUESTS, "anonymous": 404}, method="post"),
    Route("participate:come_back", allowed={**ONLY_GUESTS, "anonymous": 200}),
    Route("participate:prove", allowed=NO_VISIT),
    Route("participate:fill", allowed=NO_VISIT),
    Route("participate:state", allowed=NO_VISIT),
    Route("participate:save", allowed=NO_VISIT, method="post"),
    Route("participate:send", allowed=NO_VISIT, method="post"),
    Route("participate:code", allowed=NO_VISIT, method="post"),
    Route("participate:speak", allowed=NO_VISIT, method="post"),
    Route("participate:leave", allowed=NO_VISIT, method="post"),
    Route("participate:give_back", allowed=NO_VISIT),
    Route("participate:stop", lambda world: {"token": "x"}, dict.fromkeys(EVERYONE, 404)),
    Route("ecrf:participants", in_project, {**INVITERS, "monitor": 403} | NO_RECORDS),
    Route("ecrf:new_questionnaire", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:questionnaire", questionnaire, {"owner": 200, "member": 403, "other_site": 403}),
    Route("ecrf:close_questionnaire", questionnaire, {"owner": 302, "member": 403, "other_site": 403}, method="post"),
    Route("ecrf:public_link", questionnaire, {"owner": 302, "member": 403, "other_site": 403}, method="post"),
    Route("ecrf:invite_many", questionnaire, INVITERS),
    Route("ecrf:invitation_act", its_invitation, dict.fromkeys(CLINICIANS, 302), method="post"),
    Route("ecrf:invitation_link", its_invitation, CLINICIANS, method="post"),
    Route("ecrf:participant", subject, {**CLINICIANS, "monitor": 403}),
    Route("ecrf:erase_contact", subject, {**dict.fromkeys(CLINICIANS, 302), "monitor": 403}, method="post"),
    Route("ecrf:hand_over", subject, {**CLINICIANS, "monitor": 403}),
    Route(f"{API}questionnaire-list", allowed=LISTS, api=True),
    Route(f"{API}questionnaire-detail", key_of(diaries), INVITERS, api=True),
    Route(f"{API}questionnaire-close", key_of(diaries), INVITERS | NOT_TO_DESIGN, method="post", api=True),
    Route(f"{API}invitation-list", allowed=LISTS, api=True),
    Route(f"{API}invitation-detail", key_of(invitation), CLINICIANS, api=True),
    Route(f"{API}invitation-revoke", key_of(invitation), CLINICIANS, method="post", api=True),
    Route(f"{API}invitation-resend", key_of(invitation), dict.fromkeys(CLINICIANS, 409), method="post", api=True),
    Route(f"{API}invitation-link", key_of(invitation), CLINICIANS, method="post", api=True),
    Route(f"{API}participant-list", allowed=LISTS, api=True),
    Route(f"{API}participant-detail", key_of(contact), CLINICIANS, api=True),
]
double = once(lambda world: publish(world, title="Deux saisies"))


def double_plan(world: World) -> Any:
    """A form of its own, whose page is entered twice by a role that nobody of the walk holds."""
    plan, is_new = DoubleEntryPlan.objects.get_or_create(form=double(world), defaults={"pages": ["visite"]})
    if is_new:
        plan.second_roles.add(Role.objects.create(organisation=world.organisation, key="second", name="Seconde"))
    return plan


def twice(world: World) -> dict[str, Any]:
    return in_project(world) | {"subject": someone(world).pk, "form": double_plan(world).form.key}


def second_entry(world: World) -> Any:
    form = double_plan(world).form
    made = SecondEntry(subject=someone(world), form=form, version=form.published, author=world.user["owner"], values={})
    made.save()
    return made


def reconciliation(world: World) -> Any:
    second, people = second_entry(world), world.user
    entered = services.save_entry(people["member"], second.subject, second.form, 0, {"weight": "70"}).entry
    who = {"first_by": people["member"], "second_by": people["owner"], "by": people["monitor"]}
    numbers = {"first_revision": 1, "second_revision": 1}
    return Reconciliation.objects.create(entry=entered, second=second, page="visite", **who, **numbers)


def page_rule(world: World) -> Any:
    services.set_page_rights(world.user["owner"], double(world), [Line("read", person=str(world.user["monitor"].pk))])
    return PageRule.objects.get(form=double(world))


def load_signs(world: World) -> Any:
    named = {"kind": "csv", "key": "signs", "title": "Signes", "version": "1"}
    return services.load_dictionary(world.user["owner"], world.project, b"code,label\nA,Signe\n", **named)


dictionary = once(load_signs)


def coded(world: World) -> Any:
    given = {"item": "name", "digest": "0" * 64, "state": "coded", "code": "A", "by": world.user["owner"]}
    return Coded.objects.create(entry=entry(world), dictionary=dictionary(world), **given)


CLINICIANS = ("member", "other_site", "owner")
TAKERS = dict.fromkeys(CLINICIANS, 200) | {"monitor": 403} | NO_RECORDS


ROUTES = [
    Route("ecrf:home", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:include", in_project, {"member": 200, "other_site": 200, "owner": 200, "monitor": 403} | NO_RECORDS),
    Route("ecrf:subject", subject, READERS),
    Route("ecrf:entry", record, READERS),
    Route("ecrf:entry_state", record, READERS),
    Route("ecrf:save_entry", record, {"member": 422, "owner": 422, "monitor": 422}, method="post"),
    Route("ecrf:history", record, READERS),
    Route("ecrf:lock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:unlock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:sign", begun, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:remove", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:restore", removed, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:locks", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:freeze", in_project, {"owner": 302} | dict.fromkeys(SEEN_NOT_DONE, 403), method="post"),
    Route("ecrf:lock_subject", subject, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:release", locked, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:forms", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:import", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:draft", draft, {"owner": 200}),
    Route("ecrf:publish", draft, {"owner": 302}, method="post"),
    Route("ecrf:discard", draft, {"owner": 302}, method="post"),
    Route("ecrf:new_form", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:instruments", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:design_rule", in_project, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:ask_review", draft, {"owner": 302}, method="post"),
    Route("ecrf:approve", draft, {"owner": 302}, method="post"),
    Route("ecrf:measure_impact", next_draft, {"owner": 302}, method="post"),
    Route("ecrf:rename_draft", draft, {"owner": 302}, method="post"),
    Route("ecrf:build", draft, {"owner": 200}),
    Route("ecrf:save_build", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_text", draft, {"owner": 422}, method="post"),
    Route("ecrf:parse_formula", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_states", draft, {"owner": 200}),
    Route("ecrf:draft_state", draft, {"owner": 200}),
    Route("ecrf:restore_draft", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_comments", draft, {"owner": 200}),
    Route("ecrf:build_next", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:compare", form, EVERY_SITE),
    Route("ecrf:form", form, EVERY_SITE),
    Route("ecrf:losses", lambda world: form(world) | {"to": "native-text"}, EVERY_SITE),
    Route("ecrf:download", lambda world: form(world) | {"to": "native-text"}, EVERY_SITE),
    Route("ecrf:import_next", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:export", form, {"owner": 302, "member": 403, "other_site": 403, "monitor": 403}, method="post"),
    Route(f"{API}form-list", allowed=LISTS, api=True),
    Route(f"{API}form-detail", key_of(published), EVERY_SITE, api=True),
    Route(f"{API}form-import", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(
        f"{API}form-export",
        key_of(published),
        {"owner": 202, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(f"{API}draft-list", allowed=LISTS, api=True),
    Route(f"{API}draft-detail", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-problems", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-impact", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-publish", draft_only, {"owner": 201}, method="post", api=True),
    Route(f"{API}draft-discard", draft_only, {"owner": 204}, method="post", api=True),
    Route(f"{API}draft-approve", draft_only, {"owner": 422}, method="post", api=True),
    Route(f"{API}version-list", allowed=LISTS, api=True),
    Route(f"{API}version-detail", key_of(lambda world: published(world).current), EVERY_SITE, api=True),
    Route(f"{API}subject-list", allowed=LISTS, api=True),
    Route(f"{API}subject-detail", key_of(someone), READERS, api=True),
    Route(f"{API}entry-list", allowed=LISTS, api=True),
    Route(f"{API}entry-detail", key_of(entry), READERS, api=True),
    Route(f"{API}entry-history", key_of(entry), READERS, api=True),
    Route(f"{API}entry-lock", key_of(entry), {"owner": 200, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-unlock", key_of(entry), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-sign", key_of(entry), {"owner": 403, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-signatures", key_of(entry), READERS, api=True),
    Route(f"{API}entry-remove", key_of(entry), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route(
        f"{API}entry-restore",
        key_of(lambda world: services.remove_entry(world.user["owner"], entry(world), "Doublon")),
        {"owner": 422, "member": 403, "monitor": 403},
        method="post",
        api=True,
    ),
    Route("api:ecrf:definition-convert", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:definition-check", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:definition-evaluate", allowed=EMPTY, method="post", api=True),
    Route("ecrf:query_list", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:query_bulk", in_project, {"owner": 303, "monitor": 303, "member": 303, "other_site": 303} | NO_RECORDS),
    Route("ecrf:query_policy", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:query_upload", in_project, SEEN_NOT_DONE | {"owner": 200, "monitor": 200}),
    Route("ecrf:query_batch", batch, {"owner": 200}),
    Route("ecrf:query_batch_open", batch, {"owner": 302}, method="post"),
    Route("ecrf:query_batch_discard", batch, {"owner": 302}, method="post"),
    Route("ecrf:query", its_query, READERS),
    Route("ecrf:query_act", its_query, {"member": 422, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:entry_queries", its_entry, READERS),
    Route("ecrf:open_query", its_entry, {"member": 403, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:entry_verification", its_entry, READERS),
    Route("ecrf:mark_verified", its_entry, {"member": 422, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:quality_record", its_entry, READERS),
    Route("ecrf:verification", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:verification_plan",
        form,
        {"owner": 200, "member": 403, "other_site": 403, "monitor": 403},
    ),
    Route("ecrf:quality", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:quality_start",
        form,
        {"owner": 302, "monitor": 302, "member": 302, "other_site": 302},
        method="post",
    ),
    Route("ecrf:quality_new_rule", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:quality_rule", in_list(rule), EVERY_SITE),
    Route(
        "ecrf:quality_retire",
        in_list(rule),
        {"owner": 302, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
    ),
    Route("ecrf:quality_run", in_list(run), {"owner": 200, "monitor": 200}),
    Route("ecrf:quality_results", in_list(run), {"owner": 303, "monitor": 303}),
    Route(f"{API}query-list", allowed=LISTS, api=True),
    Route(f"{API}query-detail", key_of(query), READERS, api=True),
    Route(f"{API}query-file", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(f"{API}query-bulk", allowed=EMPTY, method="post", api=True),
    Route(f"{API}verification-list", allowed=LISTS, api=True),
    Route(f"{API}verification-detail", key_of(mark), READERS, api=True),
    Route(f"{API}verification-withdraw", allowed=EMPTY, method="post", api=True),
    Route(f"{API}verification-plan-list", allowed=LISTS, api=True),
    Route(f"{API}verification-plan-detail", key_of(plan), EVERY_SITE, api=True),
    Route(f"{API}quality-rule-list", allowed=LISTS, api=True),
    Route(f"{API}quality-rule-detail", key_of(rule), EVERY_SITE, api=True),
    Route(f"{API}quality-rule-check", allowed=EMPTY, method="post", api=True),
    Route(f"{API}quality-run-list", allowed=LISTS, api=True),
    Route(f"{API}quality-run-detail", key_of(run), {"owner": 200, "monitor": 200}, api=True),
    Route(f"{API}quality-run-queries", key_of(run), {"owner": 422, "monitor": 422}, method="post", api=True),
    Route(f"{API}quality-result-list", allowed=LISTS, api=True),
    Route(f"{API}quality-exclusion-list", allowed=LISTS, api=True),
    Route(f"{API}quality-exclusion-detail", key_of(exclusion), READERS, api=True),
    Route("api:ecrf:subject-bulk", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:entry-bulk", allowed=EMPTY, method="post", api=True),
    Route("ecrf:upload_attachment", with_file, {"member": 422, "owner": 422, "monitor": 403}, method="post"),
    Route("ecrf:attachment", in_list(attached), READERS),
    Route(f"{API}attachment-list", allowed=LISTS, api=True),
    Route(f"{API}attachment-detail", key_of(attached), READERS, api=True),
    Route(f"{API}attachment-content", key_of(attached), READERS, api=True),
    Route("ecrf:schemes", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:new_scheme", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:preview_scheme", form, {"owner": 200} | NOT_TO_MANAGE, method="post"),
    Route("ecrf:scheme", recruiting, EVERY_SITE),
    Route("ecrf:open_scheme", planned, MANAGER, method="post"),
    Route("ecrf:close_scheme", recruiting, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:reopen_scheme", stopped, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:discard_scheme", planned, MANAGER, method="post"),
    Route("ecrf:make_table", planned, MANAGER, method="post"),
    Route("ecrf:upload_table", recruiting, NOBODY_AT_WORK),
    Route("ecrf:extend_table", recruiting, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:table", recruiting, ASKED_WHO),
    Route("ecrf:randomise", waiting, CLINICIAN),
    Route("ecrf:unblind", in_the_dark, CLINICIAN),
    Route(f"{API}scheme-list", allowed=LISTS, api=True),
    Route(f"{API}scheme-detail", pk_of(recruiting), EVERY_SITE, api=True),
    Route(f"{API}scheme-make-table", pk_of(planned), {"owner": 200}, method="post", api=True),
    Route(f"{API}scheme-upload-table", pk_of(recruiting), dict.fromkeys(NOBODY_AT_WORK, 403), method="post", api=True),
    Route(f"{API}scheme-extend", pk_of(recruiting), {"owner": 422} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}scheme-table", pk_of(recruiting), NOBODY_AT_WORK, api=True),
    Route(f"{API}scheme-balance", pk_of(recruiting), EVERY_SITE, api=True),
    Route(f"{API}scheme-open", pk_of(planned), {"owner": 200}, method="post", api=True),
    Route(f"{API}scheme-close", pk_of(recruiting), {"owner": 200} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}scheme-reopen", pk_of(stopped), {"owner": 200} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}allocation-list", allowed=LISTS, api=True),
    Route(f"{API}allocation-detail", key_of(blinded), READERS, api=True),
    Route("ecrf:exports", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:new_export", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:export_detail", in_list(made_export), {"owner": 200}),
    Route("ecrf:export_file", in_list(made_export), {"owner": 200}),
    Route("ecrf:erase_export", in_list(made_export), {"owner": 302}, method="post"),
    Route("ecrf:end_export_schedule", again, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route(f"{API}export-list", allowed=LISTS, api=True),
    Route(f"{API}export-detail", key_of(made_export), {"owner": 200}, api=True),
    Route(f"{API}export-file", key_of(made_export), {"owner": 200}, api=True),
    Route(f"{API}allocation-unblind", key_of(blinded), dict.fromkeys(READERS, 403), method="post", api=True),
    Route("ecrf:data_import_new", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:data_import", in_list(data_import), {"owner": 200}),
    Route("ecrf:data_import_faults", in_list(data_import), {"owner": 200}),
    Route("ecrf:data_import_check", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_confirm", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_discard", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_undo", saved_import, {"owner": 302}, method="post"),
    Route("ecrf:numbering", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:numbering_preview", in_project, {"owner": 200} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:set_arm", subject, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route(f"{API}data-import-list", allowed=LISTS, api=True),
    Route(f"{API}data-import-detail", key_of(data_import), {"owner": 200}, api=True),
    Route(f"{API}data-import-check", key_of(data_import), {"owner": 202}, method="post", api=True),
    Route(f"{API}data-import-confirm", key_of(data_import), {"owner": 202}, method="post", api=True),
    Route(f"{API}data-import-discard", key_of(data_import), {"owner": 200}, method="post", api=True),
    Route(f"{API}data-import-undo", pk_of(saved_import), {"owner": 422}, method="post", api=True),
    Route(f"{API}numbering-rule-list", allowed=LISTS, api=True),
    Route(f"{API}numbering-rule-preview", allowed=EMPTY, method="post", api=True),
    Route(f"{API}subject-arm", key_of(someone), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route("ecrf:consents", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:consent", consented, READERS),
    Route("ecrf:consent_document", consented, {"owner": 200, "member": 200, "monitor": 403}),
    Route("ecrf:consent_withdraw", consented, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:consent_again", consented, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:blank_form", lambda world: form(world) | {"language": "fr"}, EVERY_SITE),
    Route("ecrf:casebook", begun, READERS),
    Route("ecrf:printout", printed, {"member": 200}),
    Route(f"{API}consent-list", allowed=LISTS, api=True),
    Route(f"{API}consent-detail", pk_of(consented), READERS, api=True),
    Route(f"{API}consent-document", pk_of(consented), {"owner": 200, "member": 200, "monitor": 403}, api=True),
    Route(
        f"{API}consent-withdraw",
        pk_of(consented),
        {"owner": 422, "member": 422, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(
        f"{API}consent-ask-again",
        pk_of(consented),
        {"owner": 422, "member": 422, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(f"{API}form-blank", key_of(published), EVERY_SITE, api=True),
    Route(f"{API}subject-casebook", key_of(someone), dict.fromkeys(READERS, 422), method="post", api=True),
    Route(f"{API}printout-detail", pk_of(printed), {"member": 200}, api=True),
]


def visit(world: World) -> Any:
    """A visit of a subject at site A, in a form with events."""
    form = Form.objects.filter(project=world.project, key="visites").first()
    form = form or visits.publish(world, {**visits.TRIAL, "title": {"fr": "Visites"}}, key="visites")
    who = services.include_subject(world.user["member"], world.site_a)
    return Visit.objects.get(subject=who, form=form, event="month_1")


def settled(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": visit(world).pk}


ROUTES += [
    Route("ecrf:bulk_lock", in_project, {"owner": 303, "member": 403, "monitor": 403, "other_site": 403} | NO_RECORDS),
    Route("ecrf:add_visit", subject, {"owner": 404, "member": 404, "monitor": 404}, method="post"),
    Route("ecrf:settle_visit", settled, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:timeline", subject, READERS),
    Route("ecrf:visits", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:visits_calendar", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:reports", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:report_settings", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:report_table", lambda world: in_project(world) | {"name": "sites"}, EVERY_SITE | NO_RECORDS),
    Route("ecrf:pending", in_project, EVERY_SITE | NO_RECORDS),
    Route(f"{API}visit-list", allowed=LISTS, api=True),
    Route(f"{API}visit-detail", key_of(visit), READERS, api=True),
    Route(f"{API}visit-settle", key_of(visit), dict.fromkeys(READERS, 422), method="post", api=True),
    Route(f"{API}target-list", allowed=LISTS, api=True),
    Route(
        f"{API}report",
        lambda world: {"project": world.project.slug, "name": "sites"},
        EVERY_SITE | NO_RECORDS,
        api=True,
    ),
    *PARTICIPANTS,
    Route("ecrf:page_rights", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:double_entry", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:second_entry", twice, {"member": 409, "owner": 409, "monitor": 403}),
    Route("ecrf:second_state", twice, {"member": 409, "owner": 409, "monitor": 403}),
    Route("ecrf:save_second", twice, {"member": 422, "owner": 422, "monitor": 422}, method="post"),
    Route("ecrf:reconcile", twice),
    Route("ecrf:choose_site", in_project, dict.fromkeys(EVERY_SITE, 302) | NO_RECORDS, method="post"),
    Route("ecrf:coding", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:code_act",
        form,
        {"owner": 302, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
    ),
    Route("ecrf:dictionaries", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:dictionary", in_list(dictionary), {"owner": 200} | SEEN_NOT_DONE),
    Route(f"{API}page-right-list", allowed=LISTS, api=True),
    Route(f"{API}page-right-detail", key_of(page_rule), {"owner": 200}, api=True),
    Route(f"{API}page-right-effective", api=True),
    Route(f"{API}double-entry-plan-list", allowed=LISTS, api=True),
    Route(f"{API}double-entry-plan-detail", key_of(double_plan), {"owner": 200}, api=True),
    Route(f"{API}double-entry-plan-rates", key_of(double_plan), {"owner": 200}, api=True),
    Route(f"{API}second-entry-list", allowed=LISTS, api=True),
    Route(f"{API}second-entry-detail", key_of(second_entry), {"owner": 200}, api=True),
    Route(f"{API}reconciliation-list", allowed=LISTS, api=True),
    Route(f"{API}reconciliation-detail", key_of(reconciliation), READERS, api=True),
    Route(f"{API}reconciliation-compare", allowed=EMPTY, method="post", api=True),
    Route(f"{API}dictionary-list", allowed=LISTS, api=True),
    Route(f"{API}dictionary-detail", key_of(dictionary), EVERY_SITE, api=True),
    Route(f"{API}dictionary-search", key_of(dictionary), EVERY_SITE, api=True),
    Route(
        f"{API}dictionary-changes",
        key_of(dictionary),
        {"owner": 200, "member": 403, "other_site": 403, "monitor": 403},
        api=True,
    ),
    Route(f"{API}dictionary-load", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(f"{API}code-list", allowed=LISTS, api=True),
    Route(f"{API}code-detail", key_of(coded), READERS, api=True),
    Route(f"{API}code-texts", api=True),
    Route(f"{API}code-itself", allowed=EMPTY, method="post", api=True),
    Route("ecrf:offline", in_project, TAKERS),
    Route("ecrf:offline_worker", in_project, TAKERS),
    Route("ecrf:offline_manifest", in_project, TAKERS),
    Route("ecrf:offline_state", in_project, TAKERS),
    Route("ecrf:offline_register", in_project, TAKERS | dict.fromkeys(CLINICIANS, 422), method="post"),
    Route("ecrf:offline_take", in_project, TAKERS | dict.fromkeys(CLINICIANS, 422), method="post"),
    Route("ecrf:offline_give_back", in_project, dict.fromkeys(EVERY_SITE, 422) | NO_RECORDS, method="post"),
    Route("ecrf:offline_sync", in_project, dict.fromkeys(EVERY_SITE, 422) | NO_RECORDS, method="post"),
    Route("ecrf:offline_devices", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:offline_rule", in_project, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:offline_revoke", in_list(device), {"owner": 302, "member": 302}, method="post"),
    Route("ecrf:offline_aside", in_list(set_aside), {"owner": 200}),
    Route(f"{API}device-list", allowed=LISTS, api=True),
    Route(f"{API}device-detail", key_of(device), {"owner": 200, "member": 200}, api=True),
    Route(f"{API}device-take", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-give-back", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-sync", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-revoke", key_of(device), {"owner": 200, "member": 200}, method="post", api=True),
    Route(f"{API}offline-fragment-list", allowed=LISTS, api=True),
    Route(f"{API}offline-fragment-detail", key_of(set_aside), {"owner": 200}, api=True),
    Route(f"{API}offline-fragment-apply", key_of(set_aside), {"owner": 409}, method="post", api=True),
    Route(f"{API}offline-fragment-drop", key_of(set_aside), {"owner": 422}, method="post", api=True),
]
