"""A published version is for good: PostgreSQL itself refuses to change or delete its row."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION datasets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a dataset version never changes: publish a new one' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER versions_never_change BEFORE UPDATE OR DELETE ON datasets_datasetversion
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change();
"""
ALLOW = """
DROP TRIGGER versions_never_change ON datasets_datasetversion;
DROP FUNCTION datasets_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
