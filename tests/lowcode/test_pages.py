"""The pages of the analyses, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.audit.models import Event
from core.datasets import demo
from core.datasets.models import DatasetVersion
from lowcode.demo import load
from lowcode.models import Analysis
from lowcode.queries import search
from lowcode.web.dashboard import cards
from tests.lowcode.conftest import BY_SEX, HOSTILE, publish
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
Clients = Callable[[str], Client]


def test_without_a_dataset_the_first_step_is_offered(client_of: Clients, world: World) -> None:
    """A project without data says so and leads to the upload."""
    page = client_of("owner").get(reverse("lowcode:analyses", args=["etude-sepsis"])).content.decode()
    assert reverse("datasets:upload", args=["etude-sepsis"]) in page


def test_a_new_analysis_opens_the_workbench(client_of: Clients, version: DatasetVersion) -> None:
    """Name and dataset chosen, one stands before the counted rows."""
    client = client_of("researcher")
    address = reverse("lowcode:create", args=["etude-sepsis"])
    response = client.post(address, {"name": "Âge par sexe", "dataset": "inclusions"})
    analysis = Analysis.objects.get()
    assert response.url == analysis.get_absolute_url()
    assert analysis.query["measures"] == [{"name": "rows", "of": "rows"}]
    refused = client.post(address, {"name": "", "dataset": "nothing"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"name", "dataset"}


def test_the_workbench_holds_its_state_as_data(client_of: Clients, analysis: Analysis) -> None:
    """The page's script reads JSON; a hostile column name can't leave it, and no script stands in the page."""
    page = client_of("researcher").get(analysis.get_absolute_url()).content.decode()
    found = re.search(r'<script id="workbench-state" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    state = json.loads(found[1])
    assert HOSTILE in [column["name"] for column in state["columns"]]
    assert HOSTILE not in page
    assert state["query"]["by"] == [{"name": "sex", "column": "sex"}]
    assert state["mayEdit"] is True


@pytest.mark.parametrize("who", ["monitor", "administrator"])
def test_a_viewer_gets_no_question(client_of: Clients, analysis: Analysis, who: str) -> None:
    """Who may not read the data gets a page without the query, and without acts."""
    response = client_of(who).get(analysis.get_absolute_url())
    assert response.context["workbench"]["query"] is None
    assert response.context["workbench"]["mayEdit"] is False
    assert reverse("lowcode:delete", args=["etude-sepsis", analysis.pk]) not in response.content.decode()


def test_delete_and_bring_back(client_of: Clients, analysis: Analysis) -> None:
    """Deleted, it is offered at the end of the list; brought back, it opens."""
    client = client_of("owner")
    client.post(reverse("lowcode:delete", args=["etude-sepsis", analysis.pk]))
    listing = client.get(reverse("lowcode:analyses", args=["etude-sepsis"])).content.decode()
    restore = reverse("lowcode:restore", args=["etude-sepsis", analysis.pk])
    assert restore in listing
    assert client.post(restore).url == analysis.get_absolute_url()


def test_publish_from_the_page(client_of: Clients, analysis: Analysis) -> None:
    """A bad name is refused at its field; a good one leads to the dataset."""
    client = client_of("researcher")
    address = reverse("lowcode:publish", args=["etude-sepsis", analysis.pk])
    assert client.post(address, {"title": "", "name": "Pas un nom"}).status_code == 422
    response = client.post(address, {"title": "Lactate", "name": "lactate", "hide_small_counts": "on"})
    assert response.status_code == 302
    assert Event.objects.filter(action="lowcode.result_published").count() == 1


def test_lists_take_the_same_number_of_queries(client_of: Clients, world: World, analysis: Analysis) -> None:
    """Twenty analyses are listed with as many queries as one."""
    client = client_of("owner")
    address = reverse("lowcode:analyses", args=["etude-sepsis"])
    one = queries_of(client, address)
    for number in range(20):
        Analysis.objects.create(
            project=world.project,
            owner=world.user["owner"],
            name=f"n° {number}",
            dataset=analysis.dataset,
            query=BY_SEX,
        )
    assert queries_of(client, address) == one


def test_search_finds_by_name_what_one_may_see(world: World, analysis: Analysis) -> None:
    """The researcher finds it; a stranger finds nothing."""
    assert [hit.title for hit in search(world.user["researcher"], "lactate")] == ["Lactate par sexe"]
    assert search(world.user["stranger"], "lactate") == []


def test_newer_data_is_announced_to_the_owner(world: World, analysis: Analysis) -> None:
    """When a version comes after one's analysis was saved, home says so; an analysis of today says nothing."""
    assert cards(world.user["researcher"], [world.project]) == []
    publish(world)
    (card,) = cards(world.user["researcher"], [world.project])
    assert card.url == analysis.get_absolute_url()
    assert cards(world.user["owner"], [world.project]) == []


def test_the_demo_makes_two_analyses_once(world: World) -> None:
    """Loaded twice there are two, both run, so that viewers see results."""
    demo.load(world)
    load(world)
    load(world)
    assert Analysis.objects.count() == 2
    assert Event.objects.filter(action="lowcode.query_run").count() == 2
