import django.db.models.deletion
from django.db import migrations, models


def only_names(apps, schema_editor):
    """Editions of the version before hold names without products: none of them is read with any more."""
    apps.get_model("prescriptions", "Reference").objects.filter(file=None, is_current=True).update(is_current=False)


class Migration(migrations.Migration):

    dependencies = [
        ("files", "0005_file_of_the_instance"),
        ("prescriptions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="reference",
            name="kind",
            field=models.CharField(
                choices=[("medicines", "Medicines"), ("concepts", "OMOP concepts")], db_default="medicines",
                default="medicines", max_length=9),
        ),
        migrations.AddField(
            model_name="reference",
            name="made_from",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="reference",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="reference",
            name="attribution",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="reference",
            name="licence",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="reference",
            name="file",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"),
        ),
        migrations.RunPython(only_names, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="reference", name="one_current_reference"),
        # unsafe: a table of few rows
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                models.F("kind"), condition=models.Q(("is_current", True)), name="one_current_reference_of_a_kind"),
        ),
    ]
