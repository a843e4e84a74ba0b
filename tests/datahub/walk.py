"""Who reaches the pages and resources of the data spaces."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from core import datasets
from core.access.demo import World
from datahub.models import Notebook
from datahub.services.notebooks import create_notebook, delete_notebook
from datahub.services.runs import run_notebook
from tests.walk import SIGNED_IN, Route, in_project

OPENERS = dict.fromkeys(("researcher", "monitor", "owner", "administrator"), 200)
PEOPLE = dict.fromkeys(("researcher", "owner"), 200)
MOVED = dict.fromkeys(("researcher", "owner"), 302)
DATA = {"title": "Lecture", "cell": ["1 + 1"], "revision": "1"}
BODY = {"title": "Lecture", "cells": ["1 + 1"], "revision": 1}


def notebook(world: World) -> Notebook:
    rows = pa.table({"age": [61]})
    version = datasets.publish(world.user["owner"], world.project, "sepsis", rows, title="Sepsis", provenance={})
    return create_notebook(world.user["researcher"], world.project, "Lecture", ["1"], [version.dataset])


def page(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": notebook(world).pk}


def deleted(world: World) -> dict[str, Any]:
    row = notebook(world)
    delete_notebook(world.user["researcher"], row)
    return in_project(world) | {"pk": row.pk}


def resource(world: World) -> dict[str, Any]:
    return {"pk": notebook(world).pk}


def ran(world: World) -> dict[str, Any]:
    row = notebook(world)
    run_notebook(world.user["researcher"], row)
    return {"pk": row.pk}


ROUTES = [
    Route("datahub:home", in_project, OPENERS),
    Route("datahub:notebooks", in_project, PEOPLE),
    Route("datahub:create", in_project, PEOPLE),
    Route("datahub:notebook", page, PEOPLE),
    Route("datahub:notebook", page, PEOPLE, method="post", data=DATA),
    Route("datahub:results", page, PEOPLE),
    Route("datahub:delete", page, MOVED, method="post"),
    Route("datahub:restore", deleted, MOVED, method="post"),
    Route("api:datahub:notebook-list", allowed=SIGNED_IN, api=True),
    Route("api:datahub:notebook-detail", resource, PEOPLE, api=True),
    Route("api:datahub:notebook-detail", resource, PEOPLE, method="put", data=BODY, api=True),
    Route(
        "api:datahub:notebook-detail",
        resource,
        dict.fromkeys(PEOPLE, 204),
        method="delete",
        api=True,
    ),
    Route("api:datahub:notebook-run", resource, dict.fromkeys(PEOPLE, 202), method="post", api=True),
    Route("api:datahub:notebook-results", ran, PEOPLE, api=True),
]
