"""Consents, which never change but for their withdrawal and what comes after; printed casebooks."""

import core.vault.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION ecrf_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (to_jsonb(NEW) - 'withdrawn_at' - 'withdrawn_by_id' - 'withdrawal_reason' - 'superseded_by_id')
            <> (to_jsonb(OLD) - 'withdrawn_at' - 'withdrawn_by_id' - 'withdrawal_reason' - 'superseded_by_id')
        OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at, NEW.withdrawn_by_id, NEW.withdrawal_reason)
            IS DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by_id, OLD.withdrawal_reason))
        OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id) THEN
        RAISE EXCEPTION 'a consent never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ecrf_consent_kept BEFORE UPDATE OR DELETE ON ecrf_consent
    FOR EACH ROW EXECUTE FUNCTION ecrf_keep_consent();
"""
BACKWARD = """
DROP TRIGGER ecrf_consent_kept ON ecrf_consent;
DROP FUNCTION ecrf_keep_consent();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("ecrf", "0008_intake"),
        ('files', '0005_file_of_the_instance'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Printout',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('identifiers', models.BooleanField()),
                ('history', models.BooleanField()),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ecrf.form')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='printouts', to='ecrf.subject')),
            ],
            options={
                'verbose_name': 'printed casebook',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('page', models.CharField(max_length=100)),
                ('version', models.CharField(max_length=60, verbose_name='version of the sheet')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('revision', models.PositiveIntegerField()),
                ('is_given', models.BooleanField()),
                ('signed_at', models.DateTimeField()),
                ('sheet', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', core.vault.fields.EncryptedTextField(null=True, project='subject__project')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='ecrf.entry')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='ecrf.form')),
                ('obtained_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='ecrf.subject')),
                ('superseded_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='ecrf.consent')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'consent',
                'ordering': ['-signed_at'],
                'constraints': [models.UniqueConstraint(models.F('subject'), models.F('form'), models.F('page'), condition=models.Q(('superseded_by', None)), name='one_present_consent_per_page'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_reason__isnull', True), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawal_reason__isnull', False), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='a_withdrawal_has_somebody_and_a_reason')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
