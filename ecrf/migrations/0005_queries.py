"""Queries with their threads, verification against the source, rules of data quality and what they found."""

import core.vault.fields
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import ecrf.models.verification_plans
import uuid
from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE TRIGGER ecrf_querymessage_append_only BEFORE UPDATE OR DELETE ON ecrf_querymessage
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
CREATE TRIGGER ecrf_qualityruleversion_append_only BEFORE UPDATE OR DELETE ON ecrf_qualityruleversion
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
"""
BACKWARD = """
DROP TRIGGER ecrf_querymessage_append_only ON ecrf_querymessage;
DROP TRIGGER ecrf_qualityruleversion_append_only ON ecrf_qualityruleversion;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0004_search_names'),
        ("ecrf", "0004_randomisation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='QualityRule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('retired_at', models.DateTimeField(null=True)),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quality_rules', to='ecrf.form')),
            ],
            options={
                'verbose_name': 'quality rule',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='QualityRuleVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('number', models.PositiveIntegerField()),
                ('text', models.CharField(max_length=5000)),
                ('tree', models.JSONField()),
                ('item', models.CharField(max_length=100)),
                ('message', models.CharField(max_length=500)),
                ('severity', models.CharField(choices=[('warn', 'Says it'), ('query', 'Opens a query at each save')], default='warn', max_length=10)),
                ('at_save', models.BooleanField(default=False)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='ecrf.qualityrule')),
            ],
            options={
                'verbose_name': 'version of a quality rule',
                'ordering': ['-number'],
            },
        ),
        migrations.AddField(
            model_name='qualityrule',
            name='current',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ecrf.qualityruleversion'),
        ),
        migrations.CreateModel(
            name='QualityRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('rules', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('method', models.CharField(default='iqr', max_length=5)),
                ('factor', models.FloatField(null=True)),
                ('job', models.UUIDField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('entries', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('fences', core.vault.fields.EncryptedJSONField(null=True, project='form__project')),
                ('aside', models.JSONField(default=dict)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quality_runs', to='ecrf.form')),
            ],
            options={
                'verbose_name': 'run of quality rules',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='QualityResult',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('rule', models.CharField(max_length=40)),
                ('page', models.CharField(blank=True, max_length=100)),
                ('item', models.CharField(max_length=100)),
                ('row', models.CharField(blank=True, max_length=200)),
                ('code', models.CharField(max_length=40)),
                ('params', models.JSONField(default=dict)),
                ('aside', models.BooleanField(default=False)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ecrf.entry')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='ecrf.qualityrun')),
            ],
            options={
                'verbose_name': 'finding of a quality rule',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='Query',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('page', models.CharField(blank=True, max_length=100)),
                ('item', models.CharField(blank=True, max_length=100)),
                ('row', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(choices=[('manual', 'By a person'), ('automatic', 'By a check'), ('rule', 'By a rule'), ('merge', 'By a merge')], max_length=10)),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='open', max_length=10)),
                ('check_key', models.CharField(blank=True, max_length=120)),
                ('value', core.vault.fields.EncryptedJSONField(null=True, project='entry__subject__project')),
                ('settled_value', core.vault.fields.EncryptedJSONField(null=True, project='entry__subject__project')),
                ('assigned_group', models.CharField(choices=[('site', 'The site'), ('monitors', 'The monitors'), ('managers', 'The data managers')], default='site', max_length=10)),
                ('due_on', models.DateField(null=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('assigned_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to='ecrf.entry')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'query',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='QueryBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('source', models.CharField(max_length=200)),
                ('rows', core.vault.fields.EncryptedJSONField(project='project')),
                ('faults', core.vault.fields.EncryptedJSONField(project='project')),
                ('row_count', models.PositiveIntegerField()),
                ('fault_count', models.PositiveIntegerField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='query_batches', to='access.project')),
            ],
            options={
                'verbose_name': 'file of queries',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='QueryMessage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('action', models.CharField(choices=[('open', 'opened the query'), ('assign', 'assigned the query'), ('answer', 'answered'), ('resolve', 'marked it as resolved'), ('reopen', 'opened it again'), ('close', 'closed the query'), ('cancel', 'cancelled the query'), ('comment', 'commented')], max_length=10)),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], max_length=10)),
                ('text', core.vault.fields.EncryptedTextField(project='query__entry__subject__project')),
                ('corrected', models.BooleanField(default=False)),
                ('revision', models.PositiveIntegerField()),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('query', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='ecrf.query')),
            ],
            options={
                'verbose_name': 'message of a query',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='QueryPolicy',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('from_warnings', models.BooleanField(default=False, verbose_name='Warnings of the form open queries too')),
                ('answer_within', models.PositiveIntegerField(blank=True, default=14, null=True, verbose_name='Days to answer')),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='query_policy', to='access.project')),
            ],
            options={
                'verbose_name': 'rules for queries',
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('item', models.CharField(max_length=100)),
                ('revision', models.PositiveIntegerField()),
                ('outdated_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='ecrf.entry')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'verification',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='VerificationPlan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('subjects', models.CharField(choices=[('all', 'All subjects'), ('first', 'The first of each site'), ('share', 'A random share'), ('none', 'Nobody as a whole')], default='all', max_length=10, verbose_name='Subjects')),
                ('first', models.PositiveIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1)], verbose_name='How many of each site')),
                ('percent', models.PositiveIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='Share in per cent')),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('seed', models.CharField(default=ecrf.models.verification_plans.new_seed, max_length=40)),
                ('form', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='verification_plan', to='ecrf.form')),
            ],
            options={
                'verbose_name': 'plan of verification',
            },
        ),
        migrations.CreateModel(
            name='QualityExclusion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('rule', models.CharField(max_length=40)),
                ('item', models.CharField(max_length=100)),
                ('row', models.CharField(blank=True, max_length=200)),
                ('value', core.vault.fields.EncryptedJSONField(null=True, project='entry__subject__project')),
                ('reason', core.vault.fields.EncryptedTextField(project='entry__subject__project')),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quality_exclusions', to='ecrf.entry')),
            ],
            options={
                'verbose_name': 'finding put aside',
                'ordering': ['created_at'],
                'constraints': [models.UniqueConstraint(models.F('entry'), models.F('rule'), models.F('item'), models.F('row'), condition=models.Q(('withdrawn_at', None)), name='one_exclusion_per_finding')],
            },
        ),
        migrations.AddConstraint(
            model_name='qualityruleversion',
            constraint=models.UniqueConstraint(models.F('rule'), models.F('number'), name='one_quality_version_per_number'),
        ),
        migrations.AddConstraint(
            model_name='qualityrule',
            constraint=models.UniqueConstraint(models.F('form'), models.F('name'), condition=models.Q(('retired_at', None)), name='one_quality_rule_per_name', violation_error_message='Another rule has this name.'),
        ),
        migrations.AddIndex(
            model_name='qualityresult',
            index=models.Index(fields=['run', 'rule'], name='quality_results_of_run'),
        ),
        migrations.AddIndex(
            model_name='query',
            index=models.Index(fields=['state', 'created_at'], name='queries_by_state'),
        ),
        migrations.AddConstraint(
            model_name='query',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['answered', 'open', 'resolved']), models.Q(('check_key', ''), _negated=True)), fields=('entry', 'item', 'row', 'check_key'), name='one_live_query_per_check'),
        ),
        migrations.AddConstraint(
            model_name='query',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state__in', ['answered', 'open', 'resolved'])), models.Q(('closed_at__isnull', False), ('state__in', ['cancelled', 'closed'])), _connector='OR'), name='query_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='query',
            constraint=models.CheckConstraint(condition=models.Q(('row', ''), models.Q(('item', ''), _negated=True), _connector='OR'), name='query_row_has_item'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.UniqueConstraint(models.F('entry'), models.F('item'), condition=models.Q(('outdated_at', None), ('withdrawn_at', None)), name='one_verification_that_counts'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='withdrawal_has_somebody'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
