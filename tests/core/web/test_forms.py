"""Forms: what is asked, what helps, what was wrong, and how one gets there."""

from __future__ import annotations

from django import forms
from django.utils import translation

from core.errors import Fault, Invalid
from core.web.forms import show_faults


class Visit(forms.Form):
    name = forms.CharField(help_text="As people say it.")
    day = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField()
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_help_and_errors_are_tied_to_their_field() -> None:
    """A screen reader says the help and the error of the field one is in."""
    shown = str(Visit({"name": ""}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'id="id_name_helptext"' in shown
    assert 'id="id_name_error"' in shown
    assert 'aria-invalid="true"' in shown


def test_the_summary_links_to_each_wrong_field() -> None:
    """Above the form, every fault is a link to its field, also into a group of choices."""
    shown = str(Visit({"name": ""}))
    for target in ("id_name", "id_kind_0", "id_agreed"):
        assert f'href="#{target}"' in shown
        assert f'id="{target}"' in shown


def test_a_fresh_form_says_nothing_of_faults() -> None:
    """Nothing is called wrong before it was sent."""
    shown = str(Visit())
    assert "data-faults" not in shown
    assert "is-invalid" not in shown


def test_what_may_be_left_out_is_said() -> None:
    """Optional fields say so; the others say nothing."""
    with translation.override("en"):
        shown = str(Visit())
    assert shown.count("(optional)") == 1


def test_faults_of_a_service_go_where_they_belong() -> None:
    """A fault that names a field stands at it; another stands in the summary with its place."""
    form = Visit({"name": "Inclusion", "kind": "a", "agreed": "on"})
    faults = [Fault("name", "taken", "Another form has this name."), Fault("row 3", "empty", "Say a value.")]
    show_faults(form, Invalid(faults, "The dictionary is refused."))
    assert form.errors["name"] == ["Another form has this name."]
    assert form.non_field_errors() == ["The dictionary is refused.", "row 3: Say a value."]
    assert not form.is_valid()


def test_what_a_person_typed_is_never_markup() -> None:
    """A label, a help or a fault with a tag in it is shown as text."""
    form = Visit({"name": "<script>alert(1)</script>"})
    show_faults(form, Invalid([Fault("name", "odd", "<b>odd</b>")]))
    shown = str(form)
    assert "<script>" not in shown
    assert "<b>odd" not in shown
