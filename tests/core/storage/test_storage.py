"""How much is stored and may be: a page for who runs the instance, a line on a project's page, and REST."""

from __future__ import annotations

import pytest

from core import files
from core.audit.models import Event
from core.errors import Invalid
from core.files.models import Space
from core.storage import services


@pytest.fixture
def full(world, tmp_path, settings):
    """The project stores a file of two megabytes of the two and a half that it may."""
    settings.DATA_DIR = tmp_path
    options = {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "files": options}
    files.store(None, world.project, [bytes(2_000_000)], name="Jeanne Le Gall.csv", kind="csv")
    Space.objects.filter(project=world.project).update(quota=2_500_000)
    return world


def test_the_page_says_how_much_is_stored(client_of, full, django_assert_max_num_queries):
    """By project and organisation, with the limit, the growth and the largest files; never the name of a file."""
    client = client_of("administrator")
    client.get("/instance/storage/")
    with django_assert_max_num_queries(30):
        page = client.get("/instance/storage/").content.decode()
    for word in (full.project.name, full.elsewhere.name, "2,0\xa0Mo", "80\xa0% de 2,5\xa0Mo", "+2,0\xa0Mo"):
        assert word in page
    assert "Le Gall" not in page
    narrowed = client.get("/instance/storage/?state=short").content.decode()
    assert f"{full.project.name}</" in narrowed or full.project.name in narrowed
    assert full.elsewhere.name not in narrowed


def test_a_limit_is_set_and_recorded(client_of, full):
    """Who runs the instance sets it in gigabytes, or leaves it to the settings; the audit trail tells both numbers."""
    space = Space.objects.get(project=full.project)
    client = client_of("administrator")
    assert client.post(f"/instance/storage/{space.pk}/", {"gigabytes": "1.5"}).status_code == 302
    space.refresh_from_db()
    assert space.quota == 1_500_000_000
    assert 'value="1.5"' in client.get(f"/instance/storage/{space.pk}/").content.decode()
    client.post(f"/instance/storage/{space.pk}/", {"gigabytes": ""})
    space.refresh_from_db()
    assert space.limit is None
    told = Event.objects.filter(action="files.quota_set").order_by("id").values_list("details", flat=True)
    assert [(said["former_limit"], said["limit"]) for said in told] == [
        (2_500_000, 1_500_000_000),
        (1_500_000_000, None),
    ]
    assert Event.objects.filter(action="files.quota_set", project_id=full.project.pk).count() == 2


def test_a_project_s_page_says_what_it_stores(client_of, full):
    """Its people see on its page how much it stores and may store."""
    page = client_of("member").get(f"/projects/{full.project.slug}/").content.decode()
    assert "2,0\xa0Mo" in page
    assert "80\xa0% de 2,5\xa0Mo" in page


def test_programs_read_and_set_it(api_of, full):
    """Over REST one reads what one's projects store; only who runs the instance sees all and sets a limit."""
    (mine,) = api_of("member").get("/api/v1/storage/spaces/").data["results"]
    assert (mine["project"], mine["used"], mine["files"], mine["limit"]) == (full.project.slug, 2_000_000, 1, 2_500_000)
    api = api_of("administrator")
    assert len(api.get("/api/v1/storage/spaces/").data["results"]) == 4
    address = f"/api/v1/storage/spaces/{mine['id']}/"
    assert api.patch(address, {"quota": 9_000_000}).data["limit"] == 9_000_000
    assert api.patch(address, {"quota": -1}).status_code == 422
    assert api_of("owner").patch(address, {"quota": 1}).status_code == 403
    assert api_of("stranger").patch(address, {"quota": 1}).status_code == 404


def test_a_limit_beyond_reason_is_refused(full):
    """A limit is a number of bytes from nothing to more than any disk."""
    space = Space.objects.get(project=full.project)
    for wrong in (-1, services.MOST + 1):
        with pytest.raises(Invalid):
            services.set_quota(full.user["administrator"], space, wrong)
