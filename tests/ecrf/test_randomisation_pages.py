"""The pages of the randomisation: who sees what, what is refused in words, and that nothing tells what comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.access.models import Organisation
from core.audit.models import Event
from ecrf import permissions
from ecrf.models import Allocation, Scheme, Slot, Unblinding
from ecrf.services import randomisation
from tests.ecrf.conftest import Study
from tests.ecrf.trial import draft, granted, opened, person, randomised, ready
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
ASKED = {
    "name": "Essai",
    "method": "blocks",
    "code_0": "A",
    "label_0": "Standard",
    "ratio_0": "1",
    "code_1": "B",
    "label_1": "Nouveau",
    "ratio_1": "1",
    "strata": ["sex"],
    "by_site": "on",
    "sizes": "4, 6",
    "length": "12",
}


def url(study: Study, name: str, *arguments: Any) -> str:
    return reverse(f"ecrf:{name}", args=[study.world.project.slug, *arguments])


def test_from_nothing_to_an_arm(study: Study, client_of: ClientOf, confirm: Callable[[Client], Client]) -> None:
    """A scheme is written, its table drawn, opened; a subject is randomised; the arm is on his page and in the log."""
    client = client_of("owner")
    answer = client.post(url(study, "new_scheme", study.form.key), ASKED)
    scheme = Scheme.objects.get()
    assert (answer.status_code, answer.url) == (303, scheme.get_absolute_url())
    client.post(url(study, "make_table", scheme.pk))
    client.post(url(study, "open_scheme", scheme.pk))
    subject = ready(study.world, study.form)
    member = client_of("member")
    address = url(study, "randomise", subject.pk, scheme.pk)
    assert "Femme" in member.get(address).content.decode()
    assert member.post(address).status_code == 303
    arm = scheme.labels[Allocation.objects.select_related("scheme").get().arm]
    for page in (subject.get_absolute_url(), scheme.get_absolute_url()):
        assert arm in member.get(page).content.decode()
    told = [event.action for event in Event.objects.filter(action__startswith="ecrf").order_by("pk")]
    assert told[-4:] == ["ecrf.scheme_opened", "ecrf.subject_included", "ecrf.entry_saved", "ecrf.subject_randomised"]


def test_what_is_wrong_is_said_at_its_field(study: Study, client_of: ClientOf) -> None:
    """A scheme that can't work comes back with each fault at its field, and what was typed."""
    wrong = {**ASKED, "sizes": "5", "eligibility": "[nobody] = 1", "ratio_1": "0"}
    answer = client_of("owner").post(url(study, "new_scheme", study.form.key), wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"ratio_1"}
    wrong["ratio_1"] = "1"
    answer = client_of("owner").post(url(study, "new_scheme", study.form.key), wrong)
    assert set(answer.context["form"].errors) >= {"sizes", "eligibility"}
    assert "nobody" in answer.content.decode()
    assert not Scheme.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "4 ="),
        ({"method": "minimisation", "measure": "range", "probability": "0.8"}, "example-arm"),
        ({"method": "minimisation", "measure": "guess"}, "guess"),
        ({"length": "none"}, "<li>"),
        ({"method": "uploaded"}, "Sexe (2)"),
        ({"sizes": "5"}, "5"),
        ({"sizes": "many"}, "4, 6"),
        ({"weights": "sex is 2", "method": "minimisation"}, "sex = 2"),
        ({"label_0": "", "code_0": ""}, "8"),
    ],
)
def test_the_preview(study: Study, client_of: ClientOf, changed: dict[str, str], words: str) -> None:
    """What a scheme would mean, or still lacks, is told while it is written; nothing is kept."""
    answer = client_of("owner").post(url(study, "preview_scheme", study.form.key), {**ASKED, **changed})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Scheme.objects.exists()


def test_a_bad_table_in_the_browser(study: Study, client_of: ClientOf) -> None:
    """The wrong cells of an uploaded table are listed by row and column; who enters data can't upload at all."""
    scheme = draft(study.world, study.form, method="uploaded", by_site=False)
    address = url(study, "upload_table", scheme.pk)
    assert client_of("owner").get(address).status_code == 403
    client = Client()
    client.force_login(person(study.world, "controller"))
    assert client.get(address).status_code == 200
    bad = SimpleUploadedFile("t.csv", b"arm,sex\nA,1\nC,1\n")
    answer = client.post(address, {"table": bad})
    assert answer.status_code == 422
    assert answer.context["rows"][0]["row"] == 3
    good = SimpleUploadedFile("t.csv", b"arm,sex\nA,1\nB,1\nA,2\nB,2\n")
    assert client.post(address, {"table": good}).status_code == 303
    assert Slot.objects.count() == 4


def test_reading_the_table(study: Study, client_of: ClientOf, confirm: Callable[[Client], Client]) -> None:
    """The statistician reads the table once he has said who he is; the manager, who enters data, never."""
    scheme = opened(study.world, study.form)
    address = url(study, "table", scheme.pk)
    assert confirm(client_of("owner")).get(address).status_code == 403
    client = Client()
    client.force_login(person(study.world, "controller"))
    assert client.get(address).status_code == 302
    answer = confirm(client).get(address)
    assert answer.content.decode().splitlines()[0] == "arm,kit,sex,site"
    assert Event.objects.filter(action="ecrf.table_read").count() == 1


@pytest.mark.parametrize("who", ["owner", "member", "monitor"])
def test_nothing_tells_what_comes(study: Study, client_of: ClientOf, who: str) -> None:
    """No page of a blinded trial holds an arm of a subject, a coming kit number or the seed, for anybody."""
    scheme = opened(study.world, study.form, blinded=True)
    allocation = randomised(study.world, scheme)
    pages = [scheme.get_absolute_url(), allocation.subject.get_absolute_url(), url(study, "schemes")]
    text = "".join(client_of(who).get(page).content.decode() for page in pages)
    coming = Slot.objects.filter(allocation=None).values_list("kit", flat=True)
    assert allocation.kit in text
    assert not [kit for kit in coming if kit in text]
    assert str(Scheme.objects.get().seed) not in text
    side = client_of(who).get(scheme.get_absolute_url()).context
    assert all(line["arm"] == "" for line in side["allocations"])
    assert side["lines"] == []


def test_unblinding_in_the_browser(study: Study, client_of: ClientOf, confirm: Callable[[Client], Client]) -> None:
    """One is asked who one is, then a reason is taken, and the arm shown; each later look is in the journal."""
    scheme = opened(study.world, study.form, blinded=True)
    allocation = randomised(study.world, scheme)
    Authenticator.objects.filter(user=study.world.user["member"]).delete()
    Organisation.objects.update(requires_second_factor=False)
    address = url(study, "unblind", allocation.subject.pk, allocation.pk)
    sent = {"kind": "emergency", "reason": "Réaction grave, antidote"}
    client = client_of("member")
    label = scheme.labels[Allocation.objects.select_related("scheme").get().arm]
    assert label not in client.get(address).content.decode()
    asked = client.post(address, sent)
    assert asked.url.startswith("/accounts/")
    assert not Unblinding.objects.exists()
    confirm(client)
    assert client.post(address, {**sent, "reason": "no"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert label in client.get(address).content.decode()
    assert Event.objects.filter(action="ecrf.arm_read").count() == 1
    assert label not in client_of("owner").get(address).content.decode()
    assert client_of("monitor").get(address).status_code == 403
    assert "Réaction grave" in client_of("owner").get(scheme.get_absolute_url()).content.decode()


def test_the_second_factor_is_asked(study: Study, client_of: ClientOf, confirm: Callable[[Client], Client]) -> None:
    """Who has a second factor shows it, a password is not enough."""
    allocation = randomised(study.world, opened(study.world, study.form, blinded=True))
    address = url(study, "unblind", allocation.subject.pk, allocation.pk)
    client, sent = confirm(client_of("member")), {"kind": "emergency", "reason": "Réaction grave"}
    assert "2fa" in client.post(address, sent).url
    assert not Unblinding.objects.exists()
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()
    assert client.post(address, sent).url == address
    assert Unblinding.objects.get().by == study.world.user["member"]


def test_a_pharmacist_sees_the_arms(study: Study, client_of: ClientOf) -> None:
    """Who was given the permission sees the counts by arm and each arm, and leaves a trace."""
    allocation = randomised(study.world, opened(study.world, study.form, blinded=True))
    pharmacist = person(study.world, "controller", "pharmacist@demo.example")
    granted(study.world, pharmacist, permissions.READ, permissions.SEE_ALLOCATIONS)
    client = Client()
    client.force_login(pharmacist)
    assert client.get(allocation.scheme.get_absolute_url()).context["lines"]
    page = client.get(url(study, "unblind", allocation.subject.pk, allocation.pk)).content.decode()
    assert allocation.scheme.labels[allocation.arm] in page
    assert Event.objects.filter(action="ecrf.arm_read", actor_id=pharmacist.pk).exists()


def test_refusals_are_said_in_words(study: Study, client_of: ClientOf) -> None:
    """What keeps a subject from being randomised is listed on his page of it, before and after one tries."""
    scheme = opened(study.world, study.form)
    address = url(study, "randomise", study.subject.pk, scheme.pk)
    client = client_of("member")
    assert len(client.get(address).context["basis"].faults) == 2
    assert client.post(address).status_code == 422
    randomisation.close_scheme(study.world.user["owner"], scheme)
    assert client.post(address).status_code == 422
    assert not Allocation.objects.exists()


def test_drafts_are_for_managers(study: Study, client_of: ClientOf) -> None:
    """A draft is seen by who manages the randomisation; a trial run of it keeps nothing."""
    scheme = draft(study.world, study.form)
    assert client_of("member").get(scheme.get_absolute_url()).status_code == 404
    page = client_of("owner").get(f"{scheme.get_absolute_url()}?try=1")
    assert len(page.context["trial"]) == 12
    assert not Slot.objects.exists()
    assert not Allocation.objects.exists()


def test_closing_and_making_longer_in_the_browser(study: Study, client_of: ClientOf) -> None:
    """The manager makes the lists longer, closes with a reason, opens again, and is told what isn't possible."""
    client, scheme = client_of("owner"), opened(study.world, study.form)
    before = Slot.objects.count()
    client.post(url(study, "extend_table", scheme.pk), {"length": "30"})
    assert Slot.objects.count() >= before + 4 * 12
    for wrong in ("", "5", "x", "9" * 30):
        client.post(url(study, "extend_table", scheme.pk), {"length": wrong})
    client.post(url(study, "close_scheme", scheme.pk), {"reason": "Analyse intermédiaire"})
    assert Event.objects.get(action="ecrf.scheme_closed").reason == "Analyse intermédiaire"
    answer = client.post(url(study, "close_scheme", scheme.pk), follow=True)
    assert answer.status_code == 200
    client.post(url(study, "reopen_scheme", scheme.pk))
    assert Scheme.objects.get().status == "open"


def test_a_hostile_name_is_text(study: Study, client_of: ClientOf) -> None:
    """Markup in a name or a label stays text wherever it is shown."""
    hostile = '<script>alert("x")</script>'
    sent = {**ASKED, "name": hostile, "label_0": hostile}
    client_of("owner").post(url(study, "new_scheme", study.form.key), sent)
    scheme = Scheme.objects.get()
    for page in (scheme.get_absolute_url(), url(study, "schemes")):
        assert hostile not in client_of("owner").get(page).content.decode()


def test_query_counts_are_constant(study: Study, client_of: ClientOf) -> None:
    """More schemes, strata and subjects cost no more queries."""
    scheme = opened(study.world, study.form)
    randomised(study.world, scheme)
    client, pages = client_of("owner"), [scheme.get_absolute_url(), url(study, "schemes")]
    few = [queries_of(client, page) for page in pages]
    for number in range(4):
        randomised(study.world, scheme, sex=str(1 + number % 2))
    opened(study.world, study.form, name="Autre")
    assert [queries_of(client, page) for page in pages] == few
