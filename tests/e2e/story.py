"""The instance of a story, and the people in it, each in a browser of his own."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.authenticator import code_now
from tests.e2e.suite import Suite

PROJECT = "/projects/etude-sepsis"


@dataclass
class Story:
    suite: Suite
    browser: Browser
    language: str
    people: dict[str, dict[str, str]]
    mark: str
    """What the names of this telling end with."""
    contexts: list[BrowserContext] = field(default_factory=list)

    def somebody(self) -> Page:
        """A page of a fresh browser, in which nobody has signed in."""
        context = self.browser.new_context(locale=self.language, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        return context.new_page()

    def sign_in(self, part: str) -> Page:
        """Through the front door: e-mail, password, then the code of the second factor."""
        person, page = self.people[part], self.somebody()
        page.goto(f"{self.suite.url}{PROJECT}/")
        page.fill("[name=login]", person["email"])
        page.fill("[name=password]", person["password"])
        page.click("main form [type=submit]")
        page.locator("[name=code]").wait_for()  # only then does the time of the code begin
        page.fill("[name=code]", code_now(person["secret"], lasts=15))
        page.click("main form [type=submit] >> nth=0")
        expect(page).to_have_url(f"{self.suite.url}{PROJECT}/")
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        return page

    def go(self, page: Page, path: str) -> None:
        page.goto(f"{self.suite.url}{PROJECT}{path}")
