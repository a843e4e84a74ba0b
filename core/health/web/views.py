from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.health import checks
from core.health import metrics as prometheus
from core.tool import Level
from core.web.request import Request
from core.web.views import reads


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process runs; nothing else is asked. A watchdog restarts it where this doesn't answer."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether people can be served; a proxy sends nobody here while this says 503. Strangers learn no more."""
    findings = checks.essential()
    good = checks.worst(findings) is not Level.FAILED
    body = {"ready": good, "checks": {finding.name: finding.level for finding in findings}}
    return JsonResponse(body, status=200 if good else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for who sends METRICS_TOKEN; for everybody else, and where none is set, nothing is here."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not secrets.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(prometheus.page(), content_type=CONTENT_TYPE_LATEST)


@never_cache
@reads
def overview(request: Request) -> HttpResponse:
    """Every check of the instance, for its administrators."""
    if not request.user.is_administrator:
        raise Http404
    findings = checks.all_findings()
    controls = checks.controls()
    if request.accepts("text/html"):
        context = {"findings": [(finding, "") for finding in findings], "controls": controls}
        return render(request, "health/overview.html", context)
    listed = [{"name": found.name, "level": found.level, "message": str(found.message)} for found in findings]
    installed = [
        {"name": found.name, "level": found.level, "message": str(found.message), "asked_by": source}
        for found, source in controls
    ]
    return JsonResponse({"level": checks.worst(findings), "findings": listed, "controls": installed})
