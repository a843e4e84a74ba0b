"""Keys of projects: made, remembered, renewed, destroyed."""

from __future__ import annotations

import base64
import os
import threading
import time

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core import access, vault
from core.access import Refused
from core.access.models import Project
from core.accounts.models import User
from core.audit.models import Event
from core.vault import keys
from core.vault.models import ProjectKey


def test_every_project_has_a_key(world):
    """A project has its own wrapped key from the moment it is made, and the instance has one."""
    wrapped = {
        bytes(key.wrapped)
        for key in ProjectKey.objects.filter(project__in=[world.project, world.elsewhere], purpose="data")
    }
    assert len(wrapped) == 2
    assert ProjectKey.objects.filter(project=None, purpose="data").count() == 1


def test_a_sealed_value_opens_in_its_project_only(world):
    """What one project sealed opens there, not in another project, not in another place, not in the instance."""
    sealed = vault.seal(world.project, b"value", "test:1")
    assert vault.open(world.project, sealed, "test:1") == b"value"
    for project, context in [(world.elsewhere, "test:1"), (world.project, "test:2"), (None, "test:1")]:
        with pytest.raises(vault.Unopenable):
            vault.open(project, sealed, context)


def test_the_instance_seals_too(world):
    """Without a project, the instance's own data key seals."""
    assert vault.open(None, vault.seal(None, b"value", "test"), "test") == b"value"


def test_a_blind_index_is_of_one_project(world):
    """The same value has another index in another project, and keeps its own when the key is renewed."""
    index = vault.blind_index(world.project, "270019", "test")
    assert index != vault.blind_index(world.elsewhere, "270019", "test")
    vault.rotate(world.user["owner"], world.project)
    assert vault.blind_index(world.project, "270019", "test") == index


def test_a_renewed_key_opens_what_the_old_one_sealed(world):
    """After a rotation new values carry version 2, old ones still open, and the journal tells it."""
    before = vault.seal(world.project, b"before", "test")
    assert vault.rotate(world.user["owner"], world.project) == 2
    after = vault.seal(world.project, b"after", "test")
    assert (before[1:3], after[1:3]) == (b"\0\1", b"\0\2")
    assert vault.open(world.project, before, "test") == b"before"
    assert vault.open(world.project, after, "test") == b"after"
    assert Event.objects.filter(action="vault.key_rotated", project_id=world.project.pk).count() == 1


def test_a_destroyed_key_opens_nothing(world):
    """Once its key is destroyed, a project's values are gone, nothing new can be sealed, and no new key is made."""
    sealed = vault.seal(world.project, b"value", "test")
    vault.destroy(world.user["owner"], world.project, reason="End of the study")
    with pytest.raises(vault.KeyDestroyed):
        vault.open(world.project, sealed, "test")
    with pytest.raises(vault.KeyDestroyed):
        vault.seal(world.project, b"value", "test")
    with pytest.raises(vault.KeyDestroyed):
        vault.rotate(world.user["owner"], world.project)
    assert bytes(ProjectKey.objects.get(project=world.project, purpose="data").wrapped) == b""
    assert Event.objects.get(action="vault.key_destroyed").reason == "End of the study"


@pytest.mark.parametrize("who", ["member", "researcher", "administrator", "stranger"])
def test_who_may_not_touch_keys(world, who):
    """Only the data controller renews or destroys a key."""
    with pytest.raises(Refused):
        vault.rotate(world.user[who], world.project)
    with pytest.raises(Refused):
        vault.destroy(world.user[who], world.project, reason="")
    assert ProjectKey.objects.get(project=world.project, purpose="data").destroyed_at is None


def test_a_destroyed_key_is_empty_in_the_database(world):
    """PostgreSQL refuses a key that is marked destroyed and still there, or empty and not marked."""
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectKey.objects.filter(project=world.project).update(wrapped=b"")


def test_the_wrapped_key_belongs_to_its_project(world):
    """A wrapped key copied to another project unwraps nothing."""
    stolen = ProjectKey.objects.get(project=world.project, purpose="data").wrapped
    ProjectKey.objects.filter(project=world.elsewhere, purpose="data").update(wrapped=stolen)
    keys.changed(world.elsewhere.pk)
    with pytest.raises(vault.Unopenable):
        vault.seal(world.elsewhere, b"value", "test")


def test_the_instance_key_can_be_replaced(world, settings, monkeypatch, capsys):
    """With a second instance key every project key is wrapped anew, and the first is needed no more."""
    sealed = vault.seal(world.project, b"value", "test")
    new = f"2:{base64.b64encode(os.urandom(32)).decode()}"
    use_instance_keys(settings, f"{new},{settings.VAULT_KEY}")
    call_command("vault", "rewrap")
    assert "wrapped anew under instance key 2" in capsys.readouterr().out
    use_instance_keys(settings, new)
    keys.changed(world.project.pk)
    assert vault.open(world.project, sealed, "test") == b"value"
    call_command("vault", "status")
    assert '"instance_keys": [2]' in capsys.readouterr().out


def use_instance_keys(settings, text: str) -> None:
    settings.VAULT_KEY = text
    keys.instance_keys.cache_clear()


def test_a_wrong_instance_key_says_nothing(world, settings):
    """With another instance key nothing opens, and the error holds neither value nor key."""
    sealed = vault.seal(world.project, b"Jeanne Le Gall", "test")
    use_instance_keys(settings, base64.b64encode(os.urandom(32)).decode())
    keys.changed(world.project.pk)
    with pytest.raises(vault.Unopenable) as refused:
        vault.open(world.project, sealed, "test")
    assert str(refused.value) == "This sealed value can't be opened here."


def test_sealing_asks_the_database_once(world, django_assert_num_queries):
    """A thousand values of a project cost one query for its key, also in the transaction that made the project."""
    keys.changed(world.project.pk)
    with django_assert_num_queries(1):
        for number in range(1000):
            vault.seal(world.project, b"value", f"test:{number}")


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """What is remembered follows the transactions. Each test makes a project of its own."""

    def project(self, slug: str) -> Project:
        from core.access.models import Organisation

        organisation = Organisation.objects.create(name=slug, slug=slug)
        return Project.objects.create(organisation=organisation, name=slug, slug=slug)

    def test_a_rolled_back_key_is_never_used(self):
        """A key made in a transaction that is undone doesn't seal what comes after it."""
        project = self.project("rollback")
        ProjectKey.objects.filter(project=project).delete()
        keys.changed(project.pk)
        with transaction.atomic():
            vault.seal(project, b"lost", "test")
            transaction.set_rollback(True)
        sealed = vault.seal(project, b"kept", "test")
        keys.forget(project.pk)
        assert vault.open(project, sealed, "test") == b"kept"

    def test_a_rolled_back_savepoint_takes_its_key_along(self):
        """The same inside a larger transaction that goes on."""
        project = self.project("savepoint")
        ProjectKey.objects.filter(project=project).delete()
        keys.changed(project.pk)
        with transaction.atomic():
            with transaction.atomic():
                vault.seal(project, b"lost", "test")
                transaction.set_rollback(True)
            sealed = vault.seal(project, b"kept", "test")
        keys.forget(project.pk)
        assert vault.open(project, sealed, "test") == b"kept"

    def test_a_key_is_remembered_once_committed(self, django_assert_num_queries):
        """After the commit, no query at all."""
        project = self.project("commit")
        vault.seal(project, b"value", "test")
        with django_assert_num_queries(0):
            vault.seal(project, b"value", "test")

    def test_writers_who_meet_use_one_key(self):
        """Two first writers of a project without a key end with one key, and open each other's values."""
        project = self.project("race")
        ProjectKey.objects.filter(project=project).delete()
        keys.changed(project.pk)
        barrier, sealed = threading.Barrier(2), []

        def write() -> None:
            try:
                barrier.wait(timeout=60)
                sealed.append(vault.seal(project, b"value", "test"))
            finally:
                connection.close()

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(timeout=60)
        keys.forget(project.pk)
        assert [vault.open(project, one, "test") for one in sealed] == [b"value", b"value"]
        assert ProjectKey.objects.filter(project=project, purpose="data").count() == 1

    @pytest.mark.parametrize("first", [vault.rotate, vault.destroy])
    def test_destroying_misses_no_version_that_is_being_made(self, first, monkeypatch):
        """Of renewing and destroying at one moment, the second waits for the first: no living version is left."""
        project = self.project("renewed")
        actor = User.objects.create_user("controller@localhost.localdomain", full_name="C")
        monkeypatch.setattr(access, "require", lambda *_who: None)
        sealed = vault.seal(project, b"value", "test")
        ended: list[str] = []

        def begin(act, *words: str) -> threading.Thread:
            def run() -> None:
                try:
                    act(actor, project, *words)
                except vault.KeyDestroyed:
                    ended.append("refused")
                else:
                    ended.append(act.__name__)
                finally:
                    connection.close()

            thread = threading.Thread(target=run)
            thread.start()
            return thread

        with transaction.atomic():
            if first is vault.rotate:
                vault.rotate(actor, project)
                second = begin(vault.destroy, "End of the study")
            else:
                vault.destroy(actor, project, "End of the study")
                second = begin(vault.rotate)
            wait_for_one_who_waits()
            assert ended == []
        second.join(timeout=60)
        assert ended == (["destroy"] if first is vault.rotate else ["refused"])
        assert not ProjectKey.objects.filter(project=project, destroyed_at=None).exists()
        keys.forget(project.pk)
        with pytest.raises(vault.KeyDestroyed):
            vault.open(project, sealed, "test")


def wait_for_one_who_waits() -> None:
    """Until another session of PostgreSQL waits for a lock of this one."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits")


def test_few_keys_are_held(world, monkeypatch):
    """A process holds the keys of the projects it used last, and no more than its bound."""
    monkeypatch.setattr(keys, "CACHED", 2)
    held = keys.Keys({1: keys.Key(1, os.urandom(32))}, None, destroyed=False)
    for number in range(5):
        keys._remember(number, held)
    assert list(keys._held) == [3, 4]


def test_keys_are_held_for_a_while(world, monkeypatch):
    """What is older than its time is asked again of the database."""
    held = keys.Keys({1: keys.Key(1, os.urandom(32))}, None, destroyed=False)
    monkeypatch.setattr(keys, "SECONDS", -1)
    keys._remember(1, held)
    assert keys._remembered(1) is None
