"""Model fields whose values are sealed in the database and clear in the program.

Each value is bound to its project, model, field and row, so one copied into another row, column or project doesn't
open. Values are sealed when the row is saved and opened when the attribute is first read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.core import checks
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from core.vault import engine, keys

if TYPE_CHECKING:
    Stored = models.BinaryField[Any, Any]
else:
    Stored = models.BinaryField


@dataclass(frozen=True, repr=False)
class Sealed:
    """A value as the database holds it."""

    value: bytes

    def __repr__(self) -> str:
        return "<sealed>"


class OpeningAttribute(DeferredAttribute):
    """Opens the value when it is first read, and keeps it clear from then on."""

    field: EncryptedField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.open(instance, value)
        return value

    # With these two Python asks the descriptor first, also where the row holds a value.
    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value

    def __delete__(self, instance: models.Model) -> None:
        del instance.__dict__[self.field.attname]


class EncryptedField(Stored):
    """What the encrypted fields share. `project` is the lookup from a row to its project; None is the instance.

    A row whose project may be empty, and is, is the instance's too. There are no lookups but ``isnull``; writes that
    skip the row (update, bulk_update, F) are refused. `values()` gives Sealed. For a look-up by equality, keep a
    ``vault.blind_index`` beside it.
    """

    descriptor_class = OpeningAttribute

    def __init__(self, *args: Any, project: str | None = "project", **kwargs: Any) -> None:
        self.project = project
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        if not self.editable:
            kwargs["editable"] = False
        return name, path, args, {**kwargs, "project": self.project}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = list(super().check(**kwargs))
        if not self.model._meta.pk.has_default():
            text = "An encrypted field needs a primary key that is known before the row is saved."
            found.append(checks.Error(text, obj=self, id="vault.E001"))
        return found

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed):
            if add:
                self.open(model_instance, value)  # a copy of another row: say so now, not when it is read
            return value
        return None if value is None else self.seal(model_instance, value)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None or isinstance(value, Sealed):
            return value.value if value else None
        raise TypeError(f"{self} is sealed with its row: use save() or bulk_create().")

    def from_db_value(self, value: Any, *_query: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self} isn't serialised: its clear value must not leave the database in a dump.")

    def seal(self, instance: models.Model, value: Any) -> Sealed:
        project_id = self.project_of(instance)
        key = keys.of(project_id, create=True).current
        return Sealed(engine.seal(key, self.encode(value), self.binding(instance.pk, project_id)))

    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        """The clear value. Raises vault.Unopenable where it was sealed for another place."""
        return self.open_for(instance.pk, self.project_of(instance), sealed)

    def open_for(self, pk: Any, project_id: Any, sealed: Sealed) -> Any:
        """The same for who read the column alone, of many rows: the row's key and that of its project say the place."""
        held = keys.of(project_id, version=engine.version_of(sealed.value))
        return self.decode(engine.open_sealed(held.by_version, sealed.value, self.binding(pk, project_id)))

    def project_of(self, instance: models.Model) -> Any:
        """The id of the row's project, without a query where the row itself holds it."""
        if self.project is None:
            return None
        *path, last = self.project.split("__")
        row: Any = instance
        for step in path:
            row = getattr(row, step)
        field = row._meta.pk if last == "pk" else row._meta.get_field(last)
        found = getattr(row, field.attname)
        if found is None and not field.null:
            raise ValueError(f"{self} has no project to be sealed for")
        return found

    def binding(self, pk: Any, project_id: Any) -> bytes:
        """What the value of this row is bound to."""
        return engine.binding(keys.owner(project_id), f"field:{self.model._meta.label}.{self.name}:{pk}")

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, data: bytes) -> Any:
        raise NotImplementedError


class EncryptedTextField(EncryptedField):
    """Text, as UTF-8."""

    def encode(self, value: Any) -> bytes:
        return str(value).encode()

    def decode(self, data: bytes) -> str:
        return data.decode()

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.CharField, "empty_value": None if self.null else "", **kwargs})


class EncryptedJSONField(EncryptedField):
    """Anything that JSON can say (dates and decimals as text); NULL is None, as is a JSON null."""

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> Any:
        return json.loads(data)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, "encoder": DjangoJSONEncoder, **kwargs})


class SealedBytesField(Stored):
    """Bytes that a service seals and opens itself, by `vault.seal` with this `context`, in which {pk} is the row's key.

    The field makes them known, so that they are sealed anew with all else when the project's key is renewed.
    """

    def __init__(self, *args: Any, context: str, project: str | None = "project", **kwargs: Any) -> None:
        self.context, self.project = context, project
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "context": self.context, "project": self.project}

    def binding(self, pk: Any, project_id: Any) -> bytes:
        return engine.binding(keys.owner(project_id), self.context.format(pk=pk))


SealedField = EncryptedField | SealedBytesField


def sealed_fields() -> list[SealedField]:
    """Every field of every app whose values are sealed, in the order of the apps."""
    models_ = apps.get_models(include_auto_created=True)
    found = (field for model in models_ for field in model._meta.local_concrete_fields)
    return [field for field in found if isinstance(field, EncryptedField | SealedBytesField)]


def may_be_of_the_instance(field: SealedField) -> bool:
    """Whether the instance's own key may seal a row of it: no project, or a step on the way to it that may be empty."""
    model = field.model
    for name in field.project.split("__") if field.project else ():
        step: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
        if step.null:
            return True
        model = step.related_model
    return field.project is None
