import pytest
from tests.e2e.conftest import Site, apart
from tests.e2e.test_builder import *
S="/tmp/k/builder-tmp/shots/"
def test_shots(site: Site) -> None:
    draft = begun(site, "observational")
    for width in (1440, 390):
        page = site.open(address(site, "build", draft.pk), "owner", width=width)
        page.wait_for_selector("ecrf-preview")
        errs=[]
        page.on("console", lambda m: errs.append(m.text)); page.on("pageerror", lambda e: errs.append(str(e)))
        page.screenshot(path=f"{S}form-{width}.png")
        if width==390:
            page.get_by_role("button", name="Plan", exact=True).click(); page.screenshot(path=f"{S}outline-390.png")
        page.locator(".row-page").nth(3).click()
        page.locator(".row-fold").nth(3).click() if False else None
        page.screenshot(path=f"{S}page-{width}.png")
        if width==390: page.get_by_role("button", name="Plan", exact=True).click()
        r=page.locator(".row-item", has_text="Terminé le")
        if not r.count():
            page.locator(".row-page", has_text="indésirable").click()
            if width==390: page.get_by_role("button", name="Plan", exact=True).click()
        page.locator(".row-item", has_text="Grave").first.click()
        if width==390: page.get_by_role("button", name="Propriétés", exact=True).first.click()
        page.screenshot(path=f"{S}item-{width}.png")
        if width==390: page.get_by_role("button", name="Plan", exact=True).click()
        page.locator(".row-item", has_text="Terminé le").first.click()
        if width==390: page.get_by_role("button", name="Propriétés", exact=True).first.click()
        page.screenshot(path=f"{S}cond-{width}.png")
        if width==390: page.get_by_role("button", name="Formulaire", exact=True).click()
        for v in ("Visites","Traductions","Texte"):
            page.get_by_role("button", name=v, exact=True).click(); page.wait_for_timeout(600)
            page.screenshot(path=f"{S}{v}-{width}.png")
        if width==390: page.get_by_role("button", name="Plan", exact=True).click()
        page.locator("#add").click(); page.wait_for_timeout(600)
        page.screenshot(path=f"{S}insert-{width}.png")
        print(width, errs)
