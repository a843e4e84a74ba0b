"""A project or a person is erased for good: two people, time to think, nothing left, a certificate that lasts."""

from __future__ import annotations

import base64
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from psycopg import sql

from core import files, jobs, tool, vault
from core.access.models import Invitation, Membership, Project
from core.accounts.models import User
from core.audit import sealing, signing
from core.audit.models import Event
from core.erasure import certificates, erasing, services
from core.erasure.models import Erasure
from core.errors import Conflict
from core.files.models import Space, StoredFile
from core.jobs.models import Job
from core.notices.models import Notice
from core.notices.services import notify
from core.reviews import services as reviews
from core.vault import engine, keys
from core.vault.models import ProjectKey
from ecrf.services import include_subject, save_entry
from tests.core.access.conftest import role
from tests.ecrf.conftest import publish

KEPT = {
    "access", "vault", "files", "erasure",  # the project itself, empty keys, empty files, what is left to tell
    "reviews",  # who had access, and who answered for it
    "prescriptions.Reference", "prescriptions.Medicine",  # public facts, in a file of the instance
    "jobs.Job", "jobs.Line", "inbox.NamedProject", "desk.Settings", "notices.Notice",
}  # fmt: skip


@pytest.fixture
def full(world, settings, tmp_path: Path):
    """The projects with what the demos of the rooms and tools put into them."""
    settings.DATA_DIR = tmp_path
    options = {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "files": options}
    for room in tool.rooms():
        if room.demo and room.label != "ecrf":  # forty subjects take long: one will do
            import_string(room.demo)(world)
    Job.objects.all().delete()  # what demos have read and run by a worker comes later, or not at all
    subject = include_subject(world.user["member"], world.site_a)
    save_entry(world.user["member"], subject, publish(world), 0, {"weight": "80"})
    return world


def asked(world) -> Erasure:
    return services.ask_for_project(world.user["owner"], world.project, "End of the study", world.project.slug)


def over(erasure: Erasure) -> None:
    """Its time has come, and the scheduler passes."""
    Erasure.objects.filter(pk=erasure.pk).update(due_at=timezone.now())
    services.start_due()


def erased(world) -> Erasure:
    erasure = services.confirm(world.user["administrator"], asked(world))
    over(erasure)
    jobs.run_waiting()
    erasure.refresh_from_db()
    return erasure


def of_project(project: Project) -> dict[str, int]:
    """How many rows each declared model has of a project."""
    return {
        f"{label}.{name}": apps.get_model(label, name)._base_manager.filter(**{lookup: project}).count()
        for label, group in erasing.groups()
        for name, lookup in group.items()
    }


def test_a_project_is_erased(full, django_capture_on_commit_callbacks):
    """After its time every row, file and key of the project is gone, and nothing of another project."""
    files.store(None, full.project, [b"content"], name="a.txt")
    before, elsewhere = of_project(full.project), of_project(full.elsewhere)
    assert sum(before.values()) > 20
    stored = StoredFile.objects.filter(project=full.project, erased_at=None).count()
    with django_capture_on_commit_callbacks(execute=True):
        erasure = erased(full)
    assert erasure.state == "done"
    assert {name for name, count in of_project(full.project).items() if count} == set()
    assert of_project(full.elsewhere) == elsewhere
    assert not StoredFile.objects.filter(project=full.project, erased_at=None).exists()
    assert Space.objects.get(project=full.project).used == 0
    assert not ProjectKey.objects.filter(project=full.project, destroyed_at=None).exists()
    said = erasure.certificate["certificate"]
    assert said["files"] == stored
    assert said["rows"]["ecrf.Fragment"] == before["ecrf.Fragment"] > 0
    assert {key["purpose"] for key in said["keys"]} == {"data", "index"}
    assert Project.objects.get(pk=full.project.pk).archived_at
    keys._held.clear()
    with pytest.raises(vault.KeyDestroyed):
        vault.seal(full.project, b"x", "test")


def test_whatever_a_project_has_is_declared():
    """Each model whose rows belong to a project goes with it, or is one of those that stay on purpose."""

    def leads(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
        """Whether a chain of foreign keys within rooms and tools ends at a project."""
        if model is Project:
            return True
        fields = [f for f in model._meta.concrete_fields if f.is_relation and f.related_model not in (*seen, model)]
        return any(
            leads(f.related_model, seen | {model})
            for f in fields
            if f.related_model._meta.app_label in labels and f.related_model is not User
        )

    labels = {room.label for room in tool.rooms()}
    declared = {f"{label}.{name}" for label, group in erasing.groups() for name in group}
    unknown = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in labels
        and model._meta.label not in declared
        and model._meta.app_label not in KEPT
        and model._meta.label not in KEPT
        and leads(model)
    }
    assert unknown == set()


def test_it_goes_on_where_it_was_stopped(full, monkeypatch):
    """Killed in any step, the work goes on after it, and the certificate counts everything once."""
    before = of_project(full.project)
    erasure = services.confirm(full.user["administrator"], asked(full))
    erase_rows, calls = erasing.erase_rows, []

    def dies(label, group, project):
        calls.append(label)
        if len(calls) in (2, 5):
            raise RuntimeError("killed")
        return erase_rows(label, group, project)

    monkeypatch.setattr(erasing, "erase_rows", dies)
    over(erasure)
    for _time in range(3):
        jobs.run_waiting()
        Job.objects.filter(task=services.TASK, state="waiting").update(not_before=None)
    erasure.refresh_from_db()
    assert erasure.state == "done"
    rows = erasure.certificate["certificate"]["rows"]
    assert {name: count for name, count in rows.items() if name in before} == {k: v for k, v in before.items() if v}


def test_what_holds_against_a_backup_of_the_database(world, settings):
    """Keys in a backup from before open with the instance key of then, and no more once that is destroyed."""
    sealed = vault.seal(world.project, b"Jeanne Le Gall", "test")
    backup = [(row, bytes(row.wrapped)) for row in ProjectKey.objects.filter(project=world.project)]
    erasure = erased(world)
    assert erasure.certificate["certificate"]["instance_keys"] == [1]

    def from_backup() -> bytes:
        opened = {}
        for row, wrapped in backup:
            row.wrapped = wrapped
            if row.purpose == "data":
                opened[row.version] = keys.unwrap(row)
        return engine.open_sealed(opened, sealed, engine.binding(world.project.pk.bytes, "test"))

    assert from_backup() == b"Jeanne Le Gall"  # as the certificate says: it doesn't hold yet
    settings.VAULT_OLD_KEYS = f"1:{settings.VAULT_KEY}"
    settings.VAULT_KEY = "2:" + base64.b64encode(os.urandom(32)).decode()
    keys.instance_keys.cache_clear()
    vault.rewrap()
    settings.VAULT_OLD_KEYS = ""
    keys.instance_keys.cache_clear()
    with pytest.raises(vault.Unopenable):
        from_backup()


def test_a_person_is_erased(full):
    """Name, address, factors, tokens and settings go; what was entered stays under a number; the account is shut."""
    member, administrator = full.user["member"], full.user["administrator"]
    other = User.objects.create_user("second@demo.example", full_name="Second", is_administrator=True)
    entered = Event.objects.filter(actor_id=member.pk).count()
    fragments = apps.get_model("ecrf", "Fragment").objects.filter(author=member).count()
    with pytest.raises(Conflict):
        services.ask_for_person(administrator, administrator, "Left", administrator.email)
    erasure = services.confirm(other, services.ask_for_person(administrator, member, "Left", member.email))
    address, name = member.email, member.full_name
    over(erasure)
    jobs.run_waiting()
    member.refresh_from_db()
    assert not member.is_active
    assert name not in member.full_name
    assert address not in member.email
    assert not member.has_usable_password()
    assert not Membership.objects.active().filter(user=member).exists()
    for model, lookup in erasing.personal(member):
        assert not model._base_manager.filter(**{lookup: member}).exclude(**never(model)).exists(), model
    assert apps.get_model("ecrf", "Fragment").objects.filter(author=member).count() == fragments
    assert Event.objects.filter(actor_id=member.pk).count() >= entered
    erasure.refresh_from_db()
    certificate = json.dumps(erasure.certificate)
    assert name not in certificate
    assert address not in certificate
    assert not Notice.objects.filter(details__icontains=name, kind="erasure.asked").exists()


def holding(*words: str) -> set[str]:
    """Column of the database -> in which one of these words occurs, whatever the case."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            query = sql.SQL("SELECT count(*) FROM {} WHERE {}::text ILIKE ANY(%s)").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            cursor.execute(query.as_string(cursor.connection), [[f"%{word}%" for word in words]])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def test_nothing_says_any_more_who_it_was(full):
    """After a person's erasure no column of the database holds his name or address, the audit trail's neither."""
    administrator, owner = full.user["administrator"], full.user["owner"]
    other = User.objects.create_user("second@demo.example", full_name="Second", is_administrator=True)
    person = User.objects.create_user("yann.lebris@demo.example", full_name="Yann Le Bris")
    invitation = Invitation.objects.create(
        email="Yann.LeBris@demo.example",
        project=full.project,
        secret_hash="0" * 64,
        invited_by=owner,
        expires_at=timezone.now() + timedelta(days=7),
        accepted_at=timezone.now(),
    )
    membership = Membership.objects.create(user=person, project=full.project)
    membership.roles.set([role("monitor")])
    notify([owner], "access.member_removed", who=str(person), where="Étude")
    due = timezone.localdate() + timedelta(days=30)
    campaign = reviews.open_campaign(administrator, full.organisation, "Second half", due)
    assert holding(person.full_name, person.email) >= {
        "access_invitation.email",
        "reviews_line.name",
        "reviews_line.email",
        "notices_notice.details",
    }
    trail = list(Event.objects.order_by("pk").values())
    over(services.confirm(other, services.ask_for_person(administrator, person, "Left", person.email)))
    jobs.run_waiting()
    assert holding("Yann Le Bris", "yann.lebris@demo.example") == set()
    assert list(Event.objects.order_by("pk").values())[: len(trail)] == trail
    invitation.refresh_from_db()
    person.refresh_from_db()
    assert invitation.email == person.email
    assert set(campaign.lines.filter(person=person).values_list("name", "email")) == {(str(person), person.email)}


def test_the_certificate_says_what_stays():
    """In both languages it tells that evidence made before may still name the person."""
    for language, words in (("en", "the PDF of an access review"), ("fr", "le PDF d’une revue des accès")):
        with translation.override(language):
            assert any(words in line for line in certificates.person_holds())


def never(model: type[models.Model]) -> dict[str, object]:
    """That somebody was told afterwards that it is done isn't the person's own any more."""
    return {"kind": "erasure.done"} if model is Notice else {"pk": None}


def test_the_certificate_is_verified(world, tmp_path, capsys):
    """JSON and PDF are authentic as they were made, and not with one byte changed nor under another's key."""
    sealing.seal()
    erasure = erased(world)
    made = {"json": certificates.as_json(erasure.certificate), "pdf": certificates.as_pdf(erasure.certificate)}
    assert made["pdf"].startswith(b"%PDF")
    for form, content in made.items():
        file = tmp_path / f"c.{form}"
        file.write_bytes(content)
        call_command("verify_certificate", str(file))
        assert "Authentic" in capsys.readouterr().out
        changed = content.replace(b"End of the study", b"End of the Study")
        if form == "pdf":
            changed = content[:99] + b"!" + content[100:]
        file.write_bytes(changed)
        with pytest.raises(CommandError, match="isn't as it was signed"):
            call_command("verify_certificate", str(file))
    strange = json.loads(made["json"])
    strange["signature"]["key"] = "0" * 16
    file.write_text(json.dumps(strange))
    with pytest.raises(CommandError, match="isn't signed with a key of this instance"):
        call_command("verify_certificate", str(file))
    file.write_text("{}")
    with pytest.raises(CommandError, match="no certificate"):
        call_command("verify_certificate", str(file))


def test_a_former_signing_key_still_verifies(world, settings, tmp_path):
    """After the signing key was renewed, a certificate of before is authentic through AUDIT_OLD_KEYS."""
    erasure, former = erased(world), signing.public_key()
    settings.AUDIT_KEY = base64.b64encode(os.urandom(32)).decode()
    content = certificates.as_json(erasure.certificate)
    with pytest.raises(certificates.NotAuthentic):
        certificates.verify(content)
    settings.AUDIT_OLD_KEYS = [former]
    assert certificates.verify(content)["id"] == str(erasure.pk)
