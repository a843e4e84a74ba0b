"""Agents are made by a manager, enrolled once by a code, and given a key that only their machine opens."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from backup.engine.agent import holding
from backup.engine.errors import Damaged
from backup.engine.format import cipher, keyfile, layout
from backup.engine.format.keys import Role
from backup.models import Agent, Run
from backup.services import agents, runs
from core.access import Refused
from core.access.models import Membership
from core.api.authentication import is_known
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.rest import limits
from tests.backup.agents.conftest import ROOT, Fleet, Machine
from tests.race import race

ApiOf = Callable[[str], APIClient]
PUBLIC = cipher.public_half(X25519PrivateKey.generate().private_bytes_raw()).hex()


@pytest.fixture(autouse=True)
def fresh_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test guesses from an address of its own."""
    own = limits.Bucket("address", os.urandom(8).hex(), 1200)
    monkeypatch.setattr(limits, "address", lambda: own)


def enrolment(code: str, **more: str) -> dict[str, str]:
    return {"code": code, "host": "ward-3", "program": "suite-backup 1", "seal_to": PUBLIC, **more}


def places(error: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(fault.place, fault.code) for fault in error.value.faults}


@pytest.mark.parametrize("who", ["owner", "member", "monitor", "administrator", "stranger"])
def test_who_makes_agents(fleet: Fleet, who: str) -> None:
    """Only who manages the backups expects an agent; the refusal of others is told when it is caught."""
    actor = fleet.world.user[who]
    if who == "owner":
        made = agents.make_agent(
            actor, fleet.world.project, name="Ward 3", duty="save", repository=fleet.kept.repository
        )
        assert made.agent.state == "expected"
        assert made.code.replace("-", "").isalnum()
        assert made.code not in str(vars(made.agent)), "it is kept nowhere"
        assert Event.objects.filter(action="backup.agent_made", actor_id=actor.pk).count() == 1
    else:
        with pytest.raises(Refused):
            agents.make_agent(actor, fleet.world.project, name="x", duty="save", repository=fleet.kept.repository)


def test_over_rest(fleet: Fleet, api_of: ApiOf) -> None:
    """A manager makes an agent, sees it, has another code made, gives it its key and removes it."""
    api = api_of("owner")
    wanted = {
        "project": fleet.world.project.slug,
        "repository": str(fleet.kept.repository.pk),
        "name": "Ward 3",
        "duty": "save",
    }
    made = api.post(f"{ROOT}/agents/", wanted)
    assert (made.status_code, made["Cache-Control"], made.json()["state"]) == (201, "no-store", "expected")
    address = f"{ROOT}/agents/{made.json()['id']}/"
    again = api.post(f"{address}code/").json()
    assert again["code"] != made.json()["code"]
    assert APIClient().post(f"{ROOT}/agent/enrol/", enrolment(made.json()["code"])).status_code == 422
    private = X25519PrivateKey.generate().private_bytes_raw()
    seal_to = cipher.public_half(private).hex()
    enrolled = APIClient().post(f"{ROOT}/agent/enrol/", enrolment(again["code"], seal_to=seal_to))
    assert (enrolled.status_code, enrolled["Cache-Control"]) == (201, "no-store")
    assert enrolled.json()["repository"]["number"] == fleet.kept.repository.repository_id
    machine = Machine(Agent.objects.get(), enrolled.json()["token"], private)
    assert api.get(address).json()["state"] == "keyless"
    key, sealed = fleet.sealed(machine)
    assert key.badge is not None
    body = {"sealed": b64encode(sealed).decode(), "badge": b64encode(key.badge.raw).decode()}
    assert api_of("monitor").post(f"{address}key/", body).status_code == 403
    assert api_of("stranger").post(f"{address}key/", body).status_code == 404
    assert api.post(f"{address}key/", body).status_code == 204
    assert api.get(address).json()["state"] == "there"
    assert "sealed" not in api.get(address).content.decode(), "people don't see it again"
    assert api.delete(address).status_code == 204
    assert api.get(address).json()["state"] == "removed"
    assert machine.call("get", "state/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_no_header_hides_a_guess(fleet: Fleet) -> None:
    """A code that enrols nobody is recorded; a call that would be undone as a whole learns nothing of a code."""
    client, code = APIClient(), fleet.expected().code
    for headers in ({}, {"Idempotency-Key": "0123456789abcdef"}):
        answer = client.post(f"{ROOT}/agent/enrol/", enrolment("ABCD-ABCD-ABCD-ABCD"), headers=headers)
        assert answer.status_code == 422
    assert Event.objects.filter(action="backup.agent_enrolment_refused").count() == 2
    for each in ("ABCD-ABCD-ABCD-ABCD", code):
        answer = client.post(f"{ROOT}/agent/enrol/", enrolment(each), headers={"If-Match": '"x"'})
        assert answer.status_code == 412


def test_a_code_counts_once_and_for_an_hour(fleet: Fleet) -> None:
    """Who comes second, or late, is told the same as who guesses; hyphens, spaces and small letters don't matter."""
    client = APIClient()
    code = fleet.expected().code
    typed = code.replace("-", " ").lower()
    assert client.post(f"{ROOT}/agent/enrol/", enrolment(typed)).status_code == 201
    answers = [client.post(f"{ROOT}/agent/enrol/", enrolment(code)).json()]
    late = fleet.expected()
    Agent.objects.filter(pk=late.agent.pk).update(code_until=timezone.now() - timedelta(seconds=1))
    answers.append(client.post(f"{ROOT}/agent/enrol/", enrolment(late.code)).json())
    answers.append(client.post(f"{ROOT}/agent/enrol/", enrolment("0000-0000-0000-0000")).json())
    assert {(each["status"], each["errors"][0]["place"], each["errors"][0]["code"]) for each in answers} == {
        (422, "code", "unknown")
    }
    refused = Event.objects.filter(action="backup.agent_enrolment_refused", outcome="refused")
    assert refused.count() == 3


def test_codes_are_not_guessed(fleet: Fleet) -> None:
    """After ten tries in a minute an address waits, also with the right code."""
    client = APIClient()
    for _try in range(10):
        assert client.post(f"{ROOT}/agent/enrol/", enrolment("AAAA-AAAA-AAAA-AAAA")).status_code == 422
    answer = client.post(f"{ROOT}/agent/enrol/", enrolment(fleet.expected().code))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_code_one_is_enrolled(fleet: Fleet) -> None:
    """Two machines that use a code at the same moment don't both get in."""
    code = fleet.expected().code

    def act(host: str) -> None:
        agents.enrol(code, host=host, program="x", seal_to=PUBLIC)

    assert race(act, [("a",), ("b",)], Invalid) == ["done", "refused"]


@pytest.mark.parametrize("seal_to", ["", "00", "zz" * 32, "00" * 32, "01" + "00" * 31, "ff" * 33])
def test_a_key_that_everybody_opens_is_refused(fleet: Fleet, seal_to: str) -> None:
    """A public key of another size, or a point that gives the same secret to all, enrols nobody and costs no code."""
    code = fleet.expected().code
    with pytest.raises(Invalid) as error:
        agents.enrol(code, host="x", program="x", seal_to=seal_to)
    assert ("seal_to", "invalid") in places(error)
    assert agents.enrol(code, host="x", program="x", seal_to=PUBLIC).agent.enrolled_at


def test_a_token_is_told_from_others(fleet: Fleet) -> None:
    """Only the whole token opens anything; a large body is let in for it before it is read."""
    machine = fleet.enrolled()
    assert agents.find(machine.token) == machine.agent
    for wrong in (machine.token[:-1], machine.token + "x", "agent_.", machine.token.replace("agent_", ""), "x" * 300):
        assert agents.find(wrong) is None
    for token, known in ((machine.token, True), (f"{machine.token}x", False)):
        assert is_known(RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})) is known


def test_an_agent_is_nobody(fleet: Fleet, saving: Machine) -> None:
    """Its token opens its own addresses and no page or resource of people."""
    for address in ("/api/v1/projects/", f"{ROOT}/repositories/", f"{ROOT}/agents/", f"{ROOT}/runs/", f"{ROOT}/plans/"):
        assert saving.client.get(address).status_code == 401
    assert APIClient().get(f"{ROOT}/agent/state/").status_code == 401


def test_people_are_no_agents(fleet: Fleet, api_of: ApiOf) -> None:
    """Nobody's session or token opens what is for agents."""
    for path in ("state/", "runs/", "key/", "leave/"):
        method = "get" if path == "state/" else "post"
        assert getattr(api_of("owner"), method)(f"{ROOT}/agent/{path}", {}).status_code == 401


def test_a_key_is_handed_over_sealed(fleet: Fleet) -> None:
    """The badge is let into the repository. What the machine fetches, it alone opens, until it says that it has it."""
    machine = fleet.enrolled()
    key, sealed = fleet.sealed(machine)
    assert key.badge is not None
    agents.deliver_key(fleet.owner, machine.agent, sealed=sealed, badge=key.badge.raw)
    assert fleet.master.badges()[key.key_id].role is Role.WRITER
    state = machine.state()
    fetched = b64decode(state["sealed_key"])
    text = cipher.unseal(layout.AES, machine.private, holding.SEALED, machine.agent.pk.bytes, fetched, "keyfile")
    assert keyfile.load(text.decode()).key_id == key.key_id
    other = fleet.enrolled()
    with pytest.raises(Damaged):
        cipher.unseal(layout.AES, other.private, holding.SEALED, machine.agent.pk.bytes, fetched, "keyfile")
    assert machine.call("post", "key/", {"key_id": "00" * 16}).status_code == 409
    assert machine.call("post", "key/", {"key_id": key.key_id.hex()}).status_code == 204
    assert machine.state()["sealed_key"] == ""
    assert Event.objects.filter(action="backup.agent_key_delivered").count() == 1


def test_a_badge_is_the_master_s_and_fits_the_duty(fleet: Fleet, saving: Machine) -> None:
    """Another signature, another role or somebody else's key is refused with its place."""
    machine = fleet.enrolled("keep")
    cases: list[tuple[bytes, str]] = []
    for role, code in ((Role.WRITER, "role"), (Role.READER, "role"), (Role.VERIFIER, "role")):
        key, sealed = fleet.sealed(machine, role)
        assert key.badge is not None
        cases.append((key.badge.raw, code))
    forged = bytearray(cases[0][0])
    forged[-1] ^= 1
    cases += [(bytes(forged), "unsigned"), (b"", "unsigned"), (b"\xff" * 500, "unsigned")]
    for raw, code in cases:
        with pytest.raises(Invalid) as error:
            agents.deliver_key(fleet.owner, machine.agent, sealed=b"x" * 200, badge=raw)
        assert places(error) == {("badge", code)}
    second = fleet.enrolled("save")
    assert saving.key is not None
    assert saving.key.badge is not None
    with pytest.raises(Invalid) as error:
        agents.deliver_key(fleet.owner, second.agent, sealed=b"x" * 200, badge=saving.key.badge.raw)
    assert places(error) == {("badge", "taken")}
    key, _sealed = fleet.sealed(second)
    assert key.badge is not None
    for sealed in (b"", b"x" * 48, b"x" * (64 * 1024 + 1)):
        with pytest.raises(Invalid):
            agents.deliver_key(fleet.owner, second.agent, sealed=sealed, badge=key.badge.raw)
    with pytest.raises(Conflict):
        agents.deliver_key(fleet.owner, fleet.expected().agent, sealed=b"x" * 200, badge=key.badge.raw)


def test_a_key_made_on_the_machine(fleet: Fleet) -> None:
    """An agent brings the badge of a key that it holds, and shows that it holds it; who only read the badge doesn't."""
    machine, thief = fleet.enrolled(), fleet.enrolled()
    key, _sealed = fleet.sealed(machine)
    assert key.badge is not None
    proof = key.holder.sign(holding.words(machine.agent.pk.bytes))
    body = {"badge": b64encode(key.badge.raw).decode(), "proof": b64encode(proof).decode()}
    assert thief.call("post", "key/", body).status_code == 422, "a proof is for one agent"
    assert thief.call("post", "key/", {"badge": body["badge"]}).status_code == 422
    assert key.key_id not in fleet.master.badges(), "and nothing is let in by who doesn't hold it"
    assert machine.call("post", "key/", body).status_code == 204
    machine.agent.refresh_from_db()
    assert (machine.agent.state, machine.agent.key_id) == ("there", key.key_id.hex())


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_key_one_gets_it(fleet: Fleet) -> None:
    """Two agents that are given the same key at the same moment don't both work with it."""
    machines = [fleet.enrolled(), fleet.enrolled()]
    key, _sealed = fleet.sealed(machines[0])
    assert key.badge is not None
    raw = key.badge.raw

    def act(machine: Machine) -> None:
        agents.deliver_key(fleet.owner, machine.agent, sealed=b"x" * 200, badge=raw)

    assert race(act, [(each,) for each in machines], Invalid) == ["done", "refused"]


def test_removing_an_agent_stops_it_at_once(fleet: Fleet, saving: Machine) -> None:
    """Its token is dead, its runs have stopped, its plans have ended; what it saved stays, and its name is free."""
    plan = fleet.plan(saving)
    run = runs.begin(saving.agent, plan_id=plan.pk, run_id=uuid4())
    name, raw = saving.snapshot()
    saving.put(name, raw)
    agents.remove_agent(fleet.owner, saving.agent)
    assert saving.call("get", "state/").status_code == 401
    assert saving.get("config/00000001").status_code == 401
    run.refresh_from_db()
    plan.refresh_from_db()
    assert (run.state, run.is_live, plan.ended_at is not None) == (Run.State.STOPPED, False, True)
    assert (fleet.kept.repository.path / name).read_bytes() == raw
    with pytest.raises(Conflict):
        agents.remove_agent(fleet.owner, saving.agent)
    assert fleet.expected(name=saving.agent.name).agent.pk != saving.agent.pk
    for who in ("member", "monitor", "administrator", "stranger"):
        with pytest.raises(Refused):
            agents.remove_agent(fleet.world.user[who], fleet.ready().agent)


def test_an_agent_outlives_its_maker(fleet: Fleet, saving: Machine) -> None:
    """Who made it leaves the project; the machine goes on saving."""
    fleet.plan(saving)
    Membership.objects.filter(user=fleet.owner).delete()
    assert len(saving.state()["plans"]) == 1
    assert saving.put(*saving.snapshot()).status_code == 201


def test_an_agent_leaves(fleet: Fleet, saving: Machine) -> None:
    """A machine gives its token back; its plan stays to be seen, and nobody runs it."""
    plan = fleet.plan(saving)
    assert saving.call("post", "leave/").status_code == 204
    assert saving.call("post", "leave/").status_code == 401
    plan.refresh_from_db()
    assert plan.ended_at is None
    with pytest.raises(Conflict):
        runs.ask_run(fleet.owner, plan)


def test_a_code_is_renewed_before_and_not_after(fleet: Fleet) -> None:
    """An agent that never came gets another code; one that is enrolled is removed and made anew."""
    expected = fleet.expected()
    again = agents.renew_code(fleet.owner, expected.agent)
    with pytest.raises(Invalid):
        agents.enrol(expected.code, host="x", program="x", seal_to=PUBLIC)
    made = agents.enrol(again.code, host="x", program="x", seal_to=PUBLIC)
    with pytest.raises(Conflict):
        agents.renew_code(fleet.owner, made.agent)
    with pytest.raises(Refused):
        agents.renew_code(fleet.world.user["monitor"], fleet.expected().agent)
