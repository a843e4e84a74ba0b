"""Places are the administrator's to declare, and his to keep in order; people choose among them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks.registry import registry
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from backup import health, metrics
from backup.apps import BackupConfig
from backup.models import Repository
from backup.services import places
from core.access.demo import World
from core.config import env
from core.config.places import Place
from core.errors import Invalid
from core.tool import Level
from tests.backup.founding import found
from tests.backup.places.conftest import WHERE, Declare, Outside, secret
from tests.core.config.test_env import ROOT, WHOLE


def written(folder: Path, text: str) -> str:
    (folder / "places.toml").write_text(text)
    return str(folder / "places.toml")


def test_a_file_declares_places(tmp_path: Path) -> None:
    """Each table is a place: its address, what people call it, and the files in which its secrets lie."""
    key = secret(tmp_path / "key")
    told = f"""
        [brest]
        label = "Second site, Brest"
        address = "s3://bucket/suite?endpoint=https://s3.example.org&lock=compliance:30"
        key_file = "{key}"
        secret_file = "{key}"

        [nas]
        address = "sftp://suite@nas/backups?fingerprint=SHA256:x"
        ssh_key_file = "{key}"
    """
    found = env.load({**WHOLE, "BACKUP_PLACES_FILE": written(tmp_path, told)})["BACKUP_PLACES_FILE"]
    assert found["brest"].label == "Second site, Brest"
    assert found["brest"].files == {"key_file": key, "secret_file": key}
    assert found["nas"] == Place("nas", "nas", "sftp://suite@nas/backups?fingerprint=SHA256:x", {"ssh_key_file": key})
    assert env.load(WHOLE)["BACKUP_PLACES_FILE"] is None


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("[Brest]\naddress = 's3://b/x'", "[Brest]: a place is named by small letters"),
        ("[b]\nlabel = 'x'", "[b] address: say where it is, by dav+http://"),
        ("[b]\naddress = '/mnt/disk'", "[b] address: say where it is"),
        ("[b]\naddress = 's3://b/x'\npassword = 'x'", "[b] password: not known here; known are address, ca_file"),
        ("[b]\naddress = 's3://b/x'\nssh_key_file = '/x'", "[b] ssh_key_file: not known here"),
        ("[b]\naddress = 's3://b/x'\nkey_file = '/nowhere'", "[b] key_file: /nowhere can't be read: No such file"),
        ("[b]\naddress = 's3://b/x'\nkey_file = 'OPEN'", "[b] key_file: everybody may read OPEN: chmod o= OPEN"),
        ("b = 1", "b: write a table [b]"),
        ("[b\n", "isn't TOML"),
    ],
)
def test_a_fault_stops_the_start(tmp_path: Path, told: str, fault: str) -> None:
    """What is misspelt, missing or open to everybody is told by its place and key, and the suite doesn't start."""
    open_ = tmp_path / "open"
    open_.write_text("x")
    open_.chmod(0o644)
    with pytest.raises(env.BadSettings) as stop:
        env.load({**WHOLE, "BACKUP_PLACES_FILE": written(tmp_path, told.replace("OPEN", str(open_)))})
    assert "- BACKUP_PLACES_FILE: " in str(stop.value)
    assert fault.replace("OPEN", str(open_)) in str(stop.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Who mends the file needn't start the suite once for each fault."""
    with pytest.raises(env.BadSettings) as stop:
        env.load({**WHOLE, "BACKUP_PLACES_FILE": written(tmp_path, "[A]\nx = 'y'\n[B]\naddress = 1\n")})
    assert all(word in str(stop.value) for word in ("[A]", "[B]", "quotes"))


def test_an_address_that_is_none_stops_the_start(tmp_path: Path) -> None:
    """An SFTP server without its fingerprint, or a password in an address, ends the start with one line each."""
    told = "[a]\naddress = 'sftp://suite@nas/x'\n[b]\naddress = 'webdavs://u:secret@nas/x'\n"
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "core.config.settings"}
    environ["BACKUP_PLACES_FILE"] = written(tmp_path, told)
    command = [sys.executable, "-m", "django", "check"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    first, one, other = done.stderr.splitlines()
    assert first == "The suite can't start:"
    assert "[a] the host key of nas must be pinned by its fingerprint" in one
    assert "[b] a password has no place in an address" in other
    assert "secret" not in other


def test_nobody_types_an_address(world: World, bucket: Outside) -> None:
    """Only a place that was declared is taken, by its name: no address, no folder, no place of another name."""
    owner = world.user["owner"]
    for where in (bucket.place.address, "place:other", "place:", "offsite", "/etc", "http://169.254.169.254/"):
        with pytest.raises(Invalid, match="unknown"):
            found(owner, world.project, name="X", folder=where)
    assert bucket.door is not None
    assert bucket.door.calls == []
    assert not Repository.objects.exists()


def test_the_form_offers_places(world: World, client_of: Callable[[str], Client], bucket: Outside) -> None:
    """A manager sees what places are called and what they are, not where: the address stays the administrator's."""
    client = client_of("owner")
    page = client.get(f"/projects/{world.project.slug}/backups/repositories/new/")
    text = page.content.decode()
    assert "Second site, Brest" in text
    assert "S3" in text
    assert bucket.place.address.split("?")[0] not in text
    assert 'value="place:offsite" class="form-check-input" checked' in text or "place:offsite" in text


def test_places_over_rest(world: World, api_of: Callable[[str], APIClient], bucket: Outside) -> None:
    """Who manages a project's backups lists where they can be kept; others may not, and strangers find nothing."""
    url = "/api/v1/backup/repositories/places/"
    asked = {"project": world.project.slug}
    assert api_of("owner").get(url, asked).json() == [
        {"where": "", "label": "avec les données", "kind": "data", "lock_days": 0},
        {"where": WHERE, "label": "Second site, Brest", "kind": "s3", "lock_days": 0},
    ]
    assert api_of("monitor").get(url, asked).status_code == 403
    assert api_of("stranger").get(url, asked).status_code == 404
    assert api_of("anonymous").get(url, asked).status_code == 401


def test_a_place_that_answers_is_good(outside: Outside, db: None) -> None:
    """A place that can be reached and written to is told as such, and nothing is left of the trial."""
    assert health.places_answer().level is Level.GOOD
    assert health.deployed(None) == []
    assert [(one.choice.label, one.fault) for one in places.seen()] == [("Second site, Brest", "")]
    measured = {one.labels.get("place"): one.value for one in metrics.of_places()}
    assert measured == {"offsite": 1.0}


def test_a_place_that_fails_is_told(
    settings: Settings, declare: Declare, tmp_path: Path, db: None, quick: object
) -> None:
    """What can't be reached or written to stands on the health page, in `check --deploy` and in `hds_check`."""
    settings.BACKUP_FOLDERS = [tmp_path, tmp_path / "unplugged"]
    declare(Place("brest", "Brest", "webdav://127.0.0.1:9/x", {}))
    assert [one.fault for one in places.seen()] == ["", "away", "away"]
    finding = health.places_answer()
    assert finding.level is Level.FAILED
    assert "Brest" in str(finding.message)
    assert f"{tmp_path}/unplugged" in str(finding.message)
    assert health.deployed in registry.get_checks(include_deployment_checks=True)
    assert [(one.id, "Brest" in one.msg) for one in health.deployed(None)] == [("backup.places", True)]
    assert "backup.health.places_answer" in BackupConfig.controls


def test_a_place_that_refuses(bucket: Outside, db: None) -> None:
    """Credentials that may not write are told apart from a store that is away."""
    from tests.backup.stores.faulty import status

    assert bucket.door is not None
    bucket.door.rules.append(status(403, "AccessDenied"))
    assert [one.fault for one in places.seen()] == ["denied"]


def test_only_beside_the_data_is_a_warning(settings: Settings, db: None) -> None:
    """An instance that can keep backups nowhere but beside its data hears of it."""
    settings.BACKUP_FOLDERS = []
    assert health.kept_elsewhere().level is Level.WARNING
    settings.BACKUP_FOLDERS = [Path("/mnt/disk")]
    assert health.kept_elsewhere().level is Level.GOOD
