"""The whole instance is saved by who runs it, and comes back on a new machine by what the deployment guide says."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from backup.models import Plan, Repository, Snapshot
from backup.services import instance, plans
from core import access, files
from core.access.people import NotAdministrator
from core.accounts.models import User
from core.config import services
from core.embedded import postgres
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs import execution
from core.jobs.models import Schedule
from tests.backup.portal import Kept, done, told
from tests.repository.test_documents import BLOCK, ROOT

SECRET = b"Le patient a de la fievre."


@pytest.fixture
def boss(kept: Kept) -> User:
    """The owner of the project, who runs the instance as well."""
    owner = kept.world.user["owner"]
    owner.is_administrator = True
    owner.save(update_fields=["is_administrator"])
    return owner


def planned(kept: Kept, boss: User) -> Plan:
    return plans.create_plan(
        boss, kept.world.project, name="Instance", repository=kept.repository, every="daily 03:00", instance=True
    )


# Who may


def test_only_who_runs_the_instance_plans_it(kept: Kept, boss: User) -> None:
    """Others who manage the project's backups neither make, change, run nor end such a plan; it is recorded."""
    plan = planned(kept, boss)
    assert (plan.instance, plan.datasets, plan.files) == (True, False, False)
    assert told("backup.plan_saved")[-1] == {"instance": True, "every": "daily 03:00"}
    boss.is_administrator = False
    boss.save(update_fields=["is_administrator"])
    wanted = {"name": "Mine", "repository": kept.repository, "every": "daily 03:00"}
    for act in (
        lambda: planned(kept, boss),
        lambda: plans.change_plan(boss, plan, **wanted, datasets=True),
        lambda: plans.change_plan(boss, kept.plan, **wanted, instance=True),
        lambda: plans.run_plan(boss, plan),
        lambda: plans.end_plan(boss, plan),
    ):
        with pytest.raises(NotAdministrator):
            act()
    kept.plan.refresh_from_db()
    assert not kept.plan.instance
    administrator = kept.world.user["administrator"]
    with pytest.raises(access.Refused):
        planned(kept, administrator)  # runs the instance and manages no backups here


def test_a_plan_runs_no_longer_than_its_owner_may(kept: Kept, boss: User) -> None:
    """Who runs the instance no more has nothing of it saved in his name, though the plan stands."""
    job = plans.run_plan(boss, planned(kept, boss))
    boss.is_administrator = False
    boss.save(update_fields=["is_administrator"])
    execution.execute(job.pk, threaded=False)
    assert not Snapshot.objects.exists()


def test_it_is_a_plan_of_its_own(kept: Kept, boss: User) -> None:
    """The database holds that such a plan saves nothing besides and has no agent."""
    plan = planned(kept, boss)
    assert Schedule.objects.filter(key=f"backup {plan.pk}").exists()
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(files=True)
    changed = plans.change_plan(boss, plan, name="Data", repository=kept.repository, every="daily 03:00", datasets=True)
    assert (changed.instance, changed.datasets) == (False, True)


def test_over_rest(kept: Kept, boss: User, api_of: Callable[[str], APIClient]) -> None:
    """In his own session, who runs the instance makes such a plan by the API too; others are refused."""
    asked = {
        "project": kept.world.project.slug,
        "name": "Instance",
        "repository": str(kept.repository.pk),
        "every": "daily 03:00",
        "instance": True,
    }
    made = api_of("owner").post("/api/v1/backup/plans/", asked)
    assert made.status_code == 201, made.content
    assert (made.json()["instance"], made.json()["datasets"]) == (True, False)
    User.objects.update(is_administrator=False)
    assert api_of("owner").post("/api/v1/backup/plans/", asked | {"name": "Again"}).status_code == 403
    assert api_of("owner").post(f"/api/v1/backup/plans/{made.json()['id']}/run/").status_code == 403
    assert api_of("stranger").get(f"/api/v1/backup/plans/{made.json()['id']}/").status_code == 404


def test_on_its_pages(kept: Kept, boss: User, client_of: Callable[[str], Client]) -> None:
    """The form offers it to who runs the instance alone; others see what the plan saves, and no button."""
    base = f"/projects/{kept.world.project.slug}/backups/plans/"
    new = f"{base}new/"
    client = client_of("owner")
    assert "saves_instance" in client.get(new).content.decode()
    form = {"name": "Instance", "repository": kept.repository.pk, "rhythm": "daily", "at": "03:00"}
    assert client.post(new, form | {"saves_instance": "on", "saves_files": "on"}).status_code == 303
    plan = Plan.objects.get(name="Instance")
    assert (plan.instance, plan.files) == (True, False)
    assert "plan-change" not in client.get(plan.get_absolute_url()).content.decode()
    assert f"{plan.get_absolute_url()}run/" in client.get(plan.get_absolute_url()).content.decode()
    User.objects.filter(pk=boss.pk).update(is_administrator=False)
    assert "saves_instance" not in client.get(new).content.decode()
    page = client.get(plan.get_absolute_url()).content.decode()
    assert f"{plan.get_absolute_url()}run/" not in page
    assert client.get(f"{plan.get_absolute_url()}change/").status_code == 403
    assert client.post(f"{plan.get_absolute_url()}run/").status_code == 403
    assert client.post(new, form | {"name": "Two", "saves_instance": "on"}).status_code in (303, 422)
    assert Plan.objects.filter(instance=True).count() == 1


# pg_dump


def test_the_program_fits_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The oldest pg_dump that is new enough is taken; where none is, it is said which one to install."""

    def program(version: int) -> str:
        path = tmp_path / f"pg_dump-{version}"
        path.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.3 (Debian)'\n")
        path.chmod(0o755)
        return str(path)

    found = [program(15), program(18), program(16), str(tmp_path / "none")]
    monkeypatch.setattr(instance, "_candidates", lambda: iter(found))
    assert instance.pg_dump(16) == (found[2], 16)
    assert instance.pg_dump(17) == (found[1], 18)
    with pytest.raises(Conflict, match=r"18.*19"):
        instance.pg_dump(19)
    monkeypatch.setattr(instance, "_candidates", lambda: iter(()))
    with pytest.raises(Conflict, match="19"):
        instance.pg_dump(19)


def test_the_embedded_one_is_found(db: None) -> None:
    """Where nothing is installed, the program that comes along with the embedded PostgreSQL dumps it."""
    assert str(postgres.binaries() / "pg_dump") in list(instance._candidates())


# Saved and restored


@pytest.mark.django_db(transaction=True)
def test_a_failed_dump_makes_no_backup(kept: Kept, boss: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pg_dump that ends badly half-way fails the job in its words, and there is no backup."""
    broken = tmp_path / "pg_dump"
    broken.write_text("#!/bin/sh\nhead -c 5000000 /dev/zero\necho 'error: could not read block 7' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(instance, "pg_dump", lambda _server: (str(broken), 18))
    job = plans.run_plan(boss, planned(kept, boss))
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "could not read block 7" in job.error
    assert not Snapshot.objects.exists()


@pytest.fixture
def drill(db: None) -> Iterator[Callable[[], str]]:
    """The address of an empty database of the same server, which goes at the end."""
    row = instance.connection_string()
    server = row | {"dbname": "postgres"}

    def drop() -> None:
        with psycopg.connect(**server, autocommit=True) as connection:  # type: ignore[arg-type]
            connection.execute("DROP DATABASE IF EXISTS drill WITH (FORCE)")

    drop()
    yield lambda: f"postgresql://{row['user']}@/drill?host={quote(row['host'], safe='')}"
    drop()


def counts(**where: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(**instance.connection_string() | where) as connection:  # type: ignore[arg-type]
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index]
            for (name,) in names
        }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_losing_everything(kept: Kept, boss: User, drill: Callable[[], str], tmp_path: Path) -> None:
    """By the commands of the deployment guide, a new machine has every row again, and every file opens and is equal.

    What opens the backup shows names; the text of a file isn't in it, without the key of the instance.
    """
    world = kept.world
    theirs = files.store(world.user["stranger"], world.elsewhere, io.BytesIO(SECRET * 1000), name="lettre.txt")
    plan = planned(kept, boss)
    before = counts()
    job = done(plans.run_plan(boss, plan))
    assert job.result["unread"] == 0
    after = counts()
    snapshot = Snapshot.objects.get(plan=plan)
    assert snapshot.files == StoredFile.objects.count() + 2

    new = tmp_path / "new machine"
    new.mkdir()
    (new / "master.key").write_text(kept.keyfile)
    (new / "master.key").chmod(0o600)
    environ = machine(new, drill(), kept.repository.path, snapshot)
    [block] = [one for one in BLOCK.findall((ROOT / "deploy/README.md").read_text()) if "pg_restore" in one]
    block = block.replace("createdb suite", "createdb drill").replace("=suite", "=drill")
    block = block.replace(".venv/bin/python manage.py", f"{sys.executable} {ROOT}/manage.py")
    shell = ["bash", "-euo", "pipefail", "-c", block]
    ran = subprocess.run(shell, cwd=new, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr

    restored = counts(dbname="drill")
    wrong = {name: (before[name], restored.get(name), after[name]) for name in before}
    # `upgrade` has found nothing to do; what the job itself wrote came after the moment that was saved.
    assert {name: row for name, row in wrong.items() if row[1] is None or not row[0] <= row[1] <= row[2]} == {}
    assert restored["files_storedfile"] == StoredFile.objects.count()

    script = (
        "import json; from hashlib import sha256; from core import files; from core.files.models import StoredFile\n"
        "rows = StoredFile.objects.filter(erased_at=None).select_related('project')\n"
        "print(json.dumps({str(row.pk): sha256(files.open(row).read()).hexdigest() for row in rows}))"
    )
    opened = subprocess.run(
        [sys.executable, f"{ROOT}/manage.py", "shell", "--no-imports", "-c", script],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    expected = {str(row.pk): sha256(files.open(row).read()).hexdigest() for row in StoredFile.objects.all()}
    assert json.loads(opened.stdout.splitlines()[-1]) == expected

    about, _end = json.JSONDecoder().raw_decode(ran.stdout, ran.stdout.index("{"))
    assert (about["files"], about["instance_keys"]) == (StoredFile.objects.count(), [1])
    everything = b"".join(path.read_bytes() for path in (new / "data" / "files").rglob("*") if path.is_file())
    dump = subprocess.run(
        [f"{Path(sys.executable).parent}/suite-backup", "-k", "master.key", "dump",
         f"{snapshot.snapshot_id}:database/suite.dump"],
        cwd=new, env=environ, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert theirs.pk.hex in "".join(path.name for path in (new / "data" / "files").rglob("*"))
    assert b"CHU de Broc" in dump, "names are in the clear"
    for secret in (SECRET, b"fievre", b"Compte rendu", os.environ.get("VAULT_KEY", "no key").encode()):
        assert secret not in dump + everything


def machine(new: Path, url: str, repository: Path, snapshot: Snapshot) -> dict[str, str]:
    """The environment of a machine that has the suite, its keys and an empty PostgreSQL."""
    row = instance.connection_string()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DATABASE_URL"))}
    return kept | {
        "PATH": f"{postgres.binaries()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(new),
        "PGHOST": row["host"],
        "PGUSER": row["user"],
        "DATABASE_URL": url,
        "DATA_DIR": str(new / "data"),
        "SNAPSHOT": snapshot.snapshot_id,
        "SUITE_BACKUP_REPOSITORY": str(repository),
        "SUITE_BACKUP_LANG": "en",
    }


def test_what_is_told_of_the_settings_holds_no_secret(kept: Kept, boss: User) -> None:
    """The note for a recovery names settings and versions, and no secret."""
    with instance.contents() as what:
        [note] = [stream for stream in what.streams if stream.path == "recovery.json"]
        text = io.BytesIO(note.open().read())  # type: ignore[attr-defined]
    about = json.loads(text.getvalue())
    assert about["postgresql"] >= 16
    assert not set(about["settings"]) & set(settings.SECRET_NAMES)
    for name in settings.SECRET_NAMES:
        if (value := os.environ.get(name)) and len(value) > 8:
            assert value not in text.getvalue().decode()


def test_how_the_database_is_reached() -> None:
    """Whatever of libpq stands in DATABASE_URL reaches pg_dump by its environment, never by its command line."""
    url = "postgresql://suite:geheim@db1,db2:5432/suite?sslmode=verify-full&target_session_attrs=read-write"
    told = services.database(url)
    from backup.engine.sources import dumps

    said = {"dbname": told["NAME"], "user": told["USER"], "password": told["PASSWORD"], "host": told["HOST"]}
    said |= {"sslmode": told["OPTIONS"]["sslmode"]}
    found = dumps.variables(said)
    assert (found["PGPASSWORD"], found["PGHOST"], found["PGSSLMODE"]) == ("geheim", "db1,db2", "verify-full")
    stream = dumps.pg_dump("x", "/bin/true", found, now=0)
    assert "geheim" not in repr(stream)
    with pytest.raises(dumps.BadDump):
        dumps.variables({"not_known": "x"})


def test_an_unconfirmed_repository_takes_no_instance(kept: Kept, boss: User) -> None:
    """Before somebody has shown that the key is kept, the instance isn't saved either."""
    Repository.objects.filter(pk=kept.repository.pk).update(confirmed_at=None, confirmed_by=None)
    kept.repository.refresh_from_db()
    with pytest.raises(Invalid, match="unconfirmed"):
        planned(kept, boss)
