"""Schemes, allocation tables, allocations and unblindings; what was opened or done never changes."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid

import core.vault.fields
from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION ecrf_keep_scheme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR NEW.status = 'draft' OR (to_jsonb(NEW) - 'status' - 'length') <> (to_jsonb(OLD) - 'status' - 'length')
        OR NEW.length < OLD.length THEN
        RAISE EXCEPTION 'a randomisation scheme that was opened never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION ecrf_keep_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM ecrf_scheme WHERE id = OLD.scheme_id AND status <> 'draft') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the places of an allocation table never change' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ecrf_scheme_kept BEFORE UPDATE OR DELETE ON ecrf_scheme FOR EACH ROW EXECUTE FUNCTION ecrf_keep_scheme();
CREATE TRIGGER ecrf_stratum_kept BEFORE UPDATE OR DELETE ON ecrf_stratum FOR EACH ROW EXECUTE FUNCTION ecrf_keep_table();
CREATE TRIGGER ecrf_slot_kept BEFORE UPDATE OR DELETE ON ecrf_slot FOR EACH ROW EXECUTE FUNCTION ecrf_keep_table();
CREATE TRIGGER ecrf_allocation_append_only BEFORE UPDATE OR DELETE ON ecrf_allocation
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
CREATE TRIGGER ecrf_unblinding_append_only BEFORE UPDATE OR DELETE ON ecrf_unblinding
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
"""
BACKWARD = """
DROP TRIGGER ecrf_unblinding_append_only ON ecrf_unblinding;
DROP TRIGGER ecrf_allocation_append_only ON ecrf_allocation;
DROP TRIGGER ecrf_slot_kept ON ecrf_slot;
DROP TRIGGER ecrf_stratum_kept ON ecrf_stratum;
DROP TRIGGER ecrf_scheme_kept ON ecrf_scheme;
DROP FUNCTION ecrf_keep_table();
DROP FUNCTION ecrf_keep_scheme();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_search_names"),
        ("ecrf", "0003_sheets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Scheme",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("blocks", "Permuted blocks"),
                            ("uploaded", "A table made elsewhere"),
                            ("minimisation", "Minimisation"),
                        ],
                        max_length=20,
                        verbose_name="method",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("arms", models.JSONField()),
                (
                    "strata",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("by_site", models.BooleanField(default=False)),
                (
                    "sizes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None
                    ),
                ),
                ("length", models.PositiveIntegerField(default=0)),
                ("weights", models.JSONField(default=dict)),
                (
                    "measure",
                    models.CharField(
                        choices=[("range", "Range"), ("variance", "Variance"), ("deviation", "Standard deviation")],
                        default="range",
                        max_length=10,
                    ),
                ),
                ("probability", models.DecimalField(decimal_places=3, default="0.8", max_digits=4)),
                ("eligibility", models.JSONField(null=True)),
                ("blinded", models.BooleanField(default=False)),
                ("seed", core.vault.fields.EncryptedTextField(null=True, project="project")),
                ("opened_at", models.DateTimeField(null=True)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schemes", to="ecrf.form"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schemes", to="access.project"
                    ),
                ),
            ],
            options={
                "verbose_name": "randomisation scheme",
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="Stratum",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("number", models.PositiveIntegerField()),
                ("levels", core.vault.fields.EncryptedJSONField(project="scheme__project")),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="table_strata", to="ecrf.scheme"
                    ),
                ),
            ],
            options={
                "verbose_name": "stratum",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("position", models.PositiveIntegerField()),
                ("arm", core.vault.fields.EncryptedTextField(project="scheme__project")),
                ("kit", models.CharField(blank=True, max_length=30)),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slots", to="ecrf.scheme"
                    ),
                ),
                (
                    "stratum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slots", to="ecrf.stratum"
                    ),
                ),
            ],
            options={
                "verbose_name": "place in an allocation table",
                "ordering": ["stratum", "position"],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("arm", core.vault.fields.EncryptedTextField(project="scheme__project")),
                ("kit", models.CharField(blank=True, max_length=30, verbose_name="kit number")),
                ("basis", core.vault.fields.EncryptedJSONField(project="scheme__project")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="ecrf.subject"
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="ecrf.scheme"
                    ),
                ),
                (
                    "slot",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocation",
                        to="ecrf.slot",
                    ),
                ),
                (
                    "stratum",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="ecrf.stratum",
                    ),
                ),
            ],
            options={
                "verbose_name": "allocation",
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="Unblinding",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("emergency", "Emergency"), ("planned", "Planned")], max_length=10, verbose_name="kind"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "allocation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unblindings", to="ecrf.allocation"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "unblinding",
                "ordering": ["created_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.UniqueConstraint(
                models.F("project"),
                models.F("name"),
                name="one_scheme_per_name",
                violation_error_message="Another scheme has this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_at", None), ("status", "draft")),
                    models.Q(models.Q(("status", "draft"), _negated=True), ("opened_at__isnull", False)),
                    _connector="OR",
                ),
                name="open_scheme_has_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="stratum",
            constraint=models.UniqueConstraint(models.F("scheme"), models.F("number"), name="one_stratum_per_number"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(models.F("stratum"), models.F("position"), name="one_slot_per_position"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                models.F("scheme"),
                models.F("kit"),
                condition=models.Q(("kit", ""), _negated=True),
                name="one_slot_per_kit",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                models.F("scheme"), models.F("subject"), name="one_allocation_per_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                models.F("scheme"),
                models.F("kit"),
                condition=models.Q(("kit", ""), _negated=True),
                name="one_allocation_per_kit",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("slot", None), ("stratum", None)),
                    models.Q(("slot__isnull", False), ("stratum__isnull", False)),
                    _connector="OR",
                ),
                name="slot_has_its_stratum",
            ),
        ),
        migrations.AddConstraint(
            model_name="unblinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="unblinding_has_a_reason"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
