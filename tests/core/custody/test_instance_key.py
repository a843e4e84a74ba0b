"""The instance's own data key is renewed like a project's; nothing that it sealed is lost."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import models
from django.utils import timezone

from core import files, jobs
from core.api.models import Answer
from core.audit.models import Event
from core.custody import services
from core.desk.models import View
from core.vault import engine, keys, mfa, resealing
from core.vault import services as vault_services
from core.vault.fields import EncryptedField, SealedBytesField, sealed_fields
from core.vault.mfa import SealingAdapter
from core.vault.models import ProjectKey


def secrets_of(factor: Authenticator) -> int:
    return engine.version_of(base64.b64decode(factor.data["secret"]))


def test_the_instance_s_own_key_is_renewed(full):
    """Second factors, saved views and secrets of services are sealed anew, open as before, and the former key goes."""
    admin = full.user["administrator"]
    factor = Authenticator.objects.get(user=admin, type=Authenticator.Type.TOTP)
    secret = SealingAdapter().decrypt(factor.data["secret"])
    View.objects.create(user=admin, table="keys:keys", name="Mine", query="state=good")
    stored = files.store(None, None, [b"evidence"], name="review.pdf")
    services.renew_instance_data_key(admin)
    jobs.run_waiting()
    factor.refresh_from_db()
    assert secrets_of(factor) == 2
    assert resealing.count_left(None) == 0
    assert services.renew_instance_data_key(admin).task == services.RESEAL  # it is under way: no third version
    jobs.run_waiting()
    assert ProjectKey.objects.filter(project=None, purpose="data").count() == 2
    ProjectKey.objects.filter(project=None).update(created_at=timezone.now() - timedelta(hours=1))
    answer = Answer.objects.create(user=admin, key_hash="k", status=200, headers={}, body=b"\1\0\1" + bytes(60))
    assert resealing.finish_renewals() == 0  # a kept answer of a day needs the former one
    answer.delete()
    assert resealing.finish_renewals() == 1
    keys._held.clear()
    assert SealingAdapter().decrypt(factor.data["secret"]) == secret
    assert View.objects.get(name="Mine").query == "state=good"
    stored = files.StoredFile.objects.get(pk=stored.pk)
    assert stored.name == "review.pdf"
    with files.open(stored) as file:
        assert file.read() == b"evidence"


def owner_of(field: EncryptedField | SealedBytesField, row: models.Model) -> object:
    """The id of the project that a row belongs to, step by step; None for the instance's rows."""
    found = row
    for step in (field.project or "").split("__"):
        found = getattr(found, step) if found is not None and step else None
    return getattr(found, "pk", found)


def test_no_row_of_the_instance_is_overlooked(full):
    """Whatever sealed field a row of no project has, the renewal of the instance's own key counts it."""
    files.store(None, None, [b"evidence"], name="review.pdf")
    View.objects.create(user=full.user["owner"], table="keys:keys", name="Mine", query="state=good")
    vault_services.renew(None, None)
    own = {
        (str(field), row.pk)
        for field in sealed_fields()
        for row in field.model._base_manager.filter(**{f"{field.name}__isnull": False})
        if owner_of(field, row) is None
    }
    assert {name for name, _pk in own} >= {"files.StoredFile.name", "files.StoredFile.key", "desk.View.query"}
    found = {(str(field), row.pk) for field in resealing.fields_of(None) for row in resealing.left(field, None, 2)}
    assert found == own
    assert resealing.count_left(None) == len(own) + len(mfa.left(2))


@pytest.mark.parametrize("whose", ["project", "instance"])
def test_a_process_that_remembers_the_former_key_still_renews(world, whose):
    """A worker that doesn't know yet of a renewal made elsewhere seals everything anew all the same."""
    project = world.project if whose == "project" else None
    project_id = project.pk if project else None
    stored = files.store(None, project, [b"content"], name="a.txt")
    former = keys.of(project_id)
    if project:
        services.renew_project_key(world.user["administrator"], project)
    else:
        services.renew_instance_data_key(world.user["administrator"])
    keys._mine().clear()
    keys._remember(project_id, former)
    jobs.run_waiting()
    stored.refresh_from_db()
    assert engine.version_of(bytes(stored.key)) == 2
    keys._remember(project_id, former)
    assert resealing.count_left(project) == 0
    (told,) = Event.objects.filter(action="vault.values_resealed")
    assert told.details["count"] >= 2


def test_a_factor_that_was_changed_meanwhile_is_left(world):
    """A factor that is made while the key is renewed is sealed under the new one, and sealing anew does no harm."""
    services.renew_instance_data_key(world.user["administrator"])
    jobs.run_waiting()
    Authenticator.objects.filter(user=world.user["owner"]).delete()
    TOTP.activate(world.user["owner"], generate_totp_secret())
    assert mfa.left(2) == []
    assert mfa.reseal(2) == 0


def test_the_page_renews_it(client_of, world):
    """Asked again who he is, who runs the instance renews its own key on the page of the keys."""
    assert "reauthenticate" in client_of("administrator").post("/instance/keys/own")["Location"]
    assert "propre clé" in client_of("administrator").get("/instance/keys/").content.decode()


def test_an_instance_that_has_sealed_nothing(api_of):
    """Before anything was sealed for the instance its own key has no version."""
    api = api_of("administrator")
    ProjectKey.objects.filter(project=None, purpose=ProjectKey.Purpose.DATA).delete()
    told = api.get("/api/v1/keys/instance/")
    assert (told.status_code, told.data["version"], told.data["in_renewal"]) == (200, None, False)
