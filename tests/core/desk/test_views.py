"""Views of lists: kept under a name, shared in the project, opened first; nobody sees what is another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core.access.demo import World
from core.access.models import Membership
from core.desk import services
from core.desk.models import Start, View
from core.errors import Invalid

ClientOf = Callable[[str], Client]
KEY = "access:members members"


@pytest.fixture
def path(world: World) -> str:
    return f"/projects/{world.project.slug}/members/"


@pytest.fixture
def post(client_of: ClientOf, world: World, path: str) -> Callable[..., Any]:
    """Save a view of the list of members."""

    def post(who: str, **data: Any) -> Any:
        form = {
            "table": KEY,
            "project": world.project.slug,
            "path": path,
            "name": "Relire",
            "query": "q=nolwenn&page=2",
        }
        return client_of(who).post("/views/", {**form, **data})

    return post


def test_the_key_is_that_of_the_list(client_of: ClientOf, path: str) -> None:
    """The head of a list names it as the services know it."""
    assert f'name="table" value="{KEY}"' in client_of("owner").get(path).content.decode()


def test_a_view_is_kept_and_shown(post: Callable[..., Any], client_of: ClientOf, path: str) -> None:
    """Search, filters, order and columns are kept, the page one was on isn't; its link shows them again."""
    answer = post("owner", query="q=nolwenn&sort=-name&columns=roles&page=3")
    view = View.objects.get()
    assert view.query == "q=nolwenn&sort=-name&columns=roles"
    page = client_of("owner").get(answer["Location"]).content.decode()
    assert "Nolwenn Kerbrat" in page
    assert "Inès Benali" not in page
    assert "Relire" in page


def test_what_is_searched_for_is_sealed(post: Callable[..., Any]) -> None:
    """A word that one searches for may be a name: the database holds it sealed."""
    post("owner", query="q=secretword")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM desk_view")
        assert b"secretword" not in bytes(cursor.fetchone()[0])


def test_a_list_opens_with_the_view_one_chose(post: Callable[..., Any], client_of: ClientOf, path: str) -> None:
    """Without a question the list answers by that view; «Everything» leads past it, and others aren't concerned."""
    post("owner", first="on")
    owner = client_of("owner")
    assert owner.get(path)["Location"] == f"{path}?q=nolwenn&view={View.objects.get().pk}"
    assert owner.get(f"{path}?view=").status_code == 200
    assert client_of("member").get(path).status_code == 200


def test_a_shared_view_is_the_members(post: Callable[..., Any], client_of: ClientOf, path: str) -> None:
    """Members see what is shared and only that; who leaves sees it no more; unshared, it opens nobody's list."""
    post("owner", name="À moi")
    post("owner", name="À tous", shared="on")
    member, view = client_of("member"), View.objects.get(name="À tous")
    page = member.get(path).content.decode()
    assert "À tous" in page
    assert "À moi" not in page
    member.post(f"/views/{view.pk}/", {"name": "Volée", "first": "on", "path": path})
    view.refresh_from_db()
    assert (view.name, view.starts.count()) == ("À tous", 1)
    services.change_view(view.user, view, shared=False)
    assert view.starts.count() == 0
    assert member.get(path).status_code == 200


def test_who_left_is_shown_nothing(post: Callable[..., Any], world: World) -> None:
    """A view of a project goes with the membership."""
    post("member")
    member = world.user["member"]
    assert View.objects.visible_to(member).count() == 1
    Membership.objects.filter(user=member).update(ends_at=world.project.created_at, starts_at=world.project.created_at)
    assert View.objects.visible_to(member).count() == 0


@pytest.mark.parametrize(
    "data", [{"query": "q=" + "x" * 2100}, {"query": "<script>=1"}, {"name": " "}, {"table": "../etc x"}]
)
def test_what_is_no_view_is_refused(post: Callable[..., Any], data: dict[str, str]) -> None:
    """What no list understands is refused in words, and nothing is kept."""
    assert post("owner", **data).status_code == 303
    assert not View.objects.exists()


def test_a_name_is_given_once(post: Callable[..., Any], world: World) -> None:
    """Two views of one list have two names; other people have theirs."""
    post("owner")
    with pytest.raises(Invalid):
        services.save_view(world.user["owner"], KEY, "Relire", "", project=world.project)
    services.save_view(world.user["member"], KEY, "Relire", "", project=world.project)
    assert View.objects.count() == 2


def test_one_comes_back_only_to_a_page_of_the_suite(post: Callable[..., Any]) -> None:
    """A tampered form doesn't lead elsewhere."""
    assert post("owner", path="//evil.example/")["Location"].startswith("/?")
    assert post("owner", path="https://evil.example/", name="B")["Location"].startswith("/?")


def test_columns_are_those_one_asks_for(client_of: ClientOf, path: str) -> None:
    """The list shows the chosen columns and the name; an unknown one changes nothing."""
    heads = '<th scope="col"'
    everything = client_of("owner").get(path).content.decode().count(heads)
    assert client_of("owner").get(f"{path}?columns=roles").content.decode().count(heads) < everything
    assert client_of("owner").get(f"{path}?columns=nothing").content.decode().count(heads) == everything


def test_views_over_rest(api_of: Callable[[str], Any], world: World) -> None:
    """Saved, opened first, shared and deleted by an API client; a stranger's project is refused."""
    owner, stranger = api_of("owner"), api_of("stranger")
    body = {"table": KEY, "name": "Relire", "query": "q=a&page=2", "project": world.project.slug, "first": True}
    made = owner.post("/api/v1/views/", body)
    assert (made.status_code, made.data["query"], made.data["first"]) == (201, "q=a", True)
    assert Start.objects.count() == 1
    assert stranger.post("/api/v1/views/", body).status_code in (400, 422)
    changed = owner.patch(f"/api/v1/views/{made.data['id']}/", {"shared": True, "first": False})
    assert (changed.data["shared"], Start.objects.count()) == (True, 0)
    assert api_of("member").patch(f"/api/v1/views/{made.data['id']}/", {"name": "B"}).status_code == 403
    assert owner.delete(f"/api/v1/views/{made.data['id']}/").status_code == 204
