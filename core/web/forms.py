"""How every form looks: labels above, help under, errors at the field and in a summary that links to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting

from core.errors import Invalid

CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


class DayInput(forms.DateInput):
    """The browser's own field for a day, which wants ISO 8601 whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class BoundField(forms.BoundField):
    """A field that knows its classes. What stands in it fades away when one types, so it never repeats the label."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if any(kind.__module__.startswith("allauth.") for kind in type(form).__mro__):
            field.widget.attrs.pop("placeholder", None)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not widget.is_hidden:
            css = next(css for kind, css in CLASSES if isinstance(widget, kind))
            own = widget.attrs.get("class", "")
            attrs["class"] = f"{own} {css}{' is-invalid' if self.errors else ''}".strip()
        return attrs

    @property
    def is_check(self) -> bool:
        """Whether this is one box to tick, whose label stands next to it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def first_id(self) -> str:
        """Where a link to this field leads."""
        if self.use_fieldset and self.subwidgets:
            return str(self.subwidgets[0].id_for_label or self.auto_id)
        return str(self.id_for_label or self.auto_id)


class Renderer(TemplatesSetting):
    form_template_name = "web/form.html"
    field_template_name = "web/field.html"
    bound_field_class = BoundField


def offer(form: forms.BaseForm, name: str, choices: QuerySet[Any] | Iterable[tuple[Any, Any]]) -> None:
    """Say what one may choose in a field, where that depends on who asks."""
    field = form.fields[name]
    if isinstance(choices, QuerySet):
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = choices
    else:
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


def show_faults(form: forms.BaseForm, error: Invalid) -> None:
    """Put what a service refused where it belongs: each fault at its field, the others at the head of the form."""
    form.errors  # noqa: B018  validates first, so that faults are added to the form's own
    if error.message:
        form.add_error(None, str(error.message))
    for fault in error.faults:
        if fault.place in form.fields:
            form.add_error(fault.place, forms.ValidationError(str(fault.message), code=fault.code))
        else:
            text = f"{fault.place}: {fault.message}" if fault.place else str(fault.message)
            form.add_error(None, forms.ValidationError(text, code=fault.code))
