from django.db import migrations, models


class Migration(migrations.Migration):
    """A run says which columns weren't there for who ran it."""

    dependencies = [("datahub", "0001_initial")]
    operations = [migrations.AddField("notebookrun", "hidden", models.JSONField(null=True))]
