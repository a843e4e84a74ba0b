"""The pages of agents in a real browser: nothing for axe to find, nothing too wide, a key made and delivered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from backup.engine.agent import holding
from backup.engine.format import cipher, keyfile, keys, layout
from backup.engine.format.keys import Key
from backup.engine.stores.local import LocalStore
from backup.models import Agent, Run
from backup.services import runs
from backup.services.runs import Line, Outcome, Report
from tests.backup import portal
from tests.backup.agents.conftest import Fleet, Machine
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

BEING_DONE = {"files": 12_480, "bytes": 4_210_000_000, "total": 9_000_000_000, "added": 81_000_000}


def shelf(site: Site, folder: Path) -> dict[str, str]:  # noqa: F811
    """Agents in every state, runs that go on and that ended, and the address of each page."""
    fleet = Fleet(portal.keep(site.world, folder))
    saving = fleet.ready(name="pharmacie-3.chu-sud.example")
    keyless = fleet.enrolled("check", name="Vérification")
    expected = fleet.expected("keep", name="Rétention").agent
    plan = fleet.plan(saving, source="pharmacie", paths=["/srv/data", "/home"])
    done = runs.begin(saving.agent, plan_id=plan.pk, run_id=uuid4())
    now = timezone.now()
    said = [Line(number, now, "info", f"/srv/data/dossier {number} is read") for number in range(1, 30)]
    unread = Line(30, now, "error", "/srv/data/lock: permission denied")
    told = Report(1, **BEING_DONE, unread=1, doing="/srv/data/lock", lines=[*said, unread])
    runs.end(saving.agent, done.pk, told, Outcome(state="failed", error="the store doesn't answer"))
    going = runs.begin(saving.agent, plan_id=plan.pk, run_id=uuid4())
    runs.report(saving.agent, going.pk, Report(1, **BEING_DONE, doing="/srv/data/radiologie/2026/11", lines=said))

    def page(name: str, *arguments: object) -> str:
        return reverse(f"backup:{name}", args=[fleet.world.project.slug, *arguments])

    return {
        "agents": page("agents"),
        "new": page("agent-create"),
        "there": page("agent", saving.agent.pk),
        "keyless": page("agent", keyless.agent.pk),
        "expected": page("agent", expected.pk),
        "plan-form": page("agent-plan", saving.agent.pk),
        "plan": plan.get_absolute_url(),
        "runs": page("runs"),
        "run-going": page("run", going.pk),
        "run-failed": page("run", done.pk),
    }


@pytest.mark.e2e
def test_pages_are_accessible(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """Each page is clean for axe and as narrow as its screen, in both languages and themes, wide and on a phone."""
    settings.BACKUP_FOLDERS = [tmp_path]
    pages = apart(lambda: shelf(site, tmp_path))
    assert complaints(site, pages, "agents") == []


@pytest.mark.e2e
def test_a_code_is_shown_once(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """The code stands in the answer to the form, with the command to copy, and on no page after it."""
    settings.BACKUP_FOLDERS = [tmp_path]
    apart(lambda: portal.keep(site.world, tmp_path))
    page = site.open(reverse("backup:agent-create", args=[site.world.project.slug]), "owner", "fr", "light", 390)
    page.get_by_label("Nom").fill("Réception")
    page.get_by_role("button", name="Afficher le code").click()
    code = page.locator("#enrol-command").inner_text().split()[-1]
    photograph(page, "agents-code-390")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    photograph(page, "agents-code-1440")
    page.goto(site.address + apart(lambda: Agent.objects.get().get_absolute_url()))
    expect(page.get_by_text(code)).to_have_count(0)


@pytest.mark.e2e
def test_a_key_is_made_here_and_delivered(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """From the file of the master key the browser makes the agent's, which only the agent's machine opens."""
    settings.BACKUP_FOLDERS = [tmp_path]

    def make() -> tuple[Fleet, Machine, Key]:
        fleet = Fleet(portal.keep(site.world, tmp_path, passphrase="une phrase de passe"))
        master = keyfile.load(fleet.kept.keyfile, "une phrase de passe")
        return fleet, fleet.enrolled(name="Réception"), master

    fleet, machine, master = apart(make)
    reader = keyfile.dump(keys.derive(master, keys.Role.READER, label="me", created=1))
    agent = machine.agent
    address = reverse("backup:agent", args=[site.world.project.slug, agent.pk])
    page = site.open(address, "owner", "fr", "light", 390)
    sent: list[bytes | None] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer))
    expect(page.get_by_text(holding.mark(bytes.fromhex(agent.seal_to)))).to_be_visible()
    file, phrase = page.get_by_label("Fichier de la clé maîtresse"), page.get_by_label("Sa phrase secrète")
    button, line = page.get_by_role("button", name="Fabriquer sa clé"), page.locator("agent-key [role=status]")
    for text, passphrase, told in (
        ("Bonjour", "", "Ce n’est pas un fichier de clé"),
        (fleet.kept.keyfile, "", "a une phrase secrète"),
        (fleet.kept.keyfile, "une autre", "a une phrase secrète"),
        (reader, "", "pas la clé maîtresse"),
    ):
        file.set_input_files({"name": "key.txt", "mimeType": "text/plain", "buffer": text.encode()})
        phrase.fill(passphrase)
        button.click()
        expect(line).to_contain_text(told)
    photograph(page, "agents-key-refused-390")
    assert_accessible(page)
    file.set_input_files({"name": "key.txt", "mimeType": "text/plain", "buffer": fleet.kept.keyfile.encode()})
    phrase.fill("une phrase de passe")
    button.click()
    expect(page.get_by_text("La clé est en route")).to_be_visible()
    photograph(page, "agents-key-delivered-390")
    secrets = (b"une phrase de passe", fleet.kept.keyfile.encode()[200:260], reader.encode()[200:260])
    assert not [body for body in sent for secret in secrets if body and secret in body]
    apart(agent.refresh_from_db)
    text = cipher.unseal(
        layout.AES, machine.private, holding.SEALED, agent.pk.bytes, bytes(agent.sealed_key), "keyfile"
    ).decode()
    key = keyfile.load(text)
    assert (key.role, key.key_id.hex(), key.master) == (keys.Role.WRITER, agent.key_id, master.master)
    assert LocalStore(fleet.kept.repository.path).read(layout.badge_name(key.key_id))


@pytest.mark.e2e
def test_a_run_is_followed_live(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """What the agent says appears without a click; how it ended too."""
    settings.BACKUP_FOLDERS = [tmp_path]

    def make() -> tuple[Machine, Run]:
        fleet = Fleet(portal.keep(site.world, tmp_path))
        machine = fleet.ready(name="Réception")
        return machine, runs.begin(machine.agent, plan_id=fleet.plan(machine).pk, run_id=uuid4())

    machine, run = apart(make)
    page = site.open(reverse("backup:run", args=[site.world.project.slug, run.pk]), "owner", "fr")
    line = Line(1, timezone.now(), "warning", "/srv/data/verrou: permission refusée")
    apart(lambda: runs.report(machine.agent, run.pk, Report(1, **BEING_DONE, doing="/srv/data", lines=[line])))
    expect(page.get_by_text("permission refusée")).to_be_visible(timeout=8000)
    expect(page.get_by_text("/srv/data", exact=True)).to_be_visible()
    page.get_by_role("button", name="Arrêter l’exécution").click()
    expect(page.get_by_text("Arrêt en cours…", exact=True)).to_be_visible()
    told = Report(2, **BEING_DONE)
    apart(lambda: runs.end(machine.agent, run.pk, told, Outcome(state="stopped")))
    expect(page.get_by_text("Interrompue").first).to_be_visible(timeout=8000)
    assert_accessible(page)
