"""Look a medicine up: search as one types, and all that is known of a product."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core import access
from core.web.views import reads, wants_fragment
from prescriptions import permissions, reference
from prescriptions.engine import wording
from prescriptions.engine.reference import atc, codes
from prescriptions.engine.reference.product import Product
from prescriptions.web.kinds import SOURCES
from prescriptions.web.places import project_of

MOST = 30
"""Products shown for a search."""


@reads
def search(request: HttpRequest, project: str) -> HttpResponse:
    """The products that what is typed may mean, likeliest first; the same address answers the results alone."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    words = request.GET.get("q", "")[:80]
    name, edition = reference.in_use()
    products = edition.search(words, MOST + 1)
    context = {
        "project": found,
        "words": words,
        "products": products[:MOST],
        "has_more": len(products) > MOST,
        "edition": edition,
        "is_starter": name == reference.STARTER,
        "count": len(edition),
    }
    part = wants_fragment(request, "rx-found")
    return render(
        request, "prescriptions/medicines/found.html" if part else "prescriptions/medicines/search.html", context
    )


@reads
def product(request: HttpRequest, project: str, cis: str) -> HttpResponse:
    """Composition, codes with where they are from, boxes with prices, shortage."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    name, edition = reference.in_use()
    known = edition.product(cis)
    if known is None:
        raise Http404
    return render(
        request,
        "prescriptions/medicines/product.html",
        {
            "project": found,
            "product": known,
            "substances": [
                (one.name, wording.strengths((one.strength,)) if one.strength else "") for one in known.substances
            ],
            "routes": [(route, codes.route_code(route)) for route in known.routes],
            "atc_source": SOURCES.get(known.atc_source, ""),
            "is_sure": known.atc_source in atc.SOURCES[:3],
            "same": [other for other in of_group(edition.products_of(known.brand), known) if other.cis != known.cis],
            "edition": edition,
            "is_starter": name == reference.STARTER,
        },
    )


def of_group(products: tuple[Product, ...], known: Product) -> list[Product]:
    """Other strengths and forms of the same name, the sold and most used first."""
    ranked = sorted(products, key=lambda one: (not one.marketed, -one.weight, one.name))
    return [one for one in ranked if one.brand == known.brand][:10]
