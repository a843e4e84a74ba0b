"""Access reviews: what is reviewed, by whom, what follows from a decision, and what is left at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import access, files, jobs
from core.access.demo import World
from core.access.models import Membership, Role
from core.access.services import change_membership, delegate, end_membership
from core.accounts.models import User
from core.audit import sealing
from core.audit.models import Event, Link
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.notices.models import Notice
from core.reviews import reminders, services
from core.reviews.api.serializers import LineSerializer
from core.reviews.models import Campaign, Line
from core.reviews.services import Verdict
from core.reviews.services.decisions import settle_all

API = "/api/v1/reviews/"
CONFIRMED, REVOKED = Line.Decision.CONFIRMED, Line.Decision.REVOKED


def line_of(campaign: Campaign, world: World, who: str) -> Line:
    return campaign.lines.get(person=world.user[who])


def manager(world: World) -> Membership:
    """One more person who manages the members of the study."""
    user = User.objects.create_user("second@demo.example", full_name="Erwan Morvan")
    world.user["second"] = user
    membership = Membership.objects.create(user=user, project=world.project)
    membership.roles.set(Role.objects.filter(organisation=None, key="manager"))
    return membership


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_the_snapshot(world: World) -> None:
    """Every access in the organisation and its projects is a line, with all that a reviewer must know of it."""
    owner = world.user["owner"]
    own = Membership.objects.get(user=owner)
    until = timezone.now() + timedelta(days=5)
    delegate(owner, own, world.user["researcher"], list(own.roles.all()), until, "on leave")
    due = timezone.localdate() + timedelta(days=30)
    campaign = services.open_campaign(world.user["administrator"], world.organisation, "All", due)
    assert campaign.lines.count() == 7
    assert not campaign.lines.filter(project=world.elsewhere).exists()
    member = line_of(campaign, world, "member")
    assert (member.name, member.sites, member.ends_at, member.last_sign_in) == ("Nolwenn Kerbrat", ["BRO"], None, None)
    assert member.second_factor
    assert member.role_names == [str(Role.objects.get(key="clinician", organisation=None))]
    assert (
        campaign.lines.filter(person=world.user["researcher"]).values_list("origin", flat=True).distinct().count() == 2
    )
    assert line_of(campaign, world, "administrator").project is None


def test_who_judges(world: World, campaign: Campaign) -> None:
    """The project's data controller judges; his own access goes to the administrator, who alone judges his own."""
    owner, administrator = world.user["owner"], world.user["administrator"]
    assert {line.reviewer for line in campaign.lines.exclude(person__in=[owner, administrator])} == {owner}
    assert line_of(campaign, world, "owner").reviewer == administrator
    assert line_of(campaign, world, "administrator").is_own
    notice = Notice.objects.get(user=owner, kind="reviews.assigned")
    assert (notice.details["count"], notice.url) == (4, campaign.get_absolute_url())


def test_nobody_judges_himself(world: World, campaign: Campaign) -> None:
    """One's own access is confirmed by oneself only where there is nobody else, and the evidence says so."""
    with pytest.raises(Invalid) as refused:
        services.decide(world.user["owner"], campaign, [Verdict(line_of(campaign, world, "owner").pk, CONFIRMED)])
    assert codes(refused) == [("verdicts.0.line", "own-access")]
    alone = line_of(campaign, world, "administrator")
    services.decide(world.user["administrator"], campaign, [Verdict(alone.pk, CONFIRMED)])
    alone.refresh_from_db()
    assert (alone.decision, alone.is_own) == (CONFIRMED, True)
    assert Event.objects.get(action="reviews.access_confirmed").details["own"] is True


def test_revoking_ends_the_access(world: World, campaign: Campaign) -> None:
    """Who is revoked is out at once, with a reason that the audit trail keeps; it can't be confirmed afterwards."""
    owner, line = world.user["owner"], line_of(campaign, world, "member")
    with pytest.raises(Invalid) as refused:
        services.decide(owner, campaign, [Verdict(line.pk, REVOKED, " ")])
    assert codes(refused) == [("verdicts.0.reason", "required")]
    services.decide(owner, campaign, [Verdict(line.pk, REVOKED, "has left the ward")])
    assert access.abilities(world.user["member"], world.project) == frozenset()
    removed = Event.objects.get(action="access.member_removed")
    told = Event.objects.get(action="reviews.access_revoked")
    assert (removed.reason, told.reason, told.project_id) == (
        "has left the ward",
        "has left the ward",
        world.project.pk,
    )
    with pytest.raises(Invalid) as refused:
        services.decide(owner, campaign, [Verdict(line.pk, CONFIRMED)])
    assert codes(refused) == [("verdicts.0.line", "over")]


@pytest.mark.parametrize("together", [True, False], ids=["together", "apart"])
def test_what_a_revocation_ends_is_not_told_as_confirmed(world: World, together: bool) -> None:
    """Revoking ends all that a person is there: his other line says that it ended, though it was confirmed."""
    owner = world.user["owner"]
    second = Membership.objects.create(user=world.user["member"], project=world.project)
    second.roles.set(Role.objects.filter(organisation=None, key="monitor"))
    due = timezone.localdate() + timedelta(days=9)
    campaign = services.open_campaign(owner, world.project, "Study", due)
    kept, gone = campaign.lines.filter(person=world.user["member"]).order_by("membership__created_at")
    other = line_of(campaign, world, "monitor")
    verdicts = [Verdict(kept.pk, CONFIRMED), Verdict(other.pk, CONFIRMED), Verdict(gone.pk, REVOKED, "has left")]
    for some in [verdicts] if together else [verdicts[:2], verdicts[2:]]:
        services.decide(owner, campaign, some)
    decisions = [Line.objects.get(pk=line.pk).decision for line in (kept, other, gone)]
    assert decisions == [Line.Decision.ENDED, CONFIRMED, REVOKED]


def test_answer_is_read_at_once(world: World, campaign: Campaign, django_assert_num_queries: Callable) -> None:
    """What was decided is shown without asking for the place of each line."""
    verdicts = [Verdict(line.pk, CONFIRMED) for line in campaign.lines.filter(project=world.project)[1:]]
    lines = services.decide(world.user["owner"], campaign, verdicts)
    with django_assert_num_queries(0):
        assert {line["project"] for line in LineSerializer(lines, many=True).data} == {world.project.slug}


def test_the_last_manager_stays(world: World, campaign: Campaign) -> None:
    """Who alone manages the members isn't revoked, and nothing of what was sent with it is done."""
    lines = [line_of(campaign, world, who) for who in ("member", "owner")]
    with pytest.raises(Invalid) as refused:
        services.decide(world.user["administrator"], campaign, [Verdict(line.pk, REVOKED, "why") for line in lines])
    assert codes(refused) == [("verdicts.1.line", "last-manager")]
    assert not campaign.lines.exclude(decision="open").exists()
    assert access.abilities(world.user["member"], world.project)


def test_what_is_named_twice(world: World, campaign: Campaign) -> None:
    """Two verdicts about one access are refused, and so is one about an access of another campaign."""
    line = line_of(campaign, world, "member")
    verdicts = [Verdict(line.pk, CONFIRMED), Verdict(line.pk, REVOKED, "why"), Verdict(campaign.pk, CONFIRMED)]
    with pytest.raises(Invalid) as refused:
        services.decide(world.user["owner"], campaign, verdicts)
    assert codes(refused) == [("verdicts.1.line", "twice"), ("verdicts.2.line", "unknown")]
    assert access.abilities(world.user["member"], world.project)


def test_what_ends_meanwhile(world: World, campaign: Campaign) -> None:
    """An access that was ended or changed elsewhere waits for nobody any more."""
    owner = world.user["owner"]
    researcher = Membership.objects.get(user=world.user["researcher"])
    change_membership(owner, researcher, list(Role.objects.filter(organisation=None, key="monitor")))
    end_membership(owner, Membership.objects.get(user=world.user["monitor"]))
    settle_all()
    ended = campaign.lines.filter(decision="ended")
    assert {line.person for line in ended} == {world.user["researcher"], world.user["monitor"]}
    assert {line.decided_by for line in ended} == {owner}


def test_a_reviewer_who_leaves(world: World) -> None:
    """What somebody should have judged goes to another when he is no longer a manager."""
    second = manager(world)
    due = timezone.localdate() + timedelta(days=3)
    campaign = services.open_campaign(world.user["owner"], world.project, "Study", due)
    assert line_of(campaign, world, "owner").reviewer == world.user["second"]
    end_membership(world.user["owner"], second)
    assert line_of(campaign, world, "owner").reviewer == world.user["administrator"]


def test_reminders(world: World, campaign: Campaign) -> None:
    """Reviewers are told a week before and urgently on the day, once; then the overseers are told too."""
    day = campaign.due_on
    assert reminders.remind(day - timedelta(days=8)) == 0
    assert [reminders.remind(day - timedelta(days=7)), reminders.remind(day - timedelta(days=7))] == [1, 0]
    assert set(Notice.objects.filter(kind="reviews.reminded").values_list("user__full_name", "details__count")) == {
        ("Camille Le Goff", 4),
        ("Aline Tanguy", 2),
    }
    reminders.remind(day)
    assert Notice.objects.filter(kind="reviews.late", urgent=True).count() == 2
    escalated = Notice.objects.get(kind="reviews.escalated")
    assert (escalated.user, escalated.details["count"]) == (world.user["administrator"], 6)
    assert Event.objects.filter(action="reviews.campaign_escalated").count() == 1


def test_closing_keeps_the_evidence(world: World, campaign: Campaign) -> None:
    """The evidence is an encrypted PDF that names the audit trail's head, and the trail names its SHA-256."""
    sealing.seal()
    services.decide(world.user["owner"], campaign, [Verdict(line_of(campaign, world, "member").pk, CONFIRMED)])
    closed = services.close(world.user["administrator"], campaign)
    assert (closed.head_sequence, closed.evidence) == (Link.objects.count(), None)
    jobs.run_waiting()
    closed.refresh_from_db()
    last = Link.objects.order_by("-sequence").first()
    assert bytes(closed.head_hash or b"") == (bytes(last.hash) if last else bytes(32))
    assert closed.evidence is not None
    assert closed.evidence.project is None
    with files.open(closed.evidence) as file:
        content = file.read()
    assert content.startswith(b"%PDF")
    assert hashlib.sha256(content).hexdigest() == closed.evidence_sha256
    assert Event.objects.get(action="reviews.evidence_kept").details == {"sha256": closed.evidence_sha256}
    assert Event.objects.get(action="reviews.campaign_closed").details == {"undecided": 5}
    with pytest.raises(Conflict):
        services.close(world.user["administrator"], campaign)
    with pytest.raises(Conflict):
        services.decide(world.user["owner"], campaign, [Verdict(line_of(campaign, world, "monitor").pk, CONFIRMED)])


def test_evidence_is_made_again(
    world: World,
    campaign: Campaign,
    client_of: Callable[[str], Client],
    api_of: Callable[[str], APIClient],
) -> None:
    """Where its job has failed, who oversees the campaign asks once more; it names the same link as before."""
    browser, api = client_of("administrator"), api_of("administrator")
    address = f"{API}campaigns/{campaign.pk}/evidence/make/"
    assert api.post(address).status_code == 409  # it is open
    closed = services.close(world.user["administrator"], campaign)
    again = reverse("reviews:make_evidence", args=[campaign.pk])
    assert f'action="{again}"' not in browser.get(campaign.get_absolute_url()).text  # it is being made
    assert api.post(address).status_code == 409
    Job.objects.filter(pk=closed.evidence_job_id).update(state=Job.State.FAILED, ended_at=timezone.now())
    sealing.seal()
    assert f'action="{again}"' in browser.get(campaign.get_absolute_url()).text
    assert client_of("owner").post(again).status_code == 403
    assert browser.post(again).status_code == 302
    jobs.run_waiting()
    made = Campaign.objects.get(pk=campaign.pk)
    assert made.evidence is not None
    assert (made.head, made.closed_at) == (closed.head, closed.closed_at)
    assert Event.objects.filter(action="reviews.evidence_asked").count() == 1
    assert api.post(address).status_code == 409  # it is kept


def test_what_is_refused(world: World) -> None:
    """A campaign has a name and a day to come, and is opened by who oversees what it is about."""
    today = timezone.localdate()
    with pytest.raises(Invalid) as refused:
        services.open_campaign(world.user["administrator"], world.organisation, " ", today)
    assert codes(refused) == [("name", "required"), ("due_on", "past")]
    for who in ("member", "monitor", "administrator"):
        with pytest.raises(access.Refused):
            services.open_campaign(world.user[who], world.project, "Study", today + timedelta(days=9))


def test_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """A program opens a campaign, reads its lines, decides about many at once, closes it and fetches the evidence."""
    owner = api_of("owner")
    due = (timezone.localdate() + timedelta(days=9)).isoformat()
    made = owner.post(API + "campaigns/", {"project": world.project.slug, "name": "Study", "due_on": due})
    assert (made.status_code, made.json()["total"], made.json()["evidence"]) == (201, 5, None)
    address = f"{API}campaigns/{made.json()['id']}/"
    lines = owner.get(API + "lines/", {"campaign": made.json()["id"], "decision": "open"}).json()["results"]
    mine = [line for line in lines if line["reviewer"] == str(world.user["owner"].pk)]
    verdicts = [{"line": line["id"], "decision": "confirmed"} for line in mine[1:]]
    wrong = owner.post(address + "decide/", {"verdicts": [*verdicts, {"line": mine[0]["id"], "decision": "revoked"}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "required")
    verdicts.append({"line": mine[0]["id"], "decision": "revoked", "reason": "no longer here"})
    assert owner.post(address + "decide/", {"verdicts": verdicts}).status_code == 200
    assert owner.get(address + "evidence/").status_code == 409
    assert "no longer here" in owner.get(address + "evidence/", {"form": "csv"}).content.decode()
    assert owner.post(address + "close/").json()["evidence_job"]
    jobs.run_waiting()
    closed = owner.get(address).json()
    pdf = b"".join(owner.get(address + "evidence/").streaming_content)
    assert closed["evidence"]["sha256"] == hashlib.sha256(pdf).hexdigest()
    both = {"project": world.project.slug, "organisation": world.organisation.slug, "name": "x", "due_on": due}
    assert owner.post(API + "campaigns/", both).status_code == 422


def test_in_the_browser(world: World, campaign: Campaign, client_of: Callable[[str], Client]) -> None:
    """A reviewer finds what waits on his home page, confirms one or many, revokes; the overseer closes."""
    owner = client_of("owner")
    assert campaign.get_absolute_url() in owner.get("/").content.decode()
    page = owner.get(campaign.get_absolute_url(), {"whose": "mine", "decision": "open"})
    assert page.context["table"].count == 4
    member = line_of(campaign, world, "member")
    cell = owner.post(f"/reviews/accesses/{member.pk}/confirm/", headers={"HX-Request": "true"})
    assert b'hx-swap-oob="true"' in cell.content
    chosen = [str(line_of(campaign, world, who).pk) for who in ("monitor", "other_site")]
    assert owner.post(f"/reviews/{campaign.pk}/confirm/", {"selected": chosen}).status_code == 303
    researcher = line_of(campaign, world, "researcher")
    address = f"/reviews/accesses/{researcher.pk}/revoke/"
    assert owner.post(address, {"reason": ""}).status_code == 422
    assert owner.post(address, {"reason": "left", "next": "https://elsewhere.example/"}).headers["Location"] == (
        campaign.get_absolute_url()
    )
    assert campaign.lines.open().count() == 2
    assert campaign.get_absolute_url() not in owner.get("/").content.decode()
    administrator = client_of("administrator")
    administrator.post(f"/reviews/{campaign.pk}/close/")
    assert b"<job-progress" in administrator.get(campaign.get_absolute_url()).content
    jobs.run_waiting()
    campaign.refresh_from_db()
    shown = administrator.get(campaign.get_absolute_url()).content.decode()
    assert campaign.evidence_sha256 in shown
    assert campaign.evidence_sha256 not in owner.get(campaign.get_absolute_url()).content.decode()


def test_what_a_reviewer_sees(world: World, campaign: Campaign, client_of: Callable[[str], Client]) -> None:
    """Who judges in one project sees its lines and no other's, and no evidence about them."""
    page = client_of("owner").get(campaign.get_absolute_url())
    assert page.context["table"].count == 5
    assert "Aline Tanguy" not in {line.name for line in page.context["table"].page}
    assert client_of("owner").get(f"/reviews/{campaign.pk}/evidence/csv/").status_code == 403
    assert client_of("administrator").get(campaign.get_absolute_url()).context["table"].count == 6
    members = f"/projects/{world.project.slug}/members/"
    assert f"/projects/{world.project.slug}/reviews/" in client_of("owner").get(members).content.decode()
    assert "/reviews/" not in client_of("monitor").get(members).content.decode().partition("<main")[2]
