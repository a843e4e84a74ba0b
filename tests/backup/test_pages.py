"""The pages of the backups, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from backup.models import Plan, Repository
from backup.queries import search
from backup.web.forms import rhythm_words
from core.access.demo import World
from core.jobs import execution
from tests.backup.founding import found
from tests.backup.portal import Kept

ClientOf = Callable[[str], Client]


def url(kept_or_world: object, name: str, *arguments: object) -> str:
    world = getattr(kept_or_world, "world", kept_or_world)
    return reverse(f"backup:{name}", args=[world.project.slug, *arguments])  # type: ignore[attr-defined]


def test_the_whole_way(world: World, client_of: ClientOf, settings: Settings, tmp_path: Path) -> None:
    """A controller whose browser has founded a repository confirms its key, plans and runs; what is saved is whole."""
    settings.BACKUP_FOLDERS = [tmp_path]
    from tests.backup import portal

    portal.fill(world)
    client = client_of("owner")
    made = found(world.user["owner"], world.project, folder=str(tmp_path), passphrase="douze lettres")
    repository, keyfile = made.repository, made.keyfile
    control = re.search(r"^Control: (.*)$", keyfile, re.MULTILINE)
    assert control is not None
    wrong = client.post(url(world, "repository-confirm", repository.pk), {"code": "1234-5678"})
    assert wrong.status_code == 422
    client.post(url(world, "repository-confirm", repository.pk), {"code": control[1]})
    plan_form = {
        "name": "Nuit",
        "repository": str(repository.pk),
        "saves_datasets": "on",
        "rhythm": "daily",
        "at": "03:15",
    }
    assert client.post(url(world, "plan-create"), plan_form).status_code == 303
    plan = Plan.objects.get()
    assert (plan.every, plan.datasets, plan.files) == ("daily 03:15", True, False)
    assert client.post(url(world, "plan-run", plan.pk)).status_code == 303
    assert execution.run_waiting() == 1
    snapshot = plan.snapshots.get()
    assert client.get(snapshot.get_absolute_url()).status_code == 200
    saved = Kept(world, repository, keyfile, plan, "douze lettres").contents(snapshot)
    assert [path for path in saved if path.endswith(".parquet")] == [
        "datasets/inclusions/v1.parquet",
        "datasets/inclusions/v2.parquet",
    ]


def test_the_server_is_asked_for_no_secret(kept: Kept, client_of: ClientOf) -> None:
    """The page where a key is made has no field for it that is sent, takes nothing, and knows nothing of any key."""
    client = client_of("owner")
    page = client.get(url(kept, "repository-create")).content.decode()
    ceremony = page[page.index("<key-ceremony") : page.index("</key-ceremony")]
    named = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', ceremony))
    assert named == {"name", "folder", "saves_here", "quota", "isolated"}
    assert client.post(url(kept, "repository-create"), {"name": "Deux"}).status_code == 405
    found(kept.world.user["owner"], kept.world.project, name="Deux")
    repository = Repository.objects.get(name="Deux")
    for address in (url(kept, "home"), repository.get_absolute_url(), url(kept, "repository-key", repository.pk)):
        text = client.get(address).content.decode()
        assert "BEGIN SUITE BACKUP KEY" not in text
        assert repository.control_code not in text


def test_a_repository_is_changed(kept: Kept, client_of: ClientOf) -> None:
    """The form shows the quota in GB to the byte and refuses what is wrong; the page shows how much is used."""
    client, address = client_of("owner"), url(kept, "repository-change", kept.repository.pk)
    Repository.objects.update(quota=2_147_483_648, used=1_900_000_000)
    assert 'value="2.147483648"' in client.get(address).content.decode()
    page = client.get(kept.repository.get_absolute_url()).content.decode()
    assert re.search(r'<meter[^>]* max="2147483648" value="1900000000"', page)
    assert client.post(address, {"name": "Coffre", "quota": "2.147483648"}).status_code == 303
    assert Repository.objects.get().quota == 2_147_483_648
    refused = client.post(address, {"name": "", "quota": "-1"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"name", "quota"})
    client.post(address, {"name": "Coffre", "quota": ""})
    assert Repository.objects.get().quota is None


def test_only_what_the_server_may_save_into_is_offered(kept: Kept, client_of: ClientOf) -> None:
    """A repository for agents alone isn't offered to a plan of the server, and its page has no button for one."""
    made = found(kept.world.user["owner"], kept.world.project, name="Agents", confirmed=True, saves=False)
    form = client_of("owner").get(url(kept, "plan-create")).context["form"]
    assert list(form.fields["repository"].queryset) == [kept.repository]
    page = client_of("owner").get(made.repository.get_absolute_url()).content.decode()
    assert url(kept, "plan-create") not in page


def test_refused_forms_keep_what_was_typed(kept: Kept, client_of: ClientOf) -> None:
    """A refused form answers 422, names the fault at its field and loses nothing."""
    client = client_of("owner")
    nothing = {"name": "Rien", "repository": str(kept.repository.pk), "rhythm": "daily", "at": "03:15"}
    answer = client.post(url(kept, "plan-create"), nothing)
    assert answer.status_code == 422
    assert "Rien" in answer.content.decode()


def test_buttons_follow_rights(kept: Kept, client_of: ClientOf) -> None:
    """The monitor sees the state and no button that would be refused."""
    snapshot = kept.save()
    for who, may_run, may_restore in (("owner", True, True), ("administrator", True, False), ("monitor", False, False)):
        home = client_of(who).get(url(kept, "home")).content.decode()
        assert (url(kept, "plan-run", kept.plan.pk) in home) is may_run
        assert (url(kept, "plan-create") in home) is (who == "owner")
        page = client_of(who).get(snapshot.get_absolute_url()).content.decode()
        assert (url(kept, "snapshot-files", snapshot.pk) in page) is may_restore


def test_no_health_data_in_titles(kept: Kept, client_of: ClientOf) -> None:
    """Names that people give stay out of the titles of pages, which end in histories."""
    snapshot = kept.save()
    client = client_of("owner")
    for page in (kept.plan, kept.repository, snapshot):
        title = re.search(r"<title>(.*?)</title>", client.get(page.get_absolute_url()).content.decode(), re.DOTALL)
        assert title is not None
        assert kept.plan.name not in title[1]
        assert kept.repository.name not in title[1]


@pytest.mark.parametrize("name", ["home", "plan"])
def test_constant_queries(
    kept: Kept, client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    """A page asks the database as often for twenty backups and plans as for one."""
    arguments = [kept.plan.pk] if name == "plan" else []
    client = client_of("owner")
    client.get(url(kept, name, *arguments))
    kept.save()
    with django_assert_max_num_queries(60) as few:
        client.get(url(kept, name, *arguments))
    many = kept.plan.snapshots.get()
    for number in range(2, 22):
        many.pk, many._state.adding = None, True
        many.sequence, many.snapshot_id = number, f"{number:064x}"
        many.id = __import__("uuid").uuid4()
        many.save(force_insert=True)
    for number in range(5):
        Plan.objects.create(
            project=kept.world.project, repository=kept.repository, name=f"P{number}", owner=kept.plan.owner
        )
    with django_assert_max_num_queries(len(few)):
        client.get(url(kept, name, *arguments))


def test_search(kept: Kept) -> None:
    """Plans and repositories are found by name, by those who may see them."""
    assert {hit.title for hit in search(kept.world.user["owner"], "princ")} == {"Principal"}
    assert search(kept.world.user["owner"], "night")[0].url == kept.plan.get_absolute_url()
    assert search(kept.world.user["stranger"], "night") == []


def test_rhythms_in_words() -> None:
    """A rhythm is said as people say it, in both languages."""
    with translation.override("en"):
        assert rhythm_words("daily 02:30") == "every day at 02:30"
        assert rhythm_words("every 6 h") == "every six hours"
    with translation.override("fr"):
        assert rhythm_words("weekly mon 03:00") == "chaque lundi à 03:00"
