"""An identity is of the issuer that named it: those that are there take the present one of their provider."""

from django.db import migrations, models


def take_present_issuers(apps, schema_editor):
    for provider in apps.get_model("identity", "IdentityProvider").objects.all():
        issuer = (provider.issuer or provider.discovery_url.partition("/.well-known/")[0]).rstrip("/")
        provider.identities.filter(issuer="").update(issuer=issuer)


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.AddField("linkedidentity", "issuer", models.CharField(db_default="", max_length=500)),
        migrations.RunPython(take_present_issuers, migrations.RunPython.noop),
    ]
