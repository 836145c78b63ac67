-- What a closure, or a bridge that is closed, is to the engine was said twice, for the rules in force and for those of an earlier
-- version. Both functions are of one SELECT, which the planner takes into the statement: an id is still looked for by the index.
SET LOCAL search_path = baochang, public;

CREATE TYPE closure_row AS (
    id text, name text, cause text, document_no text, authority text, action text, physical boolean, limit_kind text, limit_value bigint,
    gross_min_kg bigint, gross_max_kg bigint, axles_min bigint, axles_max bigint, hazmat boolean, livestock boolean, lorry boolean,
    emissions bigint, plate_prefixes text[], plate_negated boolean, cargo text[], from_ms bigint, until_ms bigint, windows bigint[],
    exempt text[], roads bigint[], backward bigint[]);

CREATE FUNCTION closure_flat(c closure, roads bigint[], backward bigint[]) RETURNS SETOF closure_row LANGUAGE sql STABLE AS $$
    SELECT c.id, c.name, COALESCE(c.cause, ''), COALESCE(c.document_no, ''), COALESCE(c.approving_authority, c.authority, ''), c.action, c.physical,
           COALESCE(c.limit_kind, ''),
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint,
           s.*, baochang.span_from_ms(c.effective), baochang.span_until_ms(c.effective),
           CASE WHEN c.windows IS NULL THEN '{}' ELSE baochang.windows_flat(c.windows) END,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e), closure_flat.roads, closure_flat.backward
    FROM baochang.subject_flat(c.subject) s
$$;

-- A bridge that is closed binds as what it is: a road that is not there. Both directions, for everybody, whatever the hour.
CREATE FUNCTION closed_bridge_flat(l road_limit) RETURNS SETOF closure_row LANGUAGE sql STABLE AS $$
    SELECT 'bridge:' || l.road, COALESCE(r.name, r.ref, 'road ' || l.road), '', COALESCE(l.document_no, ''), COALESCE(l.authority, ''), 'closed', true,
           '', 0::bigint, s.*, 0::bigint, 9223372036854775807, '{}'::bigint[], '{}'::text[], ARRAY[l.road, l.road], ARRAY[0, 1]::bigint[]
    FROM baochang.subject_flat(NULL) s LEFT JOIN baochang.road r ON r.id = l.road
$$;

CREATE OR REPLACE VIEW binding_closure AS
    SELECT f.* FROM closure c,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM closure_arcs(c) x) a, closure_flat(c, a.roads, a.backward) f
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND may_bind(c.effective)
    UNION ALL
    SELECT f.* FROM road_limit l, closed_bridge_flat(l) f WHERE l.bridge_state = 'closed';

CREATE OR REPLACE FUNCTION past_closure(v bigint) RETURNS SETOF binding_closure LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT f.* FROM closure_at(v) c,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM past_closure_arcs(c, v) x) a, closure_flat(c, a.roads, a.backward) f
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND might_bind(c.effective, v)
    UNION ALL
    SELECT f.* FROM road_limit_at(v) l, closed_bridge_flat(l) f WHERE l.bridge_state = 'closed'
$$;
