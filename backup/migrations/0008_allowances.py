import uuid

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("access", "0004_search_names"),
        ("backup", "0007_openings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("bytes", models.PositiveBigIntegerField(verbose_name="allowance")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="backup_allowance",
                        to="access.organisation",
                    ),
                ),
            ],
            options={"verbose_name": "backup allowance"},
        ),
        AddIndexConcurrently(
            model_name="snapshot",
            index=models.Index(fields=["project", "-finished_at"], name="backups_of_project"),
        ),
        AddIndexConcurrently(
            model_name="snapshot",
            index=models.Index(
                condition=models.Q(("forgotten_at", None), ("gone_at", None)),
                fields=["repository", "source", "-finished_at"],
                name="backups_of_source",
            ),
        ),
    ]
