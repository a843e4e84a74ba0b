"""The study's devices: who holds which subjects' records and until when; work that was set aside; the study's rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.errors import Conflict, Invalid
from core.web.views import page, reads, writes
from ecrf import messages as words
from ecrf import packing, permissions
from ecrf.models import Checkout, OfflineDevice, OfflineFragment
from ecrf.models.forms import reader_language
from ecrf.queries import label_of
from ecrf.services import offline
from ecrf.services.offline.devices import MOST_DAYS, MOST_SUBJECTS, rule_of
from ecrf.services.offline.putting_aside import WAITING
from ecrf.web.places import project_of
from ecrf.web.readable import readable_at
from ecrf.web.tabs import tabs

SHOWN = 200


class RuleForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("Days for which records stay on a device"), min_value=1, max_value=MOST_DAYS
    )
    most_subjects = forms.IntegerField(
        label=gettext_lazy("Subjects on a device at most"), min_value=1, max_value=MOST_SUBJECTS
    )


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Every device that the reader may see, with what it holds, and the work that waits for him."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    devices = list(packing.devices_of(request.user, found).select_related("owner", "revoked_by")[:SHOWN])
    held: dict[Any, list[Checkout]] = {device.pk: [] for device in devices}
    visible = Checkout.objects.visible_to(request.user, permissions.READ).filter(device__in=devices, returned_at=None)
    for checkout in visible.filter(expires_at__gt=timezone.now()).select_related("subject"):
        held[checkout.device_id].append(checkout)
    waiting = OfflineFragment.objects.visible_to(request.user).filter(project=found, state__in=WAITING)
    rule = rule_of(found)
    context = {
        "project": found,
        "tabs": tabs(request, found, "offline"),
        "devices": [(device, held[device.pk]) for device in devices],
        "waiting": [
            {"receipt": receipt, "why": words.words(code_of(receipt), {})}
            for receipt in waiting.select_related("device__owner", "subject", "form", "site")[:SHOWN]
        ],
        "rule": rule,
        "form": RuleForm(initial={"days": rule.days, "most_subjects": rule.most_subjects}),
        "may_design": access.can(request.user, permissions.DESIGN, found),
        "may_lock": access.can(request.user, permissions.LOCK, found),
        "may_take": access.can(request.user, permissions.TAKE_OFFLINE, found),
    }
    return render(request, "ecrf/offline/devices.html", context)


def code_of(receipt: OfflineFragment) -> str:
    code = f"offline_{receipt.code}"
    return code if code in words.WORDS else "offline_faults"


@writes
def rule(request: HttpRequest, project: str) -> HttpResponse:
    """Change the study's rules."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    form = RuleForm(request.POST)
    if form.is_valid():
        offline.set_rule(request.user, found, **form.cleaned_data)
        messages.success(request, _("The rules for working offline are saved."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("ecrf:offline_devices", found.slug)


@writes
def revoke(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """A device that is lost or given away gets nothing any more."""
    found = project_of(request.user, project)
    device: OfflineDevice = access.fetch(
        OfflineDevice.objects.filter(pk__in=packing.devices_of(request.user, found).values("pk")),
        request.user,
        permissions.READ,
        pk=pk,
    )
    offline.revoke(request.user, device, request.POST.get("reason", ""))
    messages.success(request, _("The device is revoked."))
    return redirect("ecrf:offline_devices", found.slug)


@page
def aside(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One piece of work that was set aside: what it holds; saved after all, or discarded with a reason."""
    found = project_of(request.user, project)
    rows = OfflineFragment.objects.filter(project=found).select_related(
        "project", "device__owner", "subject", "form__current", "site"
    )
    receipt: OfflineFragment = access.fetch(rows, request.user, pk=pk)
    if request.method == "POST":
        return act(request, receipt)
    sent = offline.read_aside(request.user, receipt)
    context = {
        "project": found,
        "receipt": receipt,
        "sent": sent,
        "why": words.words(code_of(receipt), {}),
        "left": receipt.answer.get("left", []),
        "lines": lines(receipt, sent),
        "is_waiting": receipt.state in WAITING,
    }
    return render(request, "ecrf/offline/aside.html", context)


def act(request: HttpRequest, receipt: OfflineFragment) -> HttpResponse:
    """Try again, or discard."""
    try:
        if request.POST.get("act") == "drop":
            offline.drop(request.user, receipt, request.POST.get("reason", ""))
            messages.success(request, _("It is discarded; what was sent stays kept here."))
        else:
            offline.apply_again(request.user, receipt)
            messages.success(request, _("It is saved."))
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect("ecrf:offline_aside", receipt.project.slug, receipt.pk)
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        return redirect("ecrf:offline_aside", receipt.project.slug, receipt.pk)
    return redirect("ecrf:offline_devices", receipt.project.slug)


def lines(receipt: OfflineFragment, sent: offline.Sent) -> list[dict[str, str]]:
    """What was entered, by the labels of the form as it is now."""
    if receipt.form is None:
        return []
    definition, language = receipt.form.published.loaded, reader_language()
    found = [
        {"label": label_of(definition, key, language), "value": readable_at(definition, key, value, language)}
        for key, value in sent.mine.values.items()
    ]
    for place, note in sent.mine.notes.items():
        said = ", ".join(str(part) for part in (note or {}).values()) if isinstance(note, dict) else ""
        found.append({"label": f"{label_of(definition, place, language)} ({_('notes')})", "value": said})
    return found
