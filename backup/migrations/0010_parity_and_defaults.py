import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backup", "0009_places")]

    operations = [
        migrations.AddField(
            model_name="repository",
            name="parity",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="parity"),
        ),
        migrations.AddField(
            model_name="repository",
            name="plan_options",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="repository",
            name="plan_excludes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=500), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddConstraint(  # unsafe: a table of few rows
            model_name="repository",
            constraint=models.CheckConstraint(
                condition=models.Q(("parity__lte", 100)),
                name="backup_parity_is_a_percentage",
                violation_error_message="Parity is a number from 0 to 100.",
            ),
        ),
    ]
