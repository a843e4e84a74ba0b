"""Lists: search, order, filters, pages and export, with a number of queries that doesn't grow with the rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from core.accounts.models import User
from core.web.export import plain_cell
from core.web.table import BulkAct, Column, Filter, Table

COLUMNS = (
    Column("full_name", "Name", sort=("full_name",)),
    Column("email", "E-mail", sort=("email",)),
    Column("letters", "Letters", value=lambda user: len(user.full_name), numeric=True),
)


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-a", "@SUM(A1)", "\t=1", "\n=1", " =1", "\uff1d1", " \uff0b1"])
def test_cells_run_nothing(text: str) -> None:
    """Text that a spreadsheet would run is preceded by an apostrophe, also after spaces and in full width."""
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [(-2, "-2"), (-2.5, "-2.5"), ("-2,5", "-2,5"), (None, ""), ("a=1", "a=1")])
def test_cells_that_are_plain(value: Any, cell: str) -> None:
    """Numbers and other text stay as they are."""
    assert plain_cell(value) == cell


@pytest.fixture
def people(db: None) -> None:
    names = ["=1+1", "Zoé Le Bris", "Ana Kerbrat", "Yann Prigent", "<script>alert(1)</script>"]
    User.objects.bulk_create(
        User(email=f"p{place}@demo.example", full_name=name, language="en" if place == 1 else "fr")
        for place, name in enumerate(names)
    )


def table(address: str = "/people/", **options: Any) -> Table:
    request = RequestFactory().get(address, headers=options.pop("headers", {}))
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.user = AnonymousUser()
    defaults: dict[str, Any] = {
        "search": ("full_name__icontains", "email__icontains"),
        "filters": (Filter("language", "Language", [("fr", "Français"), ("en", "English")]),),
        "order": ("full_name",),
        "name": "people",
    }
    return Table(request, User.objects.all(), COLUMNS, **{**defaults, **options})


def names(of: Table) -> list[str]:
    return [row.full_name for row in of.page]


def show(of: Table) -> str:
    return render_to_string("web/table.html", {"table": of}, request=of.request)


@pytest.mark.usefixtures("people")
class TestTable:
    def test_every_word_of_the_search_must_match(self) -> None:
        """Words are looked for in every searched field, and all of them must be found."""
        assert names(table("/people/?q=kerb+p2@")) == ["Ana Kerbrat"]
        assert names(table("/people/?q=kerbrat+prigent")) == []

    def test_order_is_in_the_address(self) -> None:
        """A click on a column orders by it, a second click turns it round; an unknown column is passed over."""
        assert names(table("/people/?sort=email"))[0] == "=1+1"
        assert names(table("/people/?sort=-email"))[0] == "<script>alert(1)</script>"
        assert names(table("/people/?sort=password"))[0] == names(table())[0]
        assert 'aria-sort="descending"' in show(table("/people/?sort=-email"))

    def test_a_filter_takes_only_its_choices(self) -> None:
        """A filter narrows the list; a crafted value changes nothing."""
        assert names(table("/people/?language=en")) == ["Zoé Le Bris"]
        assert len(names(table("/people/?language=en'--"))) == 5

    def test_pages_keep_search_and_order(self) -> None:
        """The link to the next page keeps the search, the filters and the order; a page too far is the last."""
        shown = show(table("/people/?sort=-email&language=fr", per_page=2))
        assert "sort=-email&amp;language=fr&amp;page=2" in shown
        assert table("/people/?page=99", per_page=2).page.number == 3

    def test_htmx_gets_the_list_alone(self) -> None:
        """The same address answers the page or the list; a restored page is whole."""
        headers = {"HX-Request": "true", "HX-Target": "table-people"}
        fragment = table(headers=headers).respond("portal/search.html", {}).content.decode()
        assert fragment.startswith('<div class="table-results" id="table-people">')
        whole = table().respond("portal/search.html", {}).content.decode()
        assert "<html" in whole

    def test_rows_do_not_add_queries(self, django_assert_num_queries: Any) -> None:
        """One query counts and one reads, however many rows there are."""
        acts = (BulkAct("Remind", url="/remind/"),)
        for rows in (1, 5):
            shown = table(acts=acts, per_page=rows)
            with django_assert_num_queries(2):
                show(shown)

    def test_selection_needs_acts(self) -> None:
        """Boxes to tick are there only where something can be done with the ticked rows."""
        assert 'name="selected"' not in show(table())
        shown = show(table(acts=(BulkAct("Remind", url="/remind/"),)))
        assert shown.count('name="selected"') == 5
        assert 'formaction="/remind/"' in shown
        assert "csrfmiddlewaretoken" in shown

    def test_export_holds_all_matching_rows_and_no_formula(self) -> None:
        """The file has every matching row, not the page's; what a spreadsheet would run is written as text."""
        listed = table("/people/?export=csv&page=2", per_page=2, export="people")
        assert listed.exporting
        file = listed.csv()
        assert not file.streaming, "behind ASGI, Django gathers in memory what isn't made asynchronously"
        text = file.content.decode()
        lines = text.splitlines()
        assert lines[0] == "\ufeffName;E-mail;Letters"
        assert len(lines) == 6
        assert "'=1+1;" in text

    def test_names_are_never_markup(self) -> None:
        """A name with a tag in it is shown as text, in the row and in the word of its box."""
        assert "<script>alert" not in show(table(acts=(BulkAct("Remind", url="/remind/"),)))

    def test_nothing_found_is_not_nothing_there(self) -> None:
        """An empty list says what it is for; a search without result leads back to everything."""
        empty = {
            "icon": "users",
            "title": "Nobody yet",
            "text": "Invite the first.",
            "url": "/invite/",
            "action": "Invite",
        }
        assert 'href="/people/?view="' in show(table("/people/?q=nobody", empty=empty))
        nobody = table(empty=empty)
        nobody.rows = User.objects.none()
        assert 'href="/invite/"' in show(nobody)
