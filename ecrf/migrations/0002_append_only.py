"""Published versions and fragments never change: PostgreSQL refuses, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ecrf_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed nor deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ecrf_fragment_append_only BEFORE UPDATE OR DELETE ON ecrf_fragment
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
CREATE TRIGGER ecrf_formversion_append_only BEFORE UPDATE OR DELETE ON ecrf_formversion
    FOR EACH ROW EXECUTE FUNCTION ecrf_refuse_change();
"""
BACKWARD = """
DROP TRIGGER ecrf_fragment_append_only ON ecrf_fragment;
DROP TRIGGER ecrf_formversion_append_only ON ecrf_formversion;
DROP FUNCTION ecrf_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ecrf", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
