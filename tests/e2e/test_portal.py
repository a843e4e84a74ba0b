"""The portal in a browser: keyboard, palette, theme, language, and a session that ends in the middle of work."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from core.accounts.models import User
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def test_the_keyboard_reaches_the_content_first(site: Site) -> None:
    """The first stop of the Tab key skips the navigation, and where one is can be seen."""
    page = site.open("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_menus_close_on_escape_and_give_the_focus_back(site: Site) -> None:
    """Escape closes a menu and returns to what opened it."""
    page = site.open("/")
    summary = page.locator(".account-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".account-menu")).to_have_attribute("open", "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu")).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_the_palette_goes_to_a_project_by_typing(site: Site) -> None:
    """Ctrl-K, three letters and Enter lead to a project."""
    page = site.open("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("sep")
    expect(page.locator("#palette-results .hit[aria-selected=true]")).to_contain_text("Étude Sepsis")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/projects/etude-sepsis/"))


def test_the_palette_waits_for_the_answer(site: Site) -> None:
    """Enter pressed before the answer has come opens what was typed, not what stood there before."""
    page = site.open("/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-results .hit[aria-selected=true]")).to_be_visible()
    page.locator("#palette input").fill("moi")
    page.locator("#palette-results .hit").first.evaluate("(hit) => hit.setAttribute('href', '/wrong/')")
    page.locator("#palette input").fill("sepsis")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/projects/etude-sepsis/"))


@pytest.mark.parametrize("path", ["/accounts/logout/", "/"])
def test_who_signs_out_leaves_nothing_typed(site: Site, path: str) -> None:
    """Whichever form one signs out with, what was typed in the tab is gone."""
    page = site.open(path)
    page.evaluate("sessionStorage.setItem('draft:somebody:/elsewhere/:x', '{}')")
    if path == "/":
        page.locator(".account-menu summary").click()
        page.locator(".account-menu [data-sign-out] button").click()
    else:
        page.locator("main [data-sign-out] button").click()
    expect(page.locator(".account-menu")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('draft:somebody:/elsewhere/:x')") is None


def test_who_stays_keeps_what_he_typed(site: Site) -> None:
    """The answer that one stays signed in throws nothing away."""
    page = site.open("/accounts/logout/")
    page.evaluate("""() => {
        sessionStorage.setItem("kept", "yes");
        const form = document.querySelector("main [data-sign-out]");
        form.addEventListener("submit", (event) => event.preventDefault());
        form.insertAdjacentHTML("beforeend", '<button name="answer" value="stay">Rester</button>');
        form.querySelector("[value=stay]").click();
    }""")
    assert page.evaluate("sessionStorage.getItem('kept')") == "yes"


def test_choosing_columns_keeps_the_search(site: Site) -> None:
    """Columns and density are chosen for what the list shows now, not for what it showed when the page was loaded."""
    page = site.open("/style-guide/")
    page.locator("#search-table-people input[type=search]").fill("Camille")
    expect(page).to_have_url(re.compile(r"\?q=Camille$"))
    page.locator(".table-views summary", has_text="Colonnes").click()
    page.get_by_role("button", name="Afficher ces colonnes").click()
    expect(page).to_have_url(re.compile(r"columns=.*&q=Camille$"))
    page.wait_for_load_state()  # nobody hears the field before the scripts run
    expect(page.locator("#search-table-people input[type=search]")).to_have_value("Camille")
    page.locator("#search-table-people input[type=search]").fill("")
    expect(page).not_to_have_url(re.compile("Camille"))
    page.locator(".table-views summary", has_text="Colonnes").click()
    page.locator("form[action$='/density/'] button[name=density]").click()
    expect(page.locator(".table-views details[open]")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("Camille"))


def test_the_theme_is_kept_and_does_not_flash(site: Site) -> None:
    """The theme chosen is there before the body is, on the next page too."""
    page = site.open("/", theme="light")
    page.locator(".theme-switch summary").click()
    page.locator("[data-theme-choice=dark]:is(button)").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    seen = page.context
    seen.add_init_script(
        "const look = () => { if (document.body) window.first ??= document.documentElement.dataset.bsTheme };"
        "new MutationObserver(look).observe(document, {childList: true, subtree: true});"
    )
    page.reload()
    assert page.evaluate("window.first") == "dark"


def test_the_language_changes_where_one_is(site: Site) -> None:
    """The switch shows the same page in the other language."""
    page = site.open("/search/?q=sepsis")
    page.locator(".language-switch button[value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile(r"/search/\?q=sepsis$"))


def test_a_list_searches_and_keeps_its_place(site: Site) -> None:
    """Typing narrows the list without a reload and stays in the address."""
    page = site.open("/style-guide/")
    page.evaluate("window.same = true")
    page.locator("#search-table-people input[type=search]").fill("nobody")
    expect(page.locator("#table-people .empty-state")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=nobody$"))
    assert page.evaluate("window.same")


def test_selected_rows_bring_their_acts(site: Site) -> None:
    """The bar of acts appears with the first ticked row and says how many are ticked."""
    page = site.open("/style-guide/")
    bar = page.locator("#acts-table-people")
    expect(bar).to_be_hidden()
    page.locator("[data-select-all]").check()
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("1 sélectionné")


def test_a_dangerous_act_waits_for_its_name(site: Site) -> None:
    """The button stays closed until the name is typed."""
    page = site.open("/style-guide/")
    page.locator("[data-open-dialog='g-confirm']").click()
    button = page.locator("#g-confirm button[type=submit]")
    expect(button).to_be_disabled()
    page.locator("#g-confirm-name").fill("Inclusion")
    expect(button).to_be_enabled()


def test_what_is_typed_survives_a_reload(site: Site) -> None:
    """A form marked for drafts gives back what was typed in it, says so, and forgets it once it is sent."""
    page = site.open("/style-guide/")
    page.locator("#id_name").fill("Visite de suivi")
    page.locator("#id_sites_1").check()
    page.reload()
    expect(page.locator("#id_name")).to_have_value("Visite de suivi")
    expect(page.locator("#id_sites_1")).to_be_checked()
    expect(page.locator(".toasts")).to_contain_text("de retour")
    page.locator("#id_name").locator("xpath=ancestor::form").locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile("name=Visite"))
    expect(page.locator("#id_name")).to_have_value("")


def test_a_draft_stays_until_the_server_has_it(site: Site) -> None:
    """What the server refused or never got is still there when one comes back to the form."""
    page = site.open("/style-guide/")
    name = page.locator("#id_name")
    send = name.locator("xpath=ancestor::form").locator("button[type=submit]")
    name.fill("Visite de suivi")
    page.route(
        "**/style-guide/?*", lambda route: route.fulfill(status=503, content_type="text/html", body="<p>later</p>")
    )
    send.click()
    expect(page.get_by_text("later", exact=True)).to_be_visible()
    page.unroute("**/style-guide/?*")
    page.goto(site.address + "/style-guide/")
    expect(name).to_have_value("Visite de suivi")
    send.click()
    expect(page).to_have_url(re.compile("name=Visite"))
    expect(name).to_have_value("")


def end_sessions() -> None:
    Session.objects.all().delete()


def test_a_session_that_ends_asks_to_sign_in_and_goes_on(site: Site) -> None:
    """What was asked when the session had ended is done once the same person has signed in again, on the same page."""
    person = site.world.user["owner"]
    apart(lambda: set_password(person))
    page = site.open("/style-guide/")
    page.evaluate("window.same = true")
    apart(end_sessions)
    page.locator("#search-table-people input[type=search]").fill("Camille")
    dialog = page.locator("#session-dialog")
    expect(dialog.locator("input[name=login]")).to_be_focused()
    dialog.locator("input[name=login]").fill(person.email)
    dialog.locator("input[name=password]").fill("wrong horse battery")
    dialog.locator("button[type=submit]").first.click()
    expect(dialog.locator("[data-faults]")).to_be_visible()
    dialog.locator("input[name=login]").fill(person.email)
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").first.click()
    dialog.locator("input[name=code]").fill(apart(lambda: recovery_code(person)))
    dialog.locator("button[type=submit]").first.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#table-people tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=Camille"))
    expect(page.locator("main")).to_have_count(1)
    assert page.evaluate("window.same")


@pytest.mark.parametrize("path", ["/accounts/tokens/", "/projects/etude-sepsis/audit/"])
def test_the_link_of_the_page_is_in_sight(site: Site, path: str) -> None:
    """Where a bar of links is wider than the phone, it stands at the link of this page, and goes on scrolling."""
    page = site.open(path, width=390)
    current = page.locator(":is(.toolnav, .tabs) [aria-current]").first
    expect(current).to_be_in_viewport(ratio=0.95)
    assert page.evaluate("scrollX + scrollY") == 0


PASSWORD = "correct horse battery staple"


def set_password(person: User) -> None:
    person.set_password(PASSWORD)
    person.save()


def recovery_code(person: User) -> str:
    """One of the codes that the person printed."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    return str(RecoveryCodes.activate(person).get_unused_codes()[0])
