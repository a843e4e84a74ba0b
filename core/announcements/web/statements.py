"""What the suite says of itself to everybody: how accessible it is, and what it keeps of people."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.web.views import reads


@login_not_required
@reads
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "announcements/accessibility.html", {"contact": settings.CONTACT_EMAIL})


@login_not_required
@reads
def privacy(request: HttpRequest) -> HttpResponse:
    ends = {"minutes": settings.SESSION_COOKIE_AGE // 60, "hours": settings.SESSION_LONGEST // 3600}
    return render(request, "announcements/privacy.html", {"contact": settings.CONTACT_EMAIL, **ends})
