import django.db.models.deletion
from django.db import migrations, models

import core.vault.fields


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0005_file_of_the_instance"),
        ("prescriptions", "0008_readings_made_one"),
    ]

    operations = [
        migrations.AddField(
            model_name="line",
            name="opinion",
            field=core.vault.fields.EncryptedJSONField(null=True, project="document__project"),
        ),
        migrations.AddField(
            model_name="rules",
            name="opinions",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="a second opinion is asked for where a line isn’t sure"
            ),
        ),
        migrations.AddField(
            model_name="caseset",
            name="pages",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
            ),
        ),
    ]
