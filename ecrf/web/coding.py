"""The work of who codes: texts that wait, suggestions, acts on each; dictionaries and what their versions change."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.files import taking
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import permissions, services
from ecrf.engine.dictionaries import MAX_BYTES
from ecrf.models import Dictionary, Form
from ecrf.services import coding, dictionaries
from ecrf.web.places import form_of, project_of
from ecrf.web.tabs import tabs
from ecrf.words.dictionaries import KINDS

PER_PAGE = 15
SHOWN = {
    "waiting": gettext_lazy("To be coded"),
    "approve": gettext_lazy("To be approved"),
    "done": gettext_lazy("Coded"),
}


class DictionaryForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind of file"), choices=list(KINDS.items()))
    file = forms.FileField(
        label=gettext_lazy("File"),
        validators=[taking.Takes(taking.Kind.TEXT, taking.Kind.ZIP, taking.Kind.XML)],
        help_text=gettext_lazy("You need the right to use it: most dictionaries ask for a licence."),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    key = forms.SlugField(
        label=gettext_lazy("Key"), max_length=50, help_text=gettext_lazy("By which forms name it, for example meddra.")
    )
    version = forms.CharField(label=gettext_lazy("Version"), max_length=50)
    language = forms.CharField(label=gettext_lazy("Language"), max_length=12, required=False)
    licence = forms.CharField(
        label=gettext_lazy("Licence"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    shared = forms.BooleanField(label=gettext_lazy("All projects of the organisation may code with it"), required=False)

    def clean_file(self) -> bytes:
        sent = self.cleaned_data["file"]
        content: bytes = sent.read(MAX_BYTES + 1)
        return content


@reads
def worklist(request: HttpRequest, project: str) -> HttpResponse:
    """The texts of a form, alike ones together, with what they may be coded as."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    may_code = access.can(request.user, permissions.CODE, found)
    forms_ = coding.forms_to_code(found) if may_code else []
    form = next((one for one in forms_ if one.key == request.GET.get("form")), forms_[0] if forms_ else None)
    show = request.GET.get("show", "waiting")
    groups = coding.groups_of(request.user, form) if form else []
    if form is not None:
        audit.record(request.user, "ecrf.verbatims_read", form, texts=len(groups))
    kept = [group for group in groups if shown_as(group) == show]
    at = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    held = dictionaries.current_in(found)
    search = request.GET.get("search", "")[:200]
    open_at = request.GET.get("text", "")
    lines = []
    for group in at.object_list:
        used = held.get(group.dictionary)
        text = search if search and open_at == group.digest else group.text
        lines.append(
            {
                "group": group,
                "dictionary": used,
                "places": [f"{place.entry.subject.number}" for place in group.places[:5]],
                "more": max(0, len(group.places) - 5),
                "suggestions": coding.suggestions(found, used, text) if used and show == "waiting" else [],
                "search": search if open_at == group.digest else "",
                "may_approve": show == "approve"
                and all(p.coded.by_id != request.user.pk for p in group.to_approve if p.coded),
            }
        )
    context = {
        "project": found,
        "tabs": tabs(request, found, "coding"),
        "may_code": may_code,
        "forms": forms_,
        "form": form,
        "lines": lines,
        "at": at,
        "show": show,
        "shown": [(key, word, sum(shown_as(group) == key for group in groups)) for key, word in SHOWN.items()],
        "may_load": access.can(request.user, permissions.MANAGE_DICTIONARIES, found),
        "may_ask": access.can(request.user, permissions.OPEN, found),
        "query_string": request.GET.urlencode(),
    }
    return render(request, "ecrf/coding.html", context)


def shown_as(group: coding.Group) -> str:
    return "waiting" if group.waiting else "approve" if group.to_approve else "done"


@writes
def act(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Code a text, call it not codable, ask the site, approve, take back; or code by itself what is sure."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.CODE, found, obj=what)
    try:
        messages.success(request, done(request, what))
    except Conflict as error:
        messages.error(request, str(error.message))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    shown = request.POST.get("show", "")
    asked = f"&show={shown}" if shown in SHOWN else ""
    return redirect(f"{reverse('ecrf:coding', args=[found.slug])}?form={what.key}{asked}")


def done(request: HttpRequest, form: Form) -> str:
    dictionary, mark = request.POST.get("dictionary", ""), request.POST.get("digest", "")
    name, text = request.POST.get("act", ""), request.POST.get("reason", "")
    if name == "itself":
        count = coding.code_by_itself(request.user, form)
        return ngettext("%(n)s text was coded by itself.", "%(n)s texts were coded by themselves.", count) % {
            "n": count
        }
    if name == "approve":
        coding.approve_codes(request.user, form, dictionary, mark)
        return _("The code is approved.")
    if name == "withdraw":
        coding.withdraw_codes(request.user, form, dictionary, mark)
        return _("The code is taken back: the text waits again.")
    if name == "not_codable":
        coding.call_not_codable(request.user, form, dictionary, mark, text)
        return _("The text is marked as not codable.")
    if name == "ask":
        count = coding.ask_about(request.user, form, dictionary, mark, text)
        return ngettext("%(n)s query is opened.", "%(n)s queries are opened.", count) % {"n": count}
    coding.code_text(request.user, form, dictionary, mark, request.POST.get("code", ""))
    return _("The text is coded, wherever it stands.")


@page
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The dictionaries of a project with their versions; loading the next one; whether a second person approves."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.MANAGE_DICTIONARIES, found)
    form = DictionaryForm(request.POST or None, request.FILES or None) if "load" in request.POST else DictionaryForm()
    if request.method == "POST" and "load" not in request.POST:
        services.set_coding_rules(request.user, found, approval=request.POST.get("approval") == "on")
        messages.success(request, _("The rules are saved."))
        return redirect("ecrf:dictionaries", found.slug)
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data}
        try:
            made = services.load_dictionary(request.user, found, values.pop("file"), **values)
        except Invalid as error:
            show_faults(form, error)
        else:
            count = made.terms_count
            messages.success(
                request, ngettext("%(n)s term is loaded.", "%(n)s terms are loaded.", count) % {"n": count}
            )
            return (
                redirect("ecrf:dictionary", found.slug, made.pk)
                if made.number > 1
                else redirect("ecrf:dictionaries", found.slug)
            )
    context = {
        "project": found,
        "dictionaries": dictionaries.usable_in(found).select_related("loaded_by", "project").order_by("key", "-number"),
        "dictionary_form": form,
        "policy": coding.policy_of(found),
    }
    return render(request, "ecrf/dictionaries.html", context, status=422 if form.errors else 200)


def dictionary_of(request: HttpRequest, found: Project, pk: UUID) -> Dictionary:
    access.require(request.user, permissions.MANAGE_DICTIONARIES, found)
    one: Dictionary = access.fetch(Dictionary.objects.filter(project=found), request.user, pk=pk)
    return one


@page
def dictionary(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One version: what it changes for the codes in use of the version before, and bringing over those that stay."""
    found = project_of(request.user, project)
    one = dictionary_of(request, found, pk)
    before = dictionaries.usable_in(found).filter(project=found, key=one.key, number=one.number - 1).first()
    if request.method == "POST" and before is not None:
        count = coding.carry_over(request.user, found, before, one)
        messages.success(
            request, ngettext("%(n)s code is brought over.", "%(n)s codes are brought over.", count) % {"n": count}
        )
        return redirect("ecrf:dictionary", found.slug, one.pk)
    words = {
        "gone": _("is there no more"),
        "retired": _("is given no more"),
        "moved": _("belongs elsewhere"),
        "renamed": _("is called otherwise"),
    }
    changes = dictionaries.changes(found, before, one) if before else []
    search = request.GET.get("q", "")[:200]
    context = {
        "project": found,
        "dictionary": one,
        "before": before,
        "changes": [(change, words[change.change]) for change in changes],
        "search": search,
        "terms": dictionaries.search(one, search, 20) if search else [],
    }
    return render(request, "ecrf/dictionary.html", context)
