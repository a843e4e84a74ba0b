"""What the journal leaves to PostgreSQL."""

from __future__ import annotations

from django.db.models import BigIntegerField, DateTimeField, Func


class CurrentTransaction(Func):
    """The 64-bit number of this transaction: it never wraps and tells its age."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = BigIntegerField()


class ClockTimestamp(Func):
    """The moment of the act itself, also late in a long transaction."""

    template = "clock_timestamp()"
    output_field = DateTimeField()


REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
ALLOW = """
DROP TRIGGER append_only ON audit_event;
DROP TRIGGER append_only ON audit_link;
DROP TRIGGER append_only ON audit_checkpoint;
DROP FUNCTION audit_refuse();
"""
