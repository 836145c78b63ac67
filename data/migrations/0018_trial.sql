-- Rules as they would be under changes that nobody publishes. The functions read like the views binding_* and put what a
-- caller draws in the place of what is there; nothing is written, nobody is held up.
--   changes = {"zone": {"put": [row, …], "approve": [id, …], "lift": [id, …]}, "checkpoint": {…}, "closure": {…}}
-- A row has the columns of its table (a geometry as hexadecimal EWKB); that of a checkpoint may have "gates" as well. What
-- is put or approved counts as approved.
SET LOCAL search_path = baochang, public;

CREATE FUNCTION trial_ids(changes jsonb, kind text, member text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT pg_catalog.jsonb_array_elements_text(changes -> kind -> member))
$$;

-- What is no longer there as it was.
CREATE FUNCTION trial_gone(changes jsonb, kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT baochang.trial_ids(changes, kind, 'lift') || baochang.trial_ids(changes, kind, 'approve')
        || ARRAY(SELECT p ->> 'id' FROM pg_catalog.jsonb_array_elements(changes -> kind -> 'put') p)
$$;

CREATE FUNCTION trial_refuse(kind text, name text, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION '% "%": %', kind, name, reason USING ERRCODE = 'check_violation', TABLE = kind, SCHEMA = 'baochang';
    END IF;
END $$;

-- The rows that are put, with the defaults of their columns, refused for the reasons for which their tables refuse them.
CREATE FUNCTION trial_zone_rows(changes jsonb) RETURNS SETOF zone LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    doc jsonb;
    z zone;
    k zone_class;
    unknown text;
BEGIN
    FOR doc IN SELECT p FROM jsonb_array_elements(changes -> 'zone' -> 'put') p LOOP
        z := jsonb_populate_record(NULL::zone, jsonb_build_object('effective', tstzrange(now(), NULL)::text)
             || '{"accuracy_m": 0, "border_roads": "outside", "source_crs": "EPSG:4490", "state": "approved"}' || doc);
        SELECT * INTO k FROM zone_class WHERE code = z.class_code;
        IF NOT FOUND THEN PERFORM trial_refuse('zone', z.name, format('class "%s" is not known', z.class_code)); END IF;
        z.rules := COALESCE(z.rules, k.default_rules);
        SELECT unknown_credential_type(array_agg(e)) INTO unknown
        FROM jsonb_array_elements(CASE WHEN zone_rules_reason(z.rules) IS NULL THEN z.rules ELSE '[]' END) r,
             jsonb_array_elements_text(COALESCE(r -> 'exempt', '[]')) e;
        PERFORM trial_refuse('zone', z.name, COALESCE(zone_rules_reason(z.rules), windows_reason(z.windows), zone_ceiling_reason(k, z.rules),
                                                      'unknown credential type "' || unknown || '"'));
        RETURN NEXT z;
    END LOOP;
    RETURN QUERY SELECT * FROM zone WHERE id = ANY (trial_ids(changes, 'zone', 'approve'));
END $$;

CREATE FUNCTION trial_checkpoint_rows(changes jsonb) RETURNS SETOF checkpoint LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    doc jsonb;
    c checkpoint;
    unknown text;
BEGIN
    FOR doc IN SELECT p - 'gates' FROM jsonb_array_elements(changes -> 'checkpoint' -> 'put') p LOOP
        c := jsonb_populate_record(NULL::checkpoint, jsonb_build_object('effective', tstzrange(now(), NULL)::text)
             || '{"reach_m": 1000, "normal_s": 120, "green_s": 30, "lanes": 1, "green_lanes": 0, "requirements": [], "green_credentials": [], "state": "active"}'
             || doc);
        PERFORM trial_refuse('checkpoint', c.name, COALESCE(windows_reason(c.opening), requirements_reason(c.requirements)));
        SELECT unknown_credential_type(array_agg(r ->> 'type') || c.green_credentials) INTO unknown
        FROM jsonb_array_elements(c.requirements) g, jsonb_array_elements(g) r;
        PERFORM trial_refuse('checkpoint', c.name, 'unknown credential type "' || COALESCE(unknown, unknown_credential_type(c.green_credentials)) || '"');
        RETURN NEXT c;
    END LOOP;
    RETURN QUERY SELECT * FROM checkpoint WHERE id = ANY (trial_ids(changes, 'checkpoint', 'approve'));
END $$;

CREATE FUNCTION trial_closure_rows(changes jsonb) RETURNS SETOF closure LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    doc jsonb;
    c closure;
BEGIN
    FOR doc IN SELECT p FROM jsonb_array_elements(changes -> 'closure' -> 'put') p LOOP
        c := jsonb_populate_record(NULL::closure, jsonb_build_object('effective', tstzrange(now(), NULL)::text)
             || '{"physical": false, "heading": "both", "exempt": [], "state": "approved"}' || doc);
        PERFORM trial_refuse('closure', c.name, COALESCE(windows_reason(c.windows), subject_reason(c.subject, 'subject'),
            'unknown credential type "' || unknown_credential_type(c.exempt) || '"',
            CASE WHEN (c.action = 'limit') <> (c.limit_kind IS NOT NULL) OR (c.action IN ('limit', 'speed_limit')) <> (c.limit_value IS NOT NULL)
                THEN 'limit_kind belongs to a limit, limit_value to a limit or speed_limit'
            WHEN c.physical AND (c.action <> 'closed' OR c.exempt <> '{}' OR c.subject IS NOT NULL) THEN 'what is physically closed is closed to all'
            WHEN c.action IN ('entry_ban', 'exit_ban') AND c.object NOT IN ('toll_station', 'toll_station_range') THEN 'an entry or exit ban acts on toll stations'
            WHEN NOT EXISTS (SELECT FROM closure_arcs(c)) THEN 'it acts on no known road: road, stations or place are not known' END));
        RETURN NEXT c;
    END LOOP;
    RETURN QUERY SELECT * FROM closure WHERE id = ANY (trial_ids(changes, 'closure', 'approve'));
END $$;

-- ---- as the views read -------------------------------------------------------------------------------------------
-- Each takes what the view has, less what is gone, and adds the same columns of the rows above.

CREATE FUNCTION trial_zone(changes jsonb) RETURNS SETOF binding_zone LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT * FROM binding_zone WHERE id <> ALL (trial_gone(changes, 'zone'))
    UNION ALL
    SELECT z.id, z.name, z.class_code, k.name_zh, k.name_en, COALESCE(j.name_zh, ''), z.document_no, z.approving_authority, z.geom,
           round(z.accuracy_m * 1000)::bigint, z.border_roads = 'inside', COALESCE(z.layers, '{}'),
           span_from_ms(z.effective), span_until_ms(z.effective), CASE WHEN z.windows IS NULL THEN '{}' ELSE windows_flat(z.windows) END, z.rules
    FROM trial_zone_rows(changes) z JOIN zone_class k ON k.code = z.class_code AND k.enabled LEFT JOIN jurisdiction j ON j.code = z.jurisdiction
    WHERE may_bind(z.effective)
$$;

CREATE FUNCTION trial_zone_rule(changes jsonb) RETURNS SETOF binding_zone_rule LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT * FROM binding_zone_rule WHERE zone_id <> ALL (trial_gone(changes, 'zone'))
    UNION ALL
    SELECT z.id, q.i, q.r ->> 'rule', s.gross_min_kg, s.gross_max_kg, s.axles_min, s.axles_max, s.hazmat, s.livestock, s.lorry, s.emissions,
           s.plate_prefixes, s.plate_negated, s.cargo, class_mask(rule_open_classes(q.r)), COALESCE(q.r ->> 'transit' = 'deny', false),
           COALESCE(round((q.r ->> 'slow_factor')::numeric * 1000)::bigint, 1000),
           ARRAY(SELECT e FROM jsonb_array_elements_text(q.r -> 'exempt') e ORDER BY e),
           CASE WHEN q.r ? 'windows' THEN windows_flat(q.r -> 'windows') ELSE '{}' END
    FROM trial_zone_rows(changes) z JOIN zone_class k ON k.code = z.class_code AND k.enabled,
         jsonb_array_elements(z.rules) WITH ORDINALITY q (r, i), subject_flat(q.r -> 'subject') s
    WHERE may_bind(z.effective)
$$;

CREATE FUNCTION trial_checkpoint(changes jsonb) RETURNS SETOF binding_checkpoint LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT * FROM binding_checkpoint WHERE id <> ALL (trial_gone(changes, 'checkpoint'))
    UNION ALL
    SELECT c.id, c.name, c.geom, COALESCE(c.road_ref, ''), COALESCE(c.bearing_deg, -1), round(c.reach_m * 1000)::bigint,
           span_from_ms(c.effective), span_until_ms(c.effective), CASE WHEN c.opening IS NULL THEN '{}' ELSE windows_flat(c.opening) END,
           c.normal_s * 1000::bigint, c.green_s * 1000::bigint, ARRAY(SELECT e FROM unnest(c.green_credentials) e ORDER BY e),
           q.groups, q.types, q.ages
    FROM trial_checkpoint_rows(changes) c,
         LATERAL (SELECT COALESCE(array_agg(g.i ORDER BY g.i, r.i), '{}') AS groups, COALESCE(array_agg(r.r ->> 'type' ORDER BY g.i, r.i), '{}') AS types,
                         COALESCE(array_agg(COALESCE((r.r ->> 'max_age_s')::numeric::bigint, 0) ORDER BY g.i, r.i), '{}') AS ages
                  FROM jsonb_array_elements(c.requirements) WITH ORDINALITY g (g, i), jsonb_array_elements(g.g) WITH ORDINALITY r (r, i)) q
    WHERE may_bind(c.effective)
$$;

-- Gates of checkpoints as they are, and those that a drawing names.
CREATE FUNCTION trial_gate(changes jsonb) RETURNS SETOF binding_gate LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    WITH gates AS (
        SELECT g.checkpoint_id, g.zone_id, g.direction, g.arcs FROM gate g
        WHERE g.checkpoint_id <> ALL (ARRAY(SELECT p ->> 'id' FROM jsonb_array_elements(changes -> 'checkpoint' -> 'put') p))
        UNION ALL
        SELECT p ->> 'id', g ->> 'zone', COALESCE(g ->> 'direction', 'both'), CASE WHEN g -> 'arcs' = 'null' THEN NULL ELSE g -> 'arcs' END
        FROM jsonb_array_elements(changes -> 'checkpoint' -> 'put') p, jsonb_array_elements(COALESCE(p -> 'gates', '[]')) g)
    SELECT g.checkpoint_id, g.zone_id, CASE g.direction WHEN 'enter' THEN 1 WHEN 'exit' THEN 2 ELSE 3 END::bigint, a.roads, a.backward
    FROM gates g JOIN trial_checkpoint(changes) c ON c.id = g.checkpoint_id JOIN trial_zone(changes) z ON z.id = g.zone_id,
         LATERAL (SELECT COALESCE(array_agg((e ->> 'road')::numeric::bigint ORDER BY i), '{}') AS roads,
                         COALESCE(array_agg(COALESCE((e ->> 'backward')::boolean, false)::int::bigint ORDER BY i), '{}') AS backward
                  FROM jsonb_array_elements(COALESCE(g.arcs, '[]')) WITH ORDINALITY q (e, i)) a
$$;

CREATE FUNCTION trial_closure(changes jsonb) RETURNS SETOF binding_closure LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT * FROM binding_closure WHERE id <> ALL (trial_gone(changes, 'closure'))
    UNION ALL
    SELECT c.id, c.name, COALESCE(c.cause, ''), COALESCE(c.document_no, ''), COALESCE(c.approving_authority, c.authority, ''), c.action, c.physical,
           COALESCE(c.limit_kind, ''),
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint,
           s.*, span_from_ms(c.effective), span_until_ms(c.effective), CASE WHEN c.windows IS NULL THEN '{}' ELSE windows_flat(c.windows) END,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e), a.roads, a.backward
    FROM trial_closure_rows(changes) c, subject_flat(c.subject) s,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM closure_arcs(c) x) a
    WHERE may_bind(c.effective)
$$;

-- The first id that is to be approved or lifted and that the caller may not see or that is not there; NULL: all are.
CREATE FUNCTION trial_unknown(changes jsonb, p_desk boolean, p_scope text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.format('%s/%s/%s', k, m, n.i - 1)
    FROM pg_catalog.unnest('{zone,checkpoint,closure}'::text[]) WITH ORDINALITY q (k, o),
         pg_catalog.unnest('{approve,lift}'::text[]) m,
         pg_catalog.unnest(baochang.trial_ids(changes, k, m)) WITH ORDINALITY n (id, i)
    WHERE NOT EXISTS (SELECT FROM baochang.desk_object d WHERE d.kind = k AND d.id = n.id
        AND (d.state IN ('approved', 'active', 'lifted', 'closed', 'expired') OR d.physical OR p_desk AND baochang.jurisdiction_covers(p_scope, d.jurisdiction)))
    ORDER BY o, m, n.i LIMIT 1
$$;
