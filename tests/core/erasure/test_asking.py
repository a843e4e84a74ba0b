"""An erasure is asked for by one and confirmed by another, by pages and over REST."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import RequestFactory

from core import access, jobs
from core.audit.models import Event
from core.erasure import certificates, services
from core.erasure.models import Erasure
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.notices.models import Notice
from tests.core.erasure.test_erasure import asked, over


def test_somebody_else_confirms(world):
    """Who asked doesn't confirm; until its time both may withdraw it, and then it can be asked for again."""
    owner, administrator = world.user["owner"], world.user["administrator"]
    erasure = asked(world)
    with pytest.raises(Conflict):
        services.confirm(owner, erasure)
    with pytest.raises(Conflict):
        asked(world)
    for who in ("member", "stranger"):
        with pytest.raises(access.Refused):
            services.confirm(world.user[who], erasure)
    confirmed = services.confirm(administrator, erasure)
    assert confirmed.due_at - confirmed.confirmed_at == timedelta(days=7)
    services.start_due()
    assert not Job.objects.filter(task=services.TASK).exists()
    services.withdraw(owner, erasure)
    with pytest.raises(Conflict):
        services.confirm(administrator, erasure)
    again = services.confirm(administrator, asked(world))
    over(again)
    with pytest.raises(Conflict):
        services.withdraw(owner, again)
    kinds = set(Notice.objects.filter(kind__startswith="erasure.").values_list("kind", flat=True))
    assert kinds == {"erasure.asked", "erasure.confirmed", "erasure.withdrawn"}


def test_the_name_is_typed(world):
    """Without a reason, or with another name, nothing is asked, and both are said."""
    with pytest.raises(Invalid) as refused:
        services.ask_for_project(world.user["owner"], world.project, " ", "etude")
    assert [fault.place for fault in refused.value.faults] == ["reason", "confirmation"]
    assert not Erasure.objects.exists()


def freshly(client, user):
    """He has just said who he is."""
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    record_authentication(request, user, "password", reauthenticated=True)
    request.session.save()
    return client


def test_the_whole_way_by_pages(client_of, world):
    """Asked for on the project's page, confirmed on the erasure's, done, and its certificate taken in both forms."""
    owner, administrator = client_of("owner"), client_of("administrator")
    address = f"/projects/{world.project.slug}/erasure/"
    values = {"reason": "Fin de l’étude", "confirmation": world.project.slug}
    assert "reauthenticate" in owner.post(address, values)["Location"]
    assert not Erasure.objects.exists()
    freshly(owner, world.user["owner"])
    assert owner.post(address, {**values, "confirmation": "x"}).status_code == 422
    page = owner.post(address, values)["Location"]
    assert "confirm-erasure" not in owner.get(page).content.decode()
    assert "confirm-erasure" in administrator.get(page).content.decode()
    assert "reauthenticate" in administrator.post(f"{page}confirm")["Location"]
    freshly(administrator, world.user["administrator"])
    administrator.post(f"{page}confirm")
    over(Erasure.objects.get())
    jobs.run_waiting()
    assert world.project.name in administrator.get("/instance/erasures/?state=done").content.decode()
    assert "Clés détruites" in owner.get(page).content.decode()
    assert owner.get(f"{page}certificate.pdf").content.startswith(b"%PDF")
    assert owner.get(f"{page}certificate.json").json()["certificate"]["files"] == 0
    assert owner.get(f"{page}certificate.txt").status_code == 404
    assert Event.objects.filter(action="erasure.certificate_read").count() == 2


def test_programs_ask_in_person(api_of, world):
    """Over REST the same: fresh, a second person, a certificate at the end."""
    owner, administrator = api_of("owner"), api_of("administrator")
    new = {"project": world.project.slug, "reason": "Fin", "confirmation": world.project.slug}
    assert owner.post("/api/v1/erasures/", new).data["type"].endswith("reauthenticate")
    freshly(owner, world.user["owner"])
    made = owner.post("/api/v1/erasures/", new)
    assert (made.status_code, made.data["state"]) == (201, "asked")
    address = f"/api/v1/erasures/{made.data['id']}/"
    assert owner.post(f"{address}confirm/").status_code == 409
    freshly(administrator, world.user["administrator"])
    assert administrator.post(f"{address}confirm/").data["state"] == "waiting"
    assert owner.get(f"{address}certificate/").status_code == 404
    over(Erasure.objects.get())
    jobs.run_waiting()
    assert certificates.verify(json.dumps(owner.get(f"{address}certificate/").data).encode())
    assert api_of("stranger").get(address).status_code == 404


def test_a_person_over_rest(api_of, world):
    """Administrators ask for a person's erasure by REST too; to others that person is unknown; never both at once."""
    person, administrator = world.user["researcher"], api_of("administrator")
    new = {"person": str(person.pk), "reason": "Article 17", "confirmation": person.email}
    freshly(administrator, world.user["administrator"])
    both = administrator.post("/api/v1/erasures/", new | {"project": world.project.slug})
    neither = administrator.post("/api/v1/erasures/", {"reason": "Article 17", "confirmation": person.email})
    assert {answer.status_code for answer in (both, neither)} == {422}
    made = administrator.post("/api/v1/erasures/", new)
    assert made.status_code == 201
    assert (made.data["person"], made.data["project"], made.data["state"]) == (person.pk, None, "asked")
    owner = api_of("owner")
    freshly(owner, world.user["owner"])
    assert owner.post("/api/v1/erasures/", new).data["errors"][0]["place"] == "person"
    assert owner.get(f"/api/v1/erasures/{made.data['id']}/").status_code == 404
