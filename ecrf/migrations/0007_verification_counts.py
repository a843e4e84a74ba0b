"""What is to be verified is counted per record, and of the records that are there already."""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ecrf.engine.verification import drawn

COUNT = """
INSERT INTO ecrf_verificationcount (entry_id, entered, due, verified, outdated)
SELECT e.id, array_remove(array_agg(k.item ORDER BY k.item), NULL), count(*) FILTER (WHERE k.due),
  count(*) FILTER (WHERE k.due AND v.counts), count(*) FILTER (WHERE k.due AND NOT v.counts)
FROM ecrf_entry e
LEFT JOIN LATERAL (
  SELECT item, item = ANY(%s) AND (e.subject_id = ANY(%s) OR item = ANY(%s)) AS due
  FROM (SELECT DISTINCT unnest(f.keys) AS item FROM ecrf_fragment f WHERE f.entry_id = e.id) entered
) k ON true
LEFT JOIN LATERAL (
  SELECT bool_or(m.outdated_at IS NULL) AS counts FROM ecrf_verification m
  WHERE m.entry_id = e.id AND m.item = k.item AND m.withdrawn_at IS NULL
) v ON true
WHERE e.form_id = %s
GROUP BY e.id
"""


def count(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    plans = {plan.form_id: plan for plan in apps.get_model("ecrf", "VerificationPlan").objects.all()}
    for form in apps.get_model("ecrf", "Form").objects.filter(current__isnull=False).select_related("current"):
        plan = plans.get(form.pk)
        subjects = apps.get_model("ecrf", "Subject").objects.filter(project=form.project_id)
        whole = [pk for pk, place in subjects.values_list("pk", "sequence") if plan is None or chosen(plan, pk, place)]
        with editor.connection.cursor() as cursor:
            cursor.execute(COUNT, [asked(form.current.definition), whole, list(plan.items) if plan else [], form.pk])


def chosen(plan: Any, subject: Any, place: int) -> bool:
    if plan.subjects == "share":
        return drawn(str(subject), plan.seed, plan.percent)
    return plan.subjects == "all" or (plan.subjects == "first" and place <= plan.first)


def asked(definition: dict[str, Any]) -> list[str]:
    groups = [group for page in definition["pages"] for group in page["groups"]]
    rows = [group["repeat"]["key"] for group in groups if "repeat" in group]
    items = [item for group in groups if "repeat" not in group for item in group["items"]]
    return rows + [item["key"] for item in items if item["type"] != "output" and "calc" not in item]


class Migration(migrations.Migration):
    dependencies = [("ecrf", "0006_builder")]

    operations = [
        migrations.CreateModel(
            name="VerificationCount",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="verification",
                        serialize=False,
                        to="ecrf.entry",
                    ),
                ),
                (
                    "entered",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("due", models.PositiveIntegerField()),
                ("verified", models.PositiveIntegerField()),
                ("outdated", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
