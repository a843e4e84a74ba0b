"""Encrypted model fields: clear in the program, sealed in the database, bound to their row."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models, transaction
from django.test.utils import isolate_apps

from core import vault
from core.files.models import StoredFile
from core.vault.fields import EncryptedJSONField, EncryptedTextField, Sealed


@pytest.fixture
def model(db):
    """A model with both fields, and a table for it while the test runs."""
    with isolate_apps("core.vault"):

        class Note(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)
            project_id = models.UUIDField()
            text = EncryptedTextField(project="project_id")
            other = EncryptedTextField(project="project_id", null=True)
            values_ = EncryptedJSONField(project="project_id", null=True)

            class Meta:
                app_label = "vault"

        with connection.schema_editor() as editor:
            editor.create_model(Note)
        yield Note


def column(model, pk, name: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM {model._meta.db_table} WHERE id = %s', [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_values_are_sealed_in_the_database(world, model):
    """The database holds no clear byte of a value, the program reads it as it was."""
    note = model.objects.create(project_id=world.project.pk, text="Jeanne Le Gall", values_={"âge": 71})
    assert b"Jeanne" not in column(model, note.pk, "text")
    assert b"71" not in column(model, note.pk, "values_")
    found = model.objects.get()
    assert (found.text, found.other, found.values_) == ("Jeanne Le Gall", None, {"âge": 71})


def test_dates_in_json_become_text(world, model):
    """JSON values are those of Django's encoder: a date is written as ISO 8601."""
    model.objects.create(project_id=world.project.pk, text="", values_=[datetime.date(2026, 11, 23), None, "é"])
    assert model.objects.get().values_ == ["2026-11-23", None, "é"]


def test_a_change_inside_a_value_is_saved(world, model):
    """A JSON value that was read, changed in place and saved keeps the change."""
    model.objects.create(project_id=world.project.pk, text="", values_={"a": 1})
    note = model.objects.get()
    note.values_["b"] = 2
    note.save()
    assert model.objects.get().values_ == {"a": 1, "b": 2}


def test_an_unread_value_is_saved_as_it_was(world, model):
    """Saving a row whose value was never opened doesn't seal it anew."""
    note = model.objects.create(project_id=world.project.pk, text="kept")
    before = column(model, note.pk, "text")
    model.objects.get().save()
    assert column(model, note.pk, "text") == before


def test_many_rows_are_written_at_once(world, model):
    """bulk_create seals each row's values for that row."""
    model.objects.bulk_create([model(project_id=world.project.pk, text=f"note {n}") for n in range(20)])
    assert sorted(note.text for note in model.objects.all()) == sorted(f"note {n}" for n in range(20))


@pytest.mark.parametrize("swap", ["rows", "columns", "projects", "tables"])
def test_swapped_values_do_not_open(world, model, swap: str):
    """A value copied to another row, another column, another project or another table doesn't open there."""
    one = model.objects.create(project_id=world.project.pk, text="one", other="other")
    two = model.objects.create(project_id=world.project.pk, text="two", other="other")
    table = model._meta.db_table
    sql = {
        "rows": f"UPDATE {table} SET text = (SELECT text FROM {table} WHERE id = %(two)s) WHERE id = %(one)s",
        "columns": f"UPDATE {table} SET text = other WHERE id = %(one)s",
        "projects": f"UPDATE {table} SET project_id = %(elsewhere)s WHERE id = %(one)s",
        "tables": f"UPDATE {table} SET text = %(foreign)s WHERE id = %(one)s",
    }[swap]
    foreign = vault.seal(world.project, b"one", f"field:files.StoredFile.name:{one.pk}")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"one": one.pk, "two": two.pk, "elsewhere": world.elsewhere.pk, "foreign": foreign})
    with pytest.raises(vault.Unopenable):
        model.objects.get(pk=one.pk).text  # noqa: B018
    assert model.objects.get(pk=two.pk).text == "two"


def test_a_copied_row_is_refused(world, model):
    """A row that is copied by giving it a new key, with values that were not opened, is refused at once."""
    model.objects.create(project_id=world.project.pk, text="one")
    copy = model.objects.get()
    copy.pk, copy._state.adding = uuid.uuid4(), True
    with pytest.raises(vault.Unopenable):
        copy.save()


def test_a_deferred_value_opens(world, model):
    """A value left out of a query is fetched and opened when it is read."""
    model.objects.create(project_id=world.project.pk, text="later")
    assert model.objects.defer("text").get().text == "later"
    assert model.objects.only("text").get().text == "later"


def test_values_gives_what_is_sealed(world, model):
    """A query that makes no rows gives the sealed value, whose text tells nothing."""
    model.objects.create(project_id=world.project.pk, text="hidden")
    (value,) = model.objects.values_list("text", flat=True)
    assert isinstance(value, Sealed)
    assert repr(value) == "<sealed>"


def test_what_would_write_clear_is_refused(world, model):
    """update() and bulk_update(), which know no row, and look-ups by value are refused; isnull works."""
    note = model.objects.create(project_id=world.project.pk, text="clear")
    with pytest.raises(TypeError, match="save"), transaction.atomic():
        model.objects.update(text="other")
    note.text = "other"
    with pytest.raises(TypeError, match="save"), transaction.atomic():
        model.objects.bulk_update([note], ["text"])
    with pytest.raises(FieldError):
        model.objects.filter(text="clear").exists()
    assert model.objects.filter(other__isnull=True).count() == 1


def test_a_key_made_by_the_database_is_reported():
    """A model whose rows have no key before they are saved can't have encrypted fields: the check says so."""
    with isolate_apps("core.vault"):

        class Numbered(models.Model):
            id = models.BigAutoField(primary_key=True)
            text = EncryptedTextField(project=None)

            class Meta:
                app_label = "vault"

        assert [found.id for found in Numbered._meta.get_field("text").check()] == ["vault.E001"]


def test_fields_survive_migrations():
    """Taken apart and put together again, as a migration does, a field is the same."""
    field = EncryptedTextField(project="visit__project", null=True)
    _name, path, args, kwargs = field.deconstruct()
    assert path == "core.vault.fields.EncryptedTextField"
    assert kwargs == {"project": "visit__project", "null": True}
    assert EncryptedTextField(*args, **kwargs).deconstruct()[1:] == field.deconstruct()[1:]


def test_a_field_makes_a_form_field(model):
    """In forms, text is text and JSON is JSON."""
    assert model._meta.get_field("text").formfield().clean("é") == "é"
    assert model._meta.get_field("values_").formfield().clean('{"a": 1}') == {"a": 1}


def test_names_of_files_are_sealed():
    """The name a person gave a file may hold a patient's: it is an encrypted field."""
    assert isinstance(StoredFile._meta.get_field("name"), EncryptedTextField)
