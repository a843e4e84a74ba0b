"""The same story over REST, as three programs with a token each live it."""

from __future__ import annotations

import io
import json
import time
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pyarrow.parquet as pq
import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from backup.engine.format import keyfile as keyfiles
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.stores import portal
from backup.engine.stores.portal import PortalStore
from tests.backup.founding import Client as Founder
from tests.backup.founding import as_json
from tests.e2e import trial
from tests.e2e.suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PROJECT = "etude-sepsis"
TITLE = "Longitudinal REST"
PERMISSIONS = {
    "owner": "access.view_project,access.view_members,access.manage_members,ecrf.design_forms,ecrf.read_records,"
    "ecrf.export_records,datasets.list_datasets,datasets.publish_data,datasets.read_data,datasets.export_data,"
    "backup.view_backups,backup.manage_backups,backup.run_backups,backup.restore_backups,audit.read_journal,"
    "audit.verify_journal",
    "member": "access.view_project,ecrf.read_records,ecrf.save_records",
    "researcher": "access.view_project,datasets.list_datasets,datasets.read_data,lowcode.view_analyses,"
    "lowcode.run_analyses,prescriptions.read_documents,prescriptions.write_documents,datahub.open_spaces,"
    "datahub.view_notebooks,datahub.edit_notebooks,datahub.run_notebooks",
}


class Client:
    """A program that calls the API with a token."""

    def __init__(self, suite: Suite, who: str) -> None:
        options = ("--user", f"{who}@demo.example", "--project", PROJECT, "--permissions", PERMISSIONS[who])
        made = suite.manage("token", "create", *options)
        assert made.returncode == 0, made.stderr
        self.base = f"{suite.url}/api/v1/"
        self.headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Accept-Language": "en"}

    def call(self, method: str, path: str, body: Any = None, files: dict[str, Any] | None = None) -> tuple[int, Any]:
        """The status and what was answered: JSON read, a file as bytes."""
        data, headers = None, dict(self.headers)
        if files is not None:
            data, headers["Content-Type"] = encode_multipart(BOUNDARY, {**(body or {}), **files}), MULTIPART_CONTENT
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310  (our own)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, read(answer)
        except HTTPError as error:
            with error:
                return error.code, read(error)

    def get(self, path: str) -> Any:
        status, answer = self.call("GET", path)
        assert status == 200, answer
        return answer

    def post(self, path: str, body: Any = None, files: dict[str, Any] | None = None) -> Any:
        status, answer = self.call("POST", path, body, files)
        assert status in (200, 201, 202), answer
        return answer

    def done(self, job: str) -> dict[str, Any]:
        """The job, once it has ended well."""
        until = time.monotonic() + 120
        while (found := self.get(f"jobs/{job}/"))["state"] in ("waiting", "running"):
            assert time.monotonic() < until, found
            time.sleep(0.2)
        assert found["state"] == "done", found
        return dict(found)


def read(answer: Any) -> Any:
    content = answer.read()
    return json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content


def test_story_over_rest(suite: Suite) -> None:
    """Programs import a form, fill it in, analyse, structure, compute, back up, restore, verify and remove a member."""
    readmit(suite)
    owner, clinician, researcher = (Client(suite, who) for who in ("owner", "member", "researcher"))

    with trial.dictionary().open("rb") as file:
        about = {"project": PROJECT, "title": TITLE, "language": "en"}
        version = owner.post("ecrf/forms/import/", about, {"dictionary": file})
    [form] = [each for each in owner.get("ecrf/forms/")["results"] if each["key"] == version["form"]]
    subject = clinician.post("ecrf/subjects/", {"project": PROJECT, "site": "BRO"})
    values = {"first_name": "Anna", "sex": "0", "weight": "70", "height": "175"}
    first = {"subject": subject["id"], "form": form["key"], "base_revision": 0, "values": values}
    entry = clinician.post("ecrf/entries/", first)
    assert entry["values"]["bmi"] == "22.9", entry

    crafted = {"base_revision": 1, "values": {"weight": "heavy", "sex": "9", "no_such": 1}}
    status, refusal = clinician.call("PATCH", f"ecrf/entries/{entry['id']}/", crafted)
    assert status == 422
    assert {"weight", "sex", "no_such"} <= {error["place"] for error in refusal["errors"]}
    status, refusal = clinician.call("PATCH", f"ecrf/entries/{entry['id']}/", {"base_revision": 0, "values": {}})
    assert (status, refusal["type"]) == (409, "urn:suite-interhop:problem:stale")

    owner.done(owner.post(f"ecrf/forms/{form['id']}/export/", {})["id"])
    [dataset] = [each for each in researcher.get("datasets/")["results"] if each["title"] == TITLE]

    query = {
        "source": {"dataset": dataset["name"]},
        "by": [{"column": "sex", "name": "sex"}],
        "measures": [{"of": "rows", "name": "n"}, {"of": "mean", "column": "weight", "name": "weight"}],
    }
    answer = researcher.post("lowcode/query/", {"project": PROJECT, "query": query})
    assert answer["rows"][0][1:] == [1, 70.0]
    assert "SELECT" in json.dumps(answer["code"])

    text = "DOLIPRANE 1000 mg : 1 comprimé 3 fois par jour pendant 5 jours"
    structured = researcher.post("prescriptions/structure/", {"project": PROJECT, "text": text})
    [line] = structured["lines"]
    [dosage] = line["medication"]["dosage"]
    assert (line["medication"]["name"], dosage["dose"]) == ("DOLIPRANE", {"value": 1, "unit": "comprimé"})
    assert dosage["timing"] == {"frequency": 3, "period": 1, "periodUnit": "d", "bounds": {"value": 5, "unit": "d"}}

    cell = f'import pandas as pd\nprint("rows", len(pd.read_parquet("/data/{dataset["name"]}.parquet")))'
    body = {"project": PROJECT, "title": TITLE, "cells": [cell], "datasets": [dataset["name"]]}
    notebook = researcher.post("datahub/notebooks/", body)
    researcher.done(researcher.post(f"datahub/notebooks/{notebook['id']}/run/", {})["job"])
    results = researcher.get(f"datahub/notebooks/{notebook['id']}/results/")
    assert results["results"][0]["outputs"][0]["text"] == "rows 1\n"

    back_up_and_restore(owner, dataset)

    verified = owner.done(owner.post("audit/events/verify/", {"project": PROJECT})["id"])
    assert verified["result"]["intact"] is True
    actions = {event["action"] for event in owner.get(f"audit/events/?project={PROJECT}&page_size=500")["results"]}
    assert actions >= trial.ACTS

    [member] = [each for each in owner.get("members/")["results"] if each["user"]["email"] == "member@demo.example"]
    assert owner.call("DELETE", f"members/{member['id']}/")[0] == 204
    assert clinician.call("GET", "ecrf/subjects/")[0] == 401


def readmit(suite: Suite) -> None:
    """The clinician is a member again, whoever removed him in this instance before."""
    script = Path(__file__).with_name("story_people.py").read_text()
    made = suite.manage("shell", "-v", "0", "-c", f"language = 'en'\n{script}")
    assert made.returncode == 0, made.stderr


def open_store(owner: Client, repository: str) -> PortalStore:
    """The portal as `suite-backup` reads it, by the same token."""
    base = owner.base.removesuffix("/api/v1/")
    token = owner.headers["Authorization"].removeprefix("Bearer ")
    return PortalStore(portal.address(f"suite+{base}/{repository}"), token)


def back_up_and_restore(owner: Client, dataset: dict[str, Any]) -> None:
    """A repository, a plan, a backup; what is restored is bit-identical to what the project holds."""
    client = Founder.new()
    keyfile, founding = client.keyfile, client.founding()
    repository = owner.post("backup/repositories/", {"project": PROJECT, "name": TITLE} | as_json(founding))
    owner.post(f"backup/repositories/{repository['id']}/confirm/", {"code": founding.control_code})
    later = datetime.now() + timedelta(hours=12)  # noqa: DTZ005  not due while we look, wherever this clock stands
    every = {"name": TITLE, "repository": repository["id"], "every": f"daily {later:%H:%M}", "project": PROJECT}
    plan = owner.post("backup/plans/", every)
    owner.done(owner.post(f"backup/plans/{plan['id']}/run/")["job"]["id"])
    [snapshot] = [each for each in owner.get("backup/snapshots/")["results"] if each["plan"] == plan["id"]]
    why = {"repository": repository["id"], "snapshot": snapshot["id"], "reason": "Drill"}
    opening = owner.post("backup/openings/", why)
    store = open_store(owner, repository["id"])
    opened = Repository.open(store, keyfiles.load(keyfile))
    catalogue = Catalogue(opened, opened.snapshot(bytes.fromhex(snapshot["snapshot_id"])))
    copy = b"".join(catalogue.content(catalogue.find(f"datasets/{dataset['name']}/v1.parquet".encode())))
    owner.post(f"backup/openings/{opening['id']}/took/", {"files": 1, "bytes": len(copy)})
    [version] = owner.get(f"datasets/versions/?dataset={dataset['id']}")["results"]
    status, file = owner.call("GET", f"datasets/versions/{version['id']}/download/")  # also has the labels
    assert status == 200
    assert pq.read_table(io.BytesIO(file)).equals(pq.read_table(io.BytesIO(copy)))
