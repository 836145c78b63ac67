-- Reading: the rules in force or still to come, in flat columns, so that the program needs no JSON to load them.
SET LOCAL search_path = baochang, public;

-- Hours as five numbers each: weekdays (bit 0 Monday), day kinds (bit 0 workday, 1 weekend, 2 holiday, 3 make-up workday),
-- from and until in minutes of the day, plate tails (bit d = digit d, 0 = all). What runs past midnight becomes two.
CREATE FUNCTION windows_flat(windows jsonb) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH w AS (
        SELECT q.i,
               COALESCE((SELECT pg_catalog.bit_or(1 << (d::int - 1)) FROM pg_catalog.jsonb_array_elements_text(q.w -> 'weekdays') d), 127) AS weekdays,
               COALESCE((SELECT pg_catalog.bit_or(1 << (pg_catalog.array_position('{workday,weekend,holiday,makeup_workday}'::text[], k) - 1))
                         FROM pg_catalog.jsonb_array_elements_text(q.w -> 'day_kinds') k), 15) AS kinds,
               baochang.clock_minutes(COALESCE(q.w ->> 'from', '00:00')) AS a,
               baochang.clock_minutes(COALESCE(q.w ->> 'until', '24:00')) AS b,
               COALESCE((SELECT pg_catalog.bit_or(1 << d::int) FROM pg_catalog.jsonb_array_elements_text(q.w -> 'plate_tails') d), 0) AS tails
        FROM pg_catalog.jsonb_array_elements(windows) WITH ORDINALITY q (w, i)),
    parts AS (
        SELECT i, 0 AS part, weekdays, kinds, a, CASE WHEN a < b THEN b ELSE 1440 END AS b, tails FROM w
        UNION ALL -- the morning after: Sunday's goes to Monday
        SELECT i, 1, ((weekdays << 1) | (weekdays >> 6)) & 127, kinds, 0, b, tails FROM w WHERE a > b AND b > 0)
    SELECT COALESCE((SELECT pg_catalog.array_agg(v ORDER BY i, part, n)
                     FROM parts, LATERAL (VALUES (1, weekdays::bigint), (2, kinds), (3, a), (4, b), (5, tails)) x (n, v)), '{}')
$$;

CREATE FUNCTION subject_flat(s jsonb, OUT gross_min_kg bigint, OUT gross_max_kg bigint, OUT axles_min bigint, OUT axles_max bigint,
                             OUT hazmat boolean, OUT livestock boolean, OUT lorry boolean, OUT emissions bigint,
                             OUT plate_prefixes text[], OUT plate_negated boolean, OUT cargo text[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(pg_catalog.round((s ->> 'gross_t_min')::numeric * 1000)::bigint, 0),
           COALESCE(pg_catalog.round((s ->> 'gross_t_max')::numeric * 1000)::bigint, 4294967295),
           COALESCE((s ->> 'axles_min')::numeric::bigint, 0), COALESCE((s ->> 'axles_max')::numeric::bigint, 4294967295),
           (s ->> 'hazmat')::boolean, (s ->> 'livestock')::boolean, (s ->> 'lorry')::boolean,
           COALESCE((SELECT pg_catalog.bit_or(1 << (pg_catalog.array_position('{unknown,0,1,2,3,4,5,6,new_energy}'::text[], e) - 1))
                     FROM pg_catalog.jsonb_array_elements_text(s -> 'emissions') e), 0)::bigint,
           ARRAY(SELECT p FROM pg_catalog.jsonb_array_elements_text(COALESCE(s -> 'plate_prefixes', s -> 'plate_prefixes_not')) p ORDER BY p),
           COALESCE(s ? 'plate_prefixes_not', false),
           ARRAY(SELECT c FROM pg_catalog.jsonb_array_elements_text(s -> 'cargo') c ORDER BY c)
$$;

-- Road classes as bits, in the order of road_classes().
CREATE FUNCTION class_mask(classes text[]) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE((SELECT pg_catalog.bit_or(1 << (pg_catalog.array_position(baochang.road_classes(), c) - 1)) FROM pg_catalog.unnest(classes) c), 0)::bigint
$$;

-- Milliseconds since 1970; the open end is the largest bigint.
CREATE FUNCTION span_from_ms(s tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.lower(s)) * 1000)::bigint
$$;
CREATE FUNCTION span_until_ms(s tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(pg_catalog.ceil(EXTRACT(epoch FROM pg_catalog.upper(s)) * 1000)::bigint, 9223372036854775807)
$$;

-- What may bind now or later. A day of grace, so that a question about this morning is answered by this morning's rules.
CREATE FUNCTION may_bind(s tstzrange) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(pg_catalog.upper(s) > pg_catalog.now() - interval '1 day', true)
$$;

CREATE VIEW binding_zone AS
    SELECT z.id, z.name, z.class_code, k.name_zh AS class_name_zh, k.name_en AS class_name_en, COALESCE(j.name_zh, '') AS county,
           z.document_no, z.approving_authority, z.geom, round(z.accuracy_m * 1000)::bigint AS accuracy_mm,
           z.border_roads = 'inside' AS border_roads_inside, COALESCE(z.layers, '{}') AS layers,
           span_from_ms(z.effective) AS from_ms, span_until_ms(z.effective) AS until_ms, windows_flat(z.windows) AS windows, z.rules
    FROM zone z JOIN zone_class k ON k.code = z.class_code AND k.enabled LEFT JOIN jurisdiction j ON j.code = z.jurisdiction
    WHERE z.state = 'approved' AND may_bind(z.effective);

CREATE VIEW binding_zone_rule AS
    SELECT z.id AS zone_id, q.i AS ordinal, q.r ->> 'rule' AS rule, s.*, class_mask(rule_open_classes(q.r)) AS open_classes,
           COALESCE(q.r ->> 'transit' = 'deny', false) AS transit_deny,
           COALESCE(round((q.r ->> 'slow_factor')::numeric * 1000)::bigint, 1000) AS slow_permille,
           ARRAY(SELECT e FROM jsonb_array_elements_text(q.r -> 'exempt') e ORDER BY e) AS exempt, windows_flat(q.r -> 'windows') AS windows
    FROM binding_zone z, jsonb_array_elements(z.rules) WITH ORDINALITY q (r, i), subject_flat(q.r -> 'subject') s;

CREATE VIEW binding_checkpoint AS
    SELECT c.id, c.name, c.geom, COALESCE(c.road_ref, '') AS road_ref, COALESCE(c.bearing_deg, -1) AS bearing_deg,
           round(c.reach_m * 1000)::bigint AS reach_mm, span_from_ms(c.effective) AS from_ms, span_until_ms(c.effective) AS until_ms,
           windows_flat(c.opening) AS windows, c.normal_s * 1000::bigint AS normal_ms, c.green_s * 1000::bigint AS green_ms,
           ARRAY(SELECT e FROM unnest(c.green_credentials) e ORDER BY e) AS green,
           q.groups, q.types, q.ages
    FROM checkpoint c,
         LATERAL (SELECT COALESCE(array_agg(g.i ORDER BY g.i, r.i), '{}') AS groups, COALESCE(array_agg(r.r ->> 'type' ORDER BY g.i, r.i), '{}') AS types,
                         COALESCE(array_agg(COALESCE((r.r ->> 'max_age_s')::numeric::bigint, 0) ORDER BY g.i, r.i), '{}') AS ages
                  FROM jsonb_array_elements(c.requirements) WITH ORDINALITY g (g, i), jsonb_array_elements(g.g) WITH ORDINALITY r (r, i)) q
    WHERE c.state = 'active' AND may_bind(c.effective);

CREATE VIEW binding_gate AS
    SELECT g.checkpoint_id, g.zone_id, CASE g.direction WHEN 'enter' THEN 1 WHEN 'exit' THEN 2 ELSE 3 END::bigint AS direction, a.roads, a.backward
    FROM gate g JOIN binding_checkpoint c ON c.id = g.checkpoint_id JOIN binding_zone z ON z.id = g.zone_id,
         LATERAL (SELECT COALESCE(array_agg((e ->> 'road')::numeric::bigint ORDER BY i), '{}') AS roads,
                         COALESCE(array_agg(COALESCE((e ->> 'backward')::boolean, false)::int::bigint ORDER BY i), '{}') AS backward
                  FROM jsonb_array_elements(COALESCE(g.arcs, '[]')) WITH ORDINALITY q (e, i)) a;

-- A physical closure binds before anyone has approved it.
CREATE VIEW binding_closure AS
    SELECT c.id, c.name, COALESCE(c.cause, '') AS cause, COALESCE(c.document_no, '') AS document_no,
           COALESCE(c.approving_authority, c.authority, '') AS authority, c.action, c.physical, COALESCE(c.limit_kind, '') AS limit_kind,
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint AS limit_value,
           s.*, span_from_ms(c.effective) AS from_ms, span_until_ms(c.effective) AS until_ms, windows_flat(c.windows) AS windows,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e) AS exempt, a.roads, a.backward
    FROM closure c, subject_flat(c.subject) s,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM closure_arcs(c) x) a
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND may_bind(c.effective);

GRANT SELECT ON binding_zone, binding_zone_rule, binding_checkpoint, binding_gate, binding_closure TO baochang_service;
