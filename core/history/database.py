"""The trigger that keeps the history of a row, and the one that keeps the history as it is."""

from __future__ import annotations

KEEP = """
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();

CREATE FUNCTION history_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := TG_ARGV[0];
    secret text[] := string_to_array(TG_ARGV[2], ',');
    passing text[] := string_to_array(TG_ARGV[3], ',');
    former jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    latter jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    whole jsonb := coalesce(latter, former);
    key text := whole ->> TG_ARGV[1];
    before jsonb := '{}';
    after jsonb := '{}';
    name text;
    event record;
BEGIN
    FOR name IN SELECT jsonb_object_keys(whole) LOOP
        CONTINUE WHEN name = TG_ARGV[1] OR name = ANY (passing) OR former -> name IS NOT DISTINCT FROM latter -> name;
        IF former IS NOT NULL THEN
            before := before || jsonb_build_object(name, history_shown(former -> name, name = ANY (secret)));
        END IF;
        IF latter IS NOT NULL THEN
            after := after || jsonb_build_object(name, history_shown(latter -> name, name = ANY (secret)));
        END IF;
    END LOOP;
    IF TG_OP = 'UPDATE' AND after = '{}' THEN
        RETURN NULL;
    END IF;
    SELECT e.id, e.actor_id, e.request_id, e.channel INTO event FROM audit_event e
        WHERE e.xid = pg_current_xact_id()::text::bigint
        ORDER BY (e.object_type = kind AND e.object_id = key) DESC, e.id DESC LIMIT 1;
    INSERT INTO history_change (
        kind, key, act, before, after, project_id, organisation_id, actor_id, event_id, request_id, channel
    ) VALUES (
        kind, key, lower(TG_OP), before, after,
        (CASE WHEN kind = 'access.project' THEN key ELSE whole ->> 'project_id' END)::uuid,
        (CASE WHEN kind = 'access.organisation' THEN key ELSE whole ->> 'organisation_id' END)::uuid,
        event.actor_id, event.id, coalesce(event.request_id, ''), coalesce(event.channel, '')
    );
    RETURN NULL;
END $$;

CREATE FUNCTION history_shown(value jsonb, secret boolean) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN secret AND value NOT IN ('null', '""') THEN '"•••"' ELSE value END
$$;
"""
FORGET = """
DROP TRIGGER append_only ON history_change;
DROP FUNCTION history_keep() CASCADE;
DROP FUNCTION history_shown(jsonb, boolean);
DROP FUNCTION history_refuse();
"""

TRIGGERS = """
SELECT c.relname, t.tgargs FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = 'keeps_history' AND t.tgenabled <> 'D'
"""
"""The tables that have the trigger, with its arguments, each ended by a NUL."""
