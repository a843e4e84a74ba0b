"""A repository of the portal that keeps parity: whoever manages it says so, and what its disk lets rot is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.sample import EVERYTHING
from backup.engine.keeping.protecting import add_parity
from backup.models import Repository
from backup.services import objects, protecting, repositories, stores
from core import access
from core.errors import Invalid
from core.jobs.models import Job
from tests.backup.portal import LETTER, Kept, done, told
from tests.backup.test_api import ApiOf
from tests.backup.test_pages import ClientOf, url


def change(kept: Kept, parity: int, who: str = "owner") -> None:
    row = Repository.objects.get()
    repositories.change_repository(kept.world.user[who], row, name=row.name, quota=row.quota, parity=parity)
    kept.repository.refresh_from_db()
    kept.plan.refresh_from_db()


def largest(kept: Kept) -> Path:
    packs = [path for path in (kept.repository.path / "packs").rglob("*") if path.is_file()]
    return max(packs, key=lambda path: path.stat().st_size)


def rot(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 4
    path.write_bytes(raw)


def test_what_is_there_and_what_comes(kept: Kept) -> None:
    """A job gives parity to what is stored, and what is saved later has it at once; the space it takes is counted."""
    kept.save()
    change(kept, 10)
    [job] = Job.objects.filter(task=protecting.TASK)
    result = done(job).result
    assert result["objects"] > 5
    assert result["damaged"] == 0
    kept.save()
    parity = list((kept.repository.path / "parity").iterdir())
    every = [one for folder in objects.KINDS for one in stores.store_of(kept.repository).list(folder)]
    assert len(parity) == len(every)
    objects.measure(kept.repository)
    kept.repository.refresh_from_db()
    assert kept.repository.used == sum(one.size for one in every) + sum(path.stat().st_size for path in parity)
    assert told("backup.repository_changed")[-1] == {"quota": None, "parity": 10}


def test_rot_is_mended(kept: Kept) -> None:
    """A damaged pack is told of, and every file comes back."""
    change(kept, 5)
    done(Job.objects.get(task=protecting.TASK))
    snapshot = kept.save()
    rot(largest(kept))
    report = check(kept.opened(), EVERYTHING, clock=lambda: 1)
    assert ["its parity mends them" in one.why for one in report.problems] == [True]
    assert report.touched == ()
    assert LETTER in kept.contents(snapshot).values()


def test_the_job_may_be_repeated(kept: Kept) -> None:
    """Done again it adds nothing; what is damaged already is named in its log; without parity nothing is done."""
    kept.save()
    rot(largest(kept))
    change(kept, 5)
    job = done(Job.objects.get(task=protecting.TASK))
    assert job.result["damaged"] == 1
    assert [largest(kept).name in line.text for line in job.lines.all()].count(True) == 1
    again = add_parity(stores.store_of(kept.repository), 5)
    assert (again.objects, len(again.damaged)) == (0, 1)
    change(kept, 0)
    assert done(protecting.begin(kept.world.user["owner"], kept.repository)).result == {"skipped": "no parity"}


def test_who_may(kept: Kept) -> None:
    """Who manages the backups; it is a percentage; only where there was none a job begins."""
    for who in ("administrator", "monitor", "stranger"):
        with pytest.raises(access.Refused):
            change(kept, 5, who)
    for wrong in (101, -1):
        with pytest.raises(Invalid):
            change(kept, wrong)
    for parity in (5, 10, 10):
        change(kept, parity)
    assert Job.objects.filter(task=protecting.TASK).count() == 1


def test_over_rest(kept: Kept, api_of: ApiOf) -> None:
    """It is shown, changed and refused like the quota."""
    address = f"/api/v1/backup/repositories/{kept.repository.pk}/"
    api = api_of("owner")
    assert api.get(address).data["parity"] == 0
    assert api.patch(address, {"parity": 5}).data["parity"] == 5
    assert api.patch(address, {"name": "Coffre"}).data["parity"] == 5
    for wrong in ({"parity": 101}, {"parity": -1}, {"parity": "much"}):
        assert api.patch(address, wrong).status_code == 422
    assert api_of("monitor").patch(address, {"parity": 1}).status_code == 403
    assert api_of("stranger").patch(address, {"parity": 1}).status_code == 404


def test_in_the_browser(kept: Kept, client_of: ClientOf) -> None:
    """The form takes it, empty for none; the page of the repository shows it, in both languages."""
    client, address = client_of("owner"), url(kept, "repository-change", kept.repository.pk)
    assert client.post(address, {"name": "Main", "quota": "", "parity": "5"}).status_code == 303
    for language, words in (
        ("en", "5 %: mends what the disk lets rot"),
        ("fr", "5\u00a0%\u00a0: répare ce que le disque"),
    ):
        owner = kept.world.user["owner"]
        owner.language = language
        owner.save(update_fields=["language"])
        assert words in client.get(kept.repository.get_absolute_url()).content.decode()
    assert client.post(address, {"name": "Main", "quota": "", "parity": "200"}).status_code == 422
    client.post(address, {"name": "Main", "quota": "", "parity": ""})
    assert Repository.objects.get().parity == 0
