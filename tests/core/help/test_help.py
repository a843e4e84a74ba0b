"""The help: of the page one is on, in both languages, searched without accents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client

from core import tool
from core.help import pages
from tests.walk import routes

ClientOf = Callable[[str], Client]


def test_both_languages_say_the_same() -> None:
    """Each app has as many sections in one language as in the other, and each tool has some."""
    counts = [Counter(section.app for section in pages.sections(language)) for language in ("fr", "en")]
    assert counts[0] == counts[1]
    assert {config.label for config in tool.tools()} <= set(counts[0])


def test_the_help_of_this_page_comes_first(client_of: ClientOf) -> None:
    """In a tool its own sections come before those about the suite; elsewhere only the latter."""
    assert pages.find("fr", "ecrf", "")[0].app == "ecrf"
    assert {section.app for section in pages.find("fr", "jobs", "")} == {"help"}
    panel = client_of("member").get("/help/?app=ecrf", headers={"HX-Request": "true", "HX-Target": "help-found"})
    assert "Inclure un sujet" in panel.content.decode()
    assert "<html" not in panel.content.decode()


def test_the_most_used_pages_have_a_help_of_their_own(client_of: ClientOf) -> None:
    """At least twenty pages, each of which there is, and the same in both languages; on such a page it comes first."""
    named = [[section.pages for section in pages.sections(language)] for language in ("fr", "en")]
    assert named[0] == named[1]
    every = frozenset[str]().union(*named[0])
    assert len(every) >= 20
    assert every <= {route.name for route in routes()}
    assert pages.find("fr", "access", "", "access:invite")[0].title == "Inviter quelqu’un"
    assert pages.find("fr", "ecrf", "", "ecrf:import")[0].title == "Importer un dictionnaire REDCap"
    assert pages.find("fr", "jobs", "", "jobs:list")[0].title == "Suivre un traitement long"
    asked = {"app": "access", "page": "access:invite"}
    panel = client_of("member").get("/help/", asked, headers={"HX-Request": "true", "HX-Target": "help-found"})
    assert panel.content.decode().index("Inviter quelqu’un") < panel.content.decode().index("Trouver un projet")


def test_the_help_is_searched(client_of: ClientOf) -> None:
    """Every tool's help is searched, accents aside; where nothing is found one is told what to do."""
    assert "Importer un dictionnaire REDCap" in client_of("member").get("/help/?q=DICTIONNAIRE+redcap").content.decode()
    assert "Rien dans l’aide" in client_of("member").get("/help/?q=xyzzy").content.decode()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "<p>a b</p>"),
        ("- **a**\n- `b`", "<ul><li><strong>a</strong></li><li><kbd>b</kbd></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
    ],
)
def test_what_is_written_is_text(text: str, html: str) -> None:
    """Lists, bold and keys are understood; everything else is shown as it is."""
    assert pages.html(text) == html
