import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION datasets_refuse_revision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revision of a dictionary never changes: make a new one' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER revisions_never_change BEFORE UPDATE OR DELETE ON datasets_dictionaryrevision
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_revision_change();
"""
ALLOW = """
DROP TRIGGER revisions_never_change ON datasets_dictionaryrevision;
DROP FUNCTION datasets_refuse_revision_change();
"""


class Migration(migrations.Migration):
    """The dictionary of a version is edited in revisions; what it was published with keeps its place."""

    dependencies = [
        ("datasets", "0002_versions_never_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(  # the column keeps its name: what ran before goes on reading it
            state_operations=[
                migrations.RenameField("datasetversion", "columns", "published"),
                migrations.AlterField("datasetversion", "published", models.JSONField(db_column="columns")),
            ]
        ),
        migrations.CreateModel(
            name="DictionaryRevision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("number", models.PositiveIntegerField()),
                ("about", models.JSONField()),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("edited", "edited"),
                            ("imported", "imported from a file"),
                            ("restored", "restored"),
                            ("taken_over", "taken over from the version before"),
                        ],
                        max_length=10,
                    ),
                ),
                ("restored", models.PositiveIntegerField(null=True)),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="datasets.datasetversion",
                    ),
                ),
            ],
            options={"verbose_name": "revision of a dictionary", "ordering": ["-number"]},
        ),
        migrations.AddConstraint(
            "dictionaryrevision",
            models.UniqueConstraint(models.F("version"), models.F("number"), name="one_revision_per_number"),
        ),
        migrations.AddConstraint(
            "dictionaryrevision",
            models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="revisions_count_from_one"),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
