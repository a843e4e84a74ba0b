import core.vault.fields
from django.db import migrations, models

BOTH_ALIKE = """
UPDATE prescriptions_document twin
SET number = first.number, deleted_at = first.deleted_at, deleted_by_id = first.deleted_by_id
FROM prescriptions_document first WHERE twin.twin_of_id = first.id
"""


class Migration(migrations.Migration):
    dependencies = [("prescriptions", "0007_synthetic")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="as_read",
            field=core.vault.fields.EncryptedJSONField(null=True, project="project"),
        ),
        migrations.RemoveConstraint(model_name="document", name="one_prescription_per_number"),
        migrations.RunSQL(BOTH_ALIKE, migrations.RunSQL.noop),
        # unsafe: a table of few rows, whose numbers were unique until here
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                models.F("project"),
                models.F("number"),
                condition=models.Q(("twin_of", None)),
                name="one_prescription_for_each_number",
            ),
        ),
    ]
