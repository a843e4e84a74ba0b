"""Renewing a project's key: everything it sealed is found by itself and sealed anew, and the former key goes."""

from __future__ import annotations

import base64
import os
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from psycopg import sql

from core import files, jobs, vault
from core.audit.models import Event
from core.custody import services
from core.errors import Conflict
from core.jobs.models import Job
from core.vault import engine, keys, resealing
from core.vault.fields import EncryptedField, SealedBytesField, sealed_fields
from core.vault.models import ProjectKey
from core.webhooks.models import Endpoint
from core.webhooks.sending import place
from core.webhooks.services import give_secret
from ecrf.models import Fragment
from ecrf.services import include_subject, save_entry
from tests.ecrf.conftest import publish


def age(project, **ago: int) -> None:
    """The renewal was so long ago."""
    ProjectKey.objects.filter(project=project).update(created_at=timezone.now() - timedelta(**ago))


def under(version: int) -> dict[str, int]:
    """Column of the database -> how many of its values this version of any key sealed: found without the models."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'bytea' AND table_name <> 'vault_projectkey'"
        )
        for table, column in cursor.fetchall():
            query = sql.SQL("SELECT count(*) FROM {} WHERE substr({}, 1, 3) = %s").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            cursor.execute(query.as_string(cursor.connection), [engine.header_of(version)])
            if count := cursor.fetchone()[0]:
                found[f"{table}.{column}"] = count
    return found


def clear_values() -> dict[tuple[str, object], object]:
    """Every clear value of every encrypted field."""
    return {
        (str(field), row.pk): getattr(row, field.name)
        for field in sealed_fields()
        if isinstance(field, EncryptedField)
        for row in field.model._base_manager.all()
    }


def test_everything_sealed_is_found_and_sealed_anew(full):
    """After a renewal no column of the database holds a value under the former key, and every value reads as before."""
    before, columns = clear_values(), under(1)
    registered = {f"{field.model._meta.db_table}.{field.column}" for field in sealed_fields()}
    assert set(columns) <= registered
    assert len(columns) > 8
    stored = files.store(None, full.project, [b"content"], name="a.txt")
    index = vault.blind_index(full.project, "270019", "test")
    for project in (full.project, full.elsewhere):
        services.renew_project_key(full.user["administrator"], project)
    jobs.run_waiting()
    assert set(Job.objects.filter(task=services.RESEAL).values_list("state", flat=True)) == {"done"}
    assert under(1) == {}
    keys._held.clear()
    assert {key: value for key, value in clear_values().items() if key in before} == before
    for project in (full.project, full.elsewhere):
        age(project, hours=1)
    assert resealing.finish_renewals() == 2
    keys._held.clear()
    assert {key: value for key, value in clear_values().items() if key in before} == before
    stored.refresh_from_db()
    with files.open(stored) as file:
        assert file.read() == b"content"
    assert vault.blind_index(full.project, "270019", "test") == index
    assert bytes(ProjectKey.objects.get(project=full.project, purpose="data", version=1).wrapped) == b""


def sealed_file(world) -> files.StoredFile:
    return files.store(None, world.project, [b"content"], name="a.txt")


def test_a_value_written_meanwhile_is_not_lost(world, monkeypatch):
    """Of a renewal and a save of the same value, the save counts: what was read before it is not written over it."""
    stored = sealed_file(world)
    vault.rotate(world.user["owner"], world.project)
    (field,) = (field for field in sealed_fields() if str(field) == "files.StoredFile.name")
    aside = resealing.triggers_aside

    def somebody_saves(table):
        stored.name = "renamed.txt"
        stored.save(update_fields=["name"])
        return aside(table)

    monkeypatch.setattr(resealing, "triggers_aside", somebody_saves)
    assert resealing.reseal(field, world.project.pk).rows == 1
    assert files.StoredFile.objects.get(pk=stored.pk).name == "renamed.txt"


def test_a_renewal_goes_on_where_it_was_stopped(world, monkeypatch):
    """Killed after a piece, the work has only the rest to do, and what is opened in between opens."""
    made = [sealed_file(world) for _number in range(5)]
    services.renew_project_key(world.user["administrator"], world.project)
    assert resealing.count_left(world.project) == 10
    (field,) = (field for field in sealed_fields() if str(field) == "files.StoredFile.key")
    assert resealing.reseal(field, world.project.pk, piece=2).rows == 2
    assert resealing.count_left(world.project) == 8
    for stored in files.StoredFile.objects.filter(pk__in=[one.pk for one in made]):
        with files.open(stored) as file:
            assert file.read() == b"content"
    jobs.run_waiting()
    assert resealing.count_left(world.project) == 0
    done = Event.objects.get(action="vault.values_resealed")
    assert (done.details["count"], done.actor_id) == (8, world.user["administrator"].pk)


def test_rows_that_never_change_are_sealed_anew_and_still_never_change(world):
    """PostgreSQL refuses to change a fragment, before and after its value was sealed anew."""
    form = publish(world)
    subject = include_subject(world.user["member"], world.site_a)
    save_entry(world.user["member"], subject, form, 0, {"weight": "80"})
    services.renew_project_key(world.user["administrator"], world.project)
    jobs.run_waiting()
    fragment = Fragment.objects.get()
    assert fragment.values["weight"] == "80"
    assert under(1).get("ecrf_fragment.values") is None
    with pytest.raises(DatabaseError), transaction.atomic():
        Fragment.objects.update(reason="changed")


def test_a_key_that_is_needed_stays(world):
    """A former key isn't destroyed too early, nor while a value needs it or a transaction may still bring one."""
    stored = sealed_file(world)
    vault.rotate(world.user["owner"], world.project)
    assert resealing.retire(world.project) == []
    for _piece in resealing.reseal_all(world.project):
        pass
    assert resealing.retire(world.project) == []  # another process may still seal with it
    age(world.project, hours=1)
    files.StoredFile.objects.filter(pk=stored.pk).update(key=b"\1\0\1" + bytes(60))  # of version 1, and unopenable
    assert resealing.finish_renewals() == 0
    with connection.cursor() as cursor:
        sealed = vault.seal(world.project, bytes(32), stored.key_context)
        cursor.execute("UPDATE files_storedfile SET key = %s", [sealed])
    assert resealing.finish_renewals() == 1
    assert Event.objects.filter(action="vault.key_retired").count() == 1


def test_what_slipped_in_is_sealed_anew(world):
    """A process that still remembered the former key sealed with it: the scheduler mends that before the key goes."""
    vault.rotate(world.user["owner"], world.project)
    held = keys.of(world.project.pk)
    stored = sealed_file(world)
    old = engine.seal(held.by_version[1], bytes(32), engine.binding(world.project.pk.bytes, stored.key_context))
    files.StoredFile.objects.filter(pk=stored.pk).update(key=old)
    age(world.project, hours=1)
    assert resealing.finish_renewals() == 1
    assert resealing.count_left(world.project) == 0


def test_a_project_of_before_keeps_its_indexes(world):
    """Where the first data key made the indexes, they stay the same once that key is destroyed."""
    ProjectKey.objects.filter(project=world.project, purpose="index").delete()
    keys._held.clear()
    index = vault.blind_index(world.project, "270019", "test")
    vault.rotate(world.user["owner"], world.project)
    age(world.project, hours=1)
    assert resealing.retire(world.project) == [1]
    keys._held.clear()
    assert vault.blind_index(world.project, "270019", "test") == index


def test_the_instance_key_is_replaced(world, settings):
    """Under a new instance key, with the former one for reading alone, all keys are wrapped anew by a job."""
    sealed = vault.seal(world.project, b"value", "test")
    settings.VAULT_OLD_KEYS = f"1:{settings.VAULT_KEY}"
    settings.VAULT_KEY = "2:" + base64.b64encode(os.urandom(32)).decode()
    keys.instance_keys.cache_clear()
    count = ProjectKey.objects.count()
    services.rewrap_keys(world.user["administrator"])
    jobs.run_waiting()
    job = Job.objects.get(task=services.REWRAP)
    assert (job.state, job.result["keys"]) == ("done", count)
    settings.VAULT_OLD_KEYS = ""
    keys.instance_keys.cache_clear()
    keys._held.clear()
    assert vault.open(world.project, sealed, "test") == b"value"
    with pytest.raises(Conflict):
        services.rewrap_keys(world.user["administrator"])


def test_renewing_twice_makes_one_key(world):
    """Asked for again while it is under way, the renewal goes on: no third version is made."""
    admin = world.user["administrator"]
    assert services.renew_project_key(admin, world.project) == services.renew_project_key(admin, world.project)
    assert ProjectKey.objects.filter(project=world.project, purpose="data").count() == 2


def test_a_destroyed_key_is_not_renewed(world):
    """Where the key was destroyed there is nothing to renew, and it is said so."""
    vault.destroy(world.user["owner"], world.project, "end")
    with pytest.raises(Conflict):
        services.renew_project_key(world.user["administrator"], world.project)


def test_the_command_renews(world, capsys):
    """`manage.py vault rotate` renews at the console, and refuses a project that there isn't."""
    stored = sealed_file(world)
    call_command("vault", "rotate", world.project.slug)
    stored.refresh_from_db()
    assert engine.version_of(bytes(stored.key)) == 2
    with pytest.raises(CommandError):
        call_command("vault", "rotate", "nowhere")


def test_the_pages_show_the_keys(client_of, world):
    """The list names each project and the state of its key; the page of one renews it, once it is asked who it is."""
    client, address = client_of("administrator"), f"/instance/keys/{world.project.slug}/"
    assert world.project.name in client.get("/instance/keys/").content.decode()
    assert "reauthenticate" in client.post(f"{address}renew")["Location"]
    assert ProjectKey.objects.filter(project=world.project, purpose="data").count() == 1
    request = RequestFactory().get("/")
    request.session, request.user = client.session, world.user["administrator"]
    record_authentication(request, request.user, "password", reauthenticated=True)
    request.session.save()
    assert client.post(f"{address}renew")["Location"] == address
    renewed = client.get("/instance/keys/?state=renewal").content.decode()
    assert world.project.name in renewed
    assert world.elsewhere.name not in renewed
    jobs.run_waiting()
    assert "Plus rien" in client.get(address).content.decode()


def test_every_sealed_field_of_the_suite_is_known():
    """No model keeps bytes under a name that says they are sealed without being in the registry."""
    assert {field.name for field in sealed_fields()} >= {"key", "name", "values", "cells", "content"}
    assert all(isinstance(field, EncryptedField | SealedBytesField) for field in sealed_fields())


def test_secrets_of_webhooks_are_sealed_anew(world):
    """The secret by which an outside program checks its calls survives the renewal of its project's key."""
    endpoint = Endpoint(project=world.project, owner=world.user["owner"], url="https://example.org/", events=[])
    give_secret(endpoint)
    endpoint.save()
    before = vault.open(world.project, bytes(endpoint.secret), place(endpoint))
    services.renew_project_key(world.user["administrator"], world.project)
    jobs.run_waiting()
    endpoint.refresh_from_db()
    assert engine.version_of(bytes(endpoint.secret)) == 2
    assert vault.open(world.project, bytes(endpoint.secret), place(endpoint)) == before


def test_programs_list_and_renew(api_of, world):
    """Over REST who runs the instance sees the keys' versions and renews them, once he has said who he is."""
    api = api_of("administrator")
    (mine,) = [row for row in api.get("/api/v1/keys/").data["results"] if row["project"] == world.project.slug]
    assert (mine["state"], mine["version"]) == ("good", 1)
    assert api.get("/api/v1/keys/instance/").data["others"] == 0
    address = f"/api/v1/keys/{world.project.slug}/"
    assert api.post(f"{address}renew/").data["type"].endswith("reauthenticate")
    request = RequestFactory().get("/")
    request.session, request.user = api.session, world.user["administrator"]
    record_authentication(request, request.user, "password", reauthenticated=True)
    request.session.save()
    assert api.post(f"{address}renew/").status_code == 202
    assert api.post("/api/v1/keys/instance/renew/").status_code == 202
    assert api.post("/api/v1/keys/instance/rewrap/").status_code == 409
    jobs.run_waiting()
    assert api.get(address).data["version"] == 2
    assert api.get("/api/v1/keys/instance/").data["version"] == 2
