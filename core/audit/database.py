"""What the journal leaves to PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, DateTimeField, Func, GenericIPAddressField, Lookup


class CurrentTransaction(Func):
    """The 64-bit number of this transaction: it never wraps and tells its age."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = BigIntegerField()


class ClockTimestamp(Func):
    """The moment of the act itself, also late in a long transaction."""

    template = "clock_timestamp()"
    output_field = DateTimeField()


@GenericIPAddressField.register_lookup
class Within(Lookup):
    """An address, or one of a network: ``address__within="10.2.0.0/16"``."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        return f"{left} <<= %s::inet", (*left_values, str(self.rhs))


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


YOUNGEST = 30
"""Days: nothing younger is ever deleted, whatever a setting or a segment says."""

PRUNING = f"""
DROP TRIGGER append_only ON audit_event;
DROP TRIGGER append_only ON audit_link;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_segment
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_pruned() RETURNS audit_segment LANGUAGE sql STABLE AS $$
    SELECT s FROM audit_segment s WHERE s.number = nullif(current_setting('audit.pruning', true), '')::bigint
$$;
CREATE FUNCTION audit_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (audit_pruned()).number IS NULL THEN
        RAISE EXCEPTION 'the audit trail is append-only: DELETE on % is refused', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_segments BEFORE DELETE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_delete();
CREATE TRIGGER only_segments BEFORE DELETE ON audit_link FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_delete();

CREATE FUNCTION audit_check_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    s audit_segment := audit_pruned();
    wrong text;
BEGIN
    SELECT CASE
        WHEN (SELECT count(*) FROM gone) <> s.last - s.first + 1 THEN 'it goes whole or not at all'
        WHEN (SELECT count(*) FROM gone JOIN audit_link l ON l.event_id = gone.id
              WHERE l.sequence BETWEEN s.first AND s.last) <> s.last - s.first + 1 THEN 'these are not its events'
        WHEN EXISTS (SELECT FROM gone WHERE at > clock_timestamp() - interval '{YOUNGEST} days') THEN 'it is too young'
        WHEN s.first <> (SELECT min(sequence) FROM audit_link) THEN 'the oldest goes first'
        WHEN s.last >= (SELECT max(sequence) FROM audit_link) THEN 'the end of the chain stays'
        WHEN s.hash IS DISTINCT FROM (SELECT hash FROM audit_link WHERE sequence = s.last) THEN 'its hash is another'
        WHEN NOT EXISTS (SELECT FROM audit_checkpoint WHERE sequence = s.last AND hash = s.hash)
            THEN 'it ends at no signed head'
    END INTO wrong;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the audit trail is append-only: segment % is not deleted: %', s.number, wrong
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER whole_segments AFTER DELETE ON audit_event REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION audit_check_events();

CREATE FUNCTION audit_check_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    s audit_segment := audit_pruned();
BEGIN
    IF (SELECT count(*) FROM gone) <> s.last - s.first + 1
        OR EXISTS (SELECT FROM gone WHERE sequence NOT BETWEEN s.first AND s.last)
        OR EXISTS (SELECT FROM gone JOIN audit_event e ON e.id = gone.event_id) THEN
        RAISE EXCEPTION 'the audit trail is append-only: segment % is not deleted: its events stay', s.number
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER whole_segments AFTER DELETE ON audit_link REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION audit_check_links();

CREATE FUNCTION audit_check_segment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before audit_segment;
BEGIN
    SELECT * INTO before FROM audit_segment ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.first <> coalesce(before.last, 0) + 1
        OR NEW.previous <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
        OR length(NEW.signature) <> 64 OR length(NEW.digest) <> 32 THEN
        RAISE EXCEPTION 'segment % does not follow the one before', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER in_a_row BEFORE INSERT ON audit_segment FOR EACH ROW EXECUTE FUNCTION audit_check_segment();

CREATE FUNCTION audit_prune(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    s audit_segment;
BEGIN
    SELECT * INTO STRICT s FROM audit_segment WHERE number = wanted;
    PERFORM set_config('audit.pruning', wanted::text, true);
    DELETE FROM audit_event e USING audit_link l WHERE l.event_id = e.id AND l.sequence BETWEEN s.first AND s.last;
    DELETE FROM audit_link WHERE sequence BETWEEN s.first AND s.last;
    PERFORM set_config('audit.pruning', '', true);
    RETURN s.last - s.first + 1;
END $$;
"""  # noqa: S608  (made of constants)
NO_PRUNING = """
DROP FUNCTION audit_prune(bigint);
DROP TRIGGER in_a_row ON audit_segment;
DROP TRIGGER append_only ON audit_segment;
DROP TRIGGER append_only ON audit_anchor;
DROP TRIGGER whole_segments ON audit_event;
DROP TRIGGER whole_segments ON audit_link;
DROP TRIGGER only_segments ON audit_event;
DROP TRIGGER only_segments ON audit_link;
DROP FUNCTION audit_check_segment(), audit_check_links(), audit_check_events(), audit_refuse_delete(), audit_pruned();
DROP TRIGGER append_only ON audit_event;
DROP TRIGGER append_only ON audit_link;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
