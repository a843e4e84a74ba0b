from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("backup", "0008_allowances")]

    operations = [
        migrations.AddConstraint(  # unsafe: a table of few rows
            "repository",
            models.CheckConstraint(
                condition=Q(folder="") | Q(folder__regex=r"^(/|place:[a-z0-9][a-z0-9-]{0,39}$)"),
                name="backup_repository_lies_somewhere",
            ),
        ),
        migrations.AddField(
            "plan",
            "instance",
            models.BooleanField(db_default=False, default=False, verbose_name="the whole instance"),
        ),
        migrations.RemoveConstraint("plan", "backup_plan_does_something"),
        migrations.AddConstraint(  # unsafe: a table of few rows
            "plan",
            models.CheckConstraint(
                condition=Q(datasets=True) | Q(files=True) | Q(instance=True) | Q(agent__isnull=False),
                name="backup_plan_does_something",
                violation_error_message="Choose at least one thing to save.",
            ),
        ),
        migrations.AddConstraint(  # unsafe: a table of few rows
            "plan",
            models.CheckConstraint(
                condition=Q(instance=False) | Q(agent=None, datasets=False, files=False),
                name="backup_instance_plan_is_whole",
                violation_error_message="The whole instance is saved by the server itself, in a plan of its own.",
            ),
        ),
    ]
