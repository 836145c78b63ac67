-- The rules as they were: of every rules table the rows of one version, from its history, and over them the same columns
-- that the views binding_* give of the rules in force. What history does not hold (the roads) must be the same now as then:
-- rules_moment says when it is not.
SET LOCAL search_path = baochang, public;

-- The county's name stands in answers, so who renames one changes them: versioned and published like the rest.
CALL rules_track('jurisdiction');

-- The oldest version of which every rules table has its history. A new database: the first. One that was there before: the
-- version at which the last table began to be kept; what was before cannot be put together again.
CREATE TABLE rules_history_start (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
);
INSERT INTO rules_history_start SELECT true, version FROM rules_state;
GRANT SELECT ON rules_history_start TO baochang_service;

-- <table>_at(v): the rows of version v. To be called again after a table has gained a column.
CREATE PROCEDURE rules_at_make(t text) LANGUAGE plpgsql AS $$
DECLARE
    names text;
BEGIN
    SELECT string_agg('h.' || quote_ident(attname), ', ' ORDER BY attnum) INTO names
    FROM pg_attribute WHERE attrelid = format('baochang.%I', t)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE OR REPLACE FUNCTION baochang.%I(v bigint) RETURNS SETOF baochang.%I LANGUAGE sql STABLE AS '
                   '''SELECT %s FROM baochang.%I h WHERE h.version_from <= v AND (h.version_until IS NULL OR h.version_until > v)''',
                   t || '_at', t, names, t || '_history');
END $$;
REVOKE EXECUTE ON PROCEDURE rules_at_make(text) FROM PUBLIC;
CALL rules_at_make('calendar_day');
CALL rules_at_make('credential_type');
CALL rules_at_make('zone_class');
CALL rules_at_make('toll_station');
CALL rules_at_make('route_alias');
CALL rules_at_make('jurisdiction');
CALL rules_at_make('zone');
CALL rules_at_make('checkpoint');
CALL rules_at_make('gate');
CALL rules_at_make('closure');
CALL rules_at_make('facility');
CALL rules_at_make('journey_default');

-- Which version a moment, or a number, means, and why it cannot be answered: 'future', 'before' (the history), 'roads' (they
-- have changed since). `bound` is the bound that it lies beyond.
CREATE FUNCTION rules_moment(p_version bigint, p_at timestamptz, OUT version bigint, OUT committed_at timestamptz,
                             OUT reason text, OUT bound_version bigint, OUT bound_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    current bigint := (SELECT s.version FROM rules_state s);
    first bigint := (SELECT s.version FROM rules_history_start s);
    roads timestamptz := (SELECT s.changed_at FROM road_state s);
    millisecond CONSTANT interval := '1 millisecond'; -- answers say when their rules were committed to the millisecond, cut off
BEGIN
    IF p_version > current OR p_at > clock_timestamp() THEN
        reason := 'future';
        bound_version := current;
        bound_at := clock_timestamp();
        RETURN;
    END IF;
    SELECT r.version, r.committed_at INTO version, committed_at FROM rules_version r
    WHERE CASE WHEN p_version IS NULL THEN r.committed_at < p_at + millisecond ELSE r.version = p_version END
    ORDER BY r.version DESC LIMIT 1;
    IF version IS NULL OR version < first THEN
        reason := 'before';
        SELECT r.version, r.committed_at INTO bound_version, bound_at FROM rules_version r WHERE r.version = first;
    ELSIF roads >= COALESCE(p_at + millisecond, committed_at) AND (p_at IS NOT NULL OR version <> current) THEN
        reason := 'roads';
        bound_at := roads;
    END IF;
END $$;

-- What might bind at version v or later, with the same day of grace.
CREATE FUNCTION might_bind(s tstzrange, v bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(pg_catalog.upper(s) > (SELECT r.committed_at FROM baochang.rules_version r WHERE r.version = v) - interval '1 day', true)
$$;

-- ---- as the views read -------------------------------------------------------------------------------------------

CREATE FUNCTION past_zone(v bigint) RETURNS SETOF binding_zone LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT z.id, z.name, z.class_code, k.name_zh, k.name_en, COALESCE(j.name_zh, ''), z.document_no, z.approving_authority, z.geom,
           round(z.accuracy_m * 1000)::bigint, z.border_roads = 'inside', COALESCE(z.layers, '{}'),
           span_from_ms(z.effective), span_until_ms(z.effective), CASE WHEN z.windows IS NULL THEN '{}' ELSE windows_flat(z.windows) END, z.rules
    FROM zone_at(v) z JOIN zone_class_at(v) k ON k.code = z.class_code AND k.enabled LEFT JOIN jurisdiction_at(v) j ON j.code = z.jurisdiction
    WHERE z.state = 'approved' AND might_bind(z.effective, v)
$$;

CREATE FUNCTION past_zone_rule(v bigint) RETURNS SETOF binding_zone_rule LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT z.id, q.i, q.r ->> 'rule', s.gross_min_kg, s.gross_max_kg, s.axles_min, s.axles_max, s.hazmat, s.livestock, s.lorry, s.emissions,
           s.plate_prefixes, s.plate_negated, s.cargo, class_mask(rule_open_classes(q.r)), COALESCE(q.r ->> 'transit' = 'deny', false),
           COALESCE(round((q.r ->> 'slow_factor')::numeric * 1000)::bigint, 1000),
           ARRAY(SELECT e FROM jsonb_array_elements_text(q.r -> 'exempt') e ORDER BY e),
           CASE WHEN q.r ? 'windows' THEN windows_flat(q.r -> 'windows') ELSE '{}' END
    FROM past_zone(v) z, jsonb_array_elements(z.rules) WITH ORDINALITY q (r, i), subject_flat(q.r -> 'subject') s
$$;

CREATE FUNCTION past_checkpoint(v bigint) RETURNS SETOF binding_checkpoint LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT c.id, c.name, c.geom, COALESCE(c.road_ref, ''), COALESCE(c.bearing_deg, -1), round(c.reach_m * 1000)::bigint,
           span_from_ms(c.effective), span_until_ms(c.effective), CASE WHEN c.opening IS NULL THEN '{}' ELSE windows_flat(c.opening) END,
           c.normal_s * 1000::bigint, c.green_s * 1000::bigint, ARRAY(SELECT e FROM unnest(c.green_credentials) e ORDER BY e),
           q.groups, q.types, q.ages
    FROM checkpoint_at(v) c,
         LATERAL (SELECT COALESCE(array_agg(g.i ORDER BY g.i, r.i), '{}') AS groups, COALESCE(array_agg(r.r ->> 'type' ORDER BY g.i, r.i), '{}') AS types,
                         COALESCE(array_agg(COALESCE((r.r ->> 'max_age_s')::numeric::bigint, 0) ORDER BY g.i, r.i), '{}') AS ages
                  FROM jsonb_array_elements(c.requirements) WITH ORDINALITY g (g, i), jsonb_array_elements(g.g) WITH ORDINALITY r (r, i)) q
    WHERE c.state = 'active' AND might_bind(c.effective, v)
$$;

CREATE FUNCTION past_gate(v bigint) RETURNS SETOF binding_gate LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT g.checkpoint_id, g.zone_id, CASE g.direction WHEN 'enter' THEN 1 WHEN 'exit' THEN 2 ELSE 3 END::bigint, a.roads, a.backward
    FROM gate_at(v) g JOIN past_checkpoint(v) c ON c.id = g.checkpoint_id JOIN past_zone(v) z ON z.id = g.zone_id,
         LATERAL (SELECT COALESCE(array_agg((e ->> 'road')::numeric::bigint ORDER BY i), '{}') AS roads,
                         COALESCE(array_agg(COALESCE((e ->> 'backward')::boolean, false)::int::bigint ORDER BY i), '{}') AS backward
                  FROM jsonb_array_elements(COALESCE(g.arcs, '[]')) WITH ORDINALITY q (e, i)) a
$$;

-- The number under which a closure's road was known then: names are dated, and the table of names has changed since.
CREATE FUNCTION past_route(c closure, v bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT a.canonical FROM baochang.route_alias_at(v) a
                     WHERE a.alias = c.route AND a.valid @> (pg_catalog.lower(c.effective) AT TIME ZONE 'Asia/Shanghai')::date
                     ORDER BY a.canonical LIMIT 1), c.route)
$$;

CREATE FUNCTION past_closure_stations(c closure, v bigint) RETURNS SETOF toll_station LANGUAGE sql STABLE AS $$
    WITH s AS (SELECT * FROM baochang.toll_station_at(v) t WHERE t.route = baochang.past_route(c, v)),
         e AS (SELECT pg_catalog.min(s.ordinal) AS low, pg_catalog.max(s.ordinal) AS high,
                      pg_catalog.count(*) FILTER (WHERE s.name = c.from_station) AS f,
                      pg_catalog.count(*) FILTER (WHERE s.name = COALESCE(c.to_station, c.from_station)) AS t
               FROM s WHERE s.name IN (c.from_station, COALESCE(c.to_station, c.from_station)))
    SELECT s.* FROM s, e
    WHERE c.object IN ('toll_station', 'toll_station_range') AND e.f = 1 AND e.t = 1 AND s.ordinal BETWEEN e.low AND e.high
    ORDER BY s.ordinal
$$;

-- As closure_arcs, by the names and stations of then. A road number that is not a name of today's is resolved before.
CREATE FUNCTION past_closure_arcs(c closure, v bigint) RETURNS TABLE (road_id bigint, backward boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    canonical text := baochang.past_route(c, v);
    band public.geometry;
BEGIN
    IF c.geom IS NOT NULL AND c.object = 'segment' THEN
        band := public.ST_SetSRID(public.ST_Buffer(c.geom::public.geography, 15)::public.geometry, 4490);
    END IF;
    RETURN QUERY
    SELECT q.id, d.backward
    FROM (SELECT r.id, r.forward, r.backward, true AS along FROM baochang.road r WHERE r.id = ANY (c.road_ids)
          UNION ALL
          SELECT r.id, r.forward, r.backward, true FROM baochang.road r
          WHERE c.road_ids IS NULL AND c.object = 'road' AND r.ref IS NOT NULL
            AND pg_catalog.string_to_array(r.ref, ';') @> ARRAY[canonical]
          UNION ALL
          SELECT r.id, r.forward, r.backward, true FROM baochang.road r
          WHERE r.station_id = ANY (ARRAY(SELECT s.id FROM baochang.past_closure_stations(c, v) s)) AND r.ramp IS NOT NULL
            AND r.ramp = CASE c.action WHEN 'entry_ban' THEN 'entry' WHEN 'exit_ban' THEN 'exit' ELSE r.ramp END
          UNION ALL
          SELECT r.id, r.forward, r.backward,
                 public.ST_LineLocatePoint(c.geom, public.ST_StartPoint(r.geom)) <= public.ST_LineLocatePoint(c.geom, public.ST_EndPoint(r.geom))
          FROM baochang.road r,
               LATERAL (SELECT public.ST_Length(public.ST_Intersection(r.geom, band)::public.geography) AS inside_m,
                               public.ST_Length(r.geom::public.geography) AS length_m) m
          WHERE c.object = 'segment' AND public.GeometryType(c.geom) = 'LINESTRING' AND r.geom && band AND public.ST_Intersects(r.geom, band)
            AND (c.route IS NULL OR pg_catalog.string_to_array(r.ref, ';') @> ARRAY[canonical])
            AND (m.inside_m >= 80 OR m.inside_m >= m.length_m / 2)
          UNION ALL
          SELECT r.id, r.forward, r.backward, g.along
          FROM baochang.closure_roads_by_geometry(c) g JOIN baochang.road r ON r.id = g.id
          WHERE c.geom IS NOT NULL AND c.object <> 'segment') q
         CROSS JOIN (VALUES (false), (true)) d (backward)
    WHERE CASE WHEN d.backward THEN q.backward ELSE q.forward END
      AND (c.heading = 'both' OR (c.heading = 'forward') = (q.along <> d.backward))
    ORDER BY q.id, d.backward;
END $$;

CREATE FUNCTION past_closure(v bigint) RETURNS SETOF binding_closure LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT c.id, c.name, COALESCE(c.cause, ''), COALESCE(c.document_no, ''), COALESCE(c.approving_authority, c.authority, ''), c.action, c.physical,
           COALESCE(c.limit_kind, ''),
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint,
           s.*, span_from_ms(c.effective), span_until_ms(c.effective), CASE WHEN c.windows IS NULL THEN '{}' ELSE windows_flat(c.windows) END,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e), a.roads, a.backward
    FROM closure_at(v) c, subject_flat(c.subject) s,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM past_closure_arcs(c, v) x) a
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND might_bind(c.effective, v)
$$;

CREATE FUNCTION past_facility(v bigint) RETURNS SETOF binding_facility LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT f.id, f.kind, f.name, COALESCE(f.name_en, f.name), f.geom, f.kind = ANY (d.rest_kinds), f.kind = ANY (d.transfer_kinds), f.turning_place
    FROM facility_at(v) f, journey_default_at(v) d
    WHERE f.state = 'active' AND (f.kind = ANY (d.rest_kinds) OR f.kind = ANY (d.transfer_kinds))
$$;

CREATE FUNCTION past_journey(v bigint) RETURNS SETOF binding_journey LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT (extract(epoch FROM max_drive) * 1000)::bigint, (extract(epoch FROM rest) * 1000)::bigint, (extract(epoch FROM hand_over) * 1000)::bigint
    FROM journey_default_at(v)
$$;

-- ---- the register ------------------------------------------------------------------------------------------------

-- Zones, checkpoints and closures as the desk showed them at version v: the columns of desk_object.
CREATE FUNCTION desk_object_at(v bigint) RETURNS SETOF desk_object LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT 'zone', z.id, z.state, z.class_code, z.jurisdiction, z.effective, z.geom::geometry, false, h.version_from,
           z.approving_authority, z.document_no, z.approved_at, zone_properties(z)
    FROM zone_at(v) z JOIN zone_history h ON h.id = z.id AND h.version_from <= v AND (h.version_until IS NULL OR h.version_until > v)
    UNION ALL
    SELECT 'checkpoint', c.id, c.state, COALESCE(c.kind, '-'), c.jurisdiction, c.effective, c.geom::geometry, false, h.version_from,
           c.authority, c.document_no, NULL,
           (checkpoint_properties(c)::jsonb || jsonb_build_object('gates', COALESCE((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'zone', g.zone_id, 'direction', g.direction, 'arcs', g.arcs)) ORDER BY g.zone_id) FROM gate_at(v) g WHERE g.checkpoint_id = c.id), '[]')))::json
    FROM checkpoint_at(v) c JOIN checkpoint_history h ON h.id = c.id AND h.version_from <= v AND (h.version_until IS NULL OR h.version_until > v)
    UNION ALL
    SELECT 'closure', c.id, c.state, c.object, c.jurisdiction, c.effective, c.geom, c.physical, h.version_from,
           c.approving_authority, c.document_no, c.approved_at, closure_properties(c)
    FROM closure_at(v) c JOIN closure_history h ON h.id = c.id AND h.version_from <= v AND (h.version_until IS NULL OR h.version_until > v)
$$;

-- As desk_feature, with the acts up to version v.
CREATE FUNCTION desk_feature_at(o desk_object, with_acts boolean, v bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN with_acts THEN pg_catalog.jsonb_set(f::jsonb, '{life,acts}', COALESCE((SELECT pg_catalog.jsonb_agg(a.a ORDER BY a.i)
               FROM pg_catalog.jsonb_array_elements(f::jsonb -> 'life' -> 'acts') WITH ORDINALITY a (a, i) WHERE (a.a ->> 'rules_version')::bigint <= v), '[]'))::json
           ELSE f END
    FROM (SELECT baochang.desk_feature(o, with_acts) AS f) q
$$;
