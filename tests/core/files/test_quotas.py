"""What a project and its organisation may store: counted with each file, refused in words before there is too much."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from core import files
from core.access.demo import build
from core.access.models import Organisation, Project
from core.errors import Invalid
from core.files import arrival, quotas
from core.files.models import Space, StoredFile
from core.notices.models import Notice

MEGABYTE = bytes(1_000_000)


def space_of(project: Project) -> Space:
    return Space.objects.get(project=project)


def limit(project: Project, megabytes: int, *, organisation: bool = False) -> None:
    which = {"organisation": project.organisation, "project": None} if organisation else {"project": project}
    Space.objects.filter(**which).update(quota=megabytes * 1_000_000, told=0)


def numbers(project: Project) -> list[tuple[int, int]]:
    """Bytes and files of the project, then of its organisation."""
    return [(space.used, space.files) for space in quotas.spaces_of(project)]


def store(project: Project, megabytes: int = 1) -> StoredFile:
    return files.store(None, project, (MEGABYTE for _number in range(megabytes)), name="x")


def test_every_file_is_counted(world):
    """What is stored adds to its project and its organisation; what is erased or discarded takes it away again."""
    assert numbers(world.project) == [(0, 0), (0, 0)]
    first, second = store(world.project), store(world.project, 2)
    assert numbers(world.project) == [(3_000_000, 2)] * 2
    files.erase(None, first)
    files.erase(None, first)
    assert numbers(world.project) == [(2_000_000, 1)] * 2
    files.discard(second)
    assert numbers(world.project) == [(0, 0), (0, 0)]
    assert numbers(world.elsewhere) == [(0, 0), (0, 0)]


def test_asking_costs_the_same_however_many_files(world, django_assert_num_queries):
    """How much room is left is read from two rows, not from the files."""
    limit(world.project, 100)
    store(world.project)
    with django_assert_num_queries(1):
        assert quotas.require_room(world.project) == 99_000_000


@pytest.mark.parametrize("organisation", [False, True], ids=["project", "organisation"])
def test_past_the_limit_nothing_is_stored(world, disk, settings, organisation):
    """A stream whose length nobody knows is refused where the room ends, with what is used and whom to ask."""
    settings.CONTACT_EMAIL = "stockage@demo.example"
    store(world.project)
    limit(world.project, 3, organisation=organisation)
    with pytest.raises(Invalid) as refused:
        store(world.project, 3)
    (fault,) = refused.value.faults
    name = world.organisation.name if organisation else world.project.name
    assert fault.code == "quota"
    for word in (name, "1,0\xa0Mo", "3,0\xa0Mo", "stockage@demo.example"):
        assert word in str(fault.message)
    assert numbers(world.project) == [(1_000_000, 1)] * 2
    assert StoredFile.objects.count() == 1
    assert list((disk / "drafts").iterdir()) == []


def test_a_limit_is_met_exactly(world):
    """As much as there is room for is stored, to the last byte."""
    limit(world.project, 2)
    assert store(world.project, 2).size == 2_000_000
    with pytest.raises(Invalid):
        files.store(None, world.project, [b"x"], name="x")


def test_what_says_its_size_is_refused_unread(world):
    """A file that is larger than the room is refused before a byte of it is read."""

    class Large(io.BytesIO):
        size = 5_000_000

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("read")

    limit(world.project, 3)
    with pytest.raises(Invalid):
        files.store(None, world.project, Large(), name="x")


def test_the_usual_limit_is_of_the_settings(world, settings):
    """Where a project has no limit of its own, that of the settings counts; its own replaces it."""
    settings.QUOTA_PROJECT = 1_500_000
    with pytest.raises(Invalid):
        store(world.project, 2)
    limit(world.project, 4)
    store(world.project, 2)
    settings.QUOTA_ORGANISATION = 2_500_000
    with pytest.raises(Invalid):
        store(world.project)


def told() -> list[tuple[str, str]]:
    return sorted(Notice.objects.values_list("kind", "user__email"))


def test_those_who_look_after_it_are_told(world):
    """At 80 % and where nothing fits any more its data controllers are told, once each, and again after it was less."""
    limit(world.project, 5)
    stored = [store(world.project) for _number in range(3)]
    assert told() == []
    stored.append(store(world.project))
    assert told() == [("files.space_short", "owner@demo.example")]
    for _time in range(2):
        with pytest.raises(Invalid), transaction.atomic():
            store(world.project, 2)
        quotas.tell_of_refusals()
    assert told() == [("files.space_full", "owner@demo.example"), ("files.space_short", "owner@demo.example")]
    for one in stored[:2]:
        files.erase(None, one)
    store(world.project, 2)
    assert len(told()) == 3


def test_an_organisation_s_administrators_are_told(world):
    """Where it is the organisation that has little left, its administrators are."""
    limit(world.project, 1, organisation=True)
    store(world.project)
    assert told() == [("files.space_full", "administrator@demo.example")]


def test_the_count_is_mended(world):
    """What an earlier version stored or made without counting is counted by the daily upkeep."""
    store(world.project)
    Space.objects.filter(project=world.project).update(used=7)
    Space.objects.filter(project=world.elsewhere).delete()
    assert quotas.recount() == 1
    assert numbers(world.project) == [(1_000_000, 1)] * 2
    assert space_of(world.elsewhere).used == 0
    assert quotas.recount() == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_store_at_once_stay_within_the_limit(disk):
    """Of two files that fit one by one and not together, one is stored and one refused."""
    world = build()
    limit(world.project, 3)
    barrier, ended = threading.Barrier(2), []

    def pieces() -> Iterator[bytes]:
        yield MEGABYTE * 2
        barrier.wait(timeout=60)

    def one() -> None:
        try:
            files.store(None, world.project, pieces(), name="x")
            ended.append("stored")
        except Invalid:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(ended) == ["refused", "stored"]
    assert numbers(world.project) == [(2_000_000, 1)] * 2


def test_a_body_without_room_is_refused_unread(world, client_of, settings, monkeypatch):
    """What is announced to be larger than the project's room is refused by its members' page before it is read: 413."""
    limit(world.project, 6)
    space = quotas.tightest(world.project)
    error = quotas.OverQuota(world.project, space)
    assert "6,0\xa0Mo" in error.words_for(world.user["owner"])
    assert error.words_for(world.user["stranger"]) == ""
    most, why = arrival.Arrival({}, None, lambda _request: True).room(world.project.slug)
    assert most == 6_000_000 + arrival.AROUND
    assert isinstance(why, quotas.OverQuota)
    assert arrival.Arrival({}, None, lambda _request: True).room("nowhere")[0] == arrival.LARGEST


def test_a_new_place_is_counted_from_its_beginning(db):
    """Every project and organisation has its count from the moment it is made."""
    organisation = Organisation.objects.create(name="Nouveau", slug="nouveau")
    Project.objects.create(organisation=organisation, name="Étude", slug="etude")
    assert Space.objects.filter(organisation=organisation).count() == 2
