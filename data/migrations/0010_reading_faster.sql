-- Most rules have no hours and no filter by subject; working those out for nothing took most of the time of reading.
SET LOCAL search_path = baochang, public;

CREATE OR REPLACE VIEW binding_zone AS
    SELECT z.id, z.name, z.class_code, k.name_zh AS class_name_zh, k.name_en AS class_name_en, COALESCE(j.name_zh, '') AS county,
           z.document_no, z.approving_authority, z.geom, round(z.accuracy_m * 1000)::bigint AS accuracy_mm,
           z.border_roads = 'inside' AS border_roads_inside, COALESCE(z.layers, '{}') AS layers,
           span_from_ms(z.effective) AS from_ms, span_until_ms(z.effective) AS until_ms,
           CASE WHEN z.windows IS NULL THEN '{}' ELSE windows_flat(z.windows) END AS windows, z.rules
    FROM zone z JOIN zone_class k ON k.code = z.class_code AND k.enabled LEFT JOIN jurisdiction j ON j.code = z.jurisdiction
    WHERE z.state = 'approved' AND may_bind(z.effective);

CREATE OR REPLACE VIEW binding_zone_rule AS
    SELECT z.id AS zone_id, q.i AS ordinal, q.r ->> 'rule' AS rule,
           s.gross_min_kg, s.gross_max_kg, s.axles_min, s.axles_max, s.hazmat, s.livestock, s.lorry, s.emissions, s.plate_prefixes,
           s.plate_negated, s.cargo,
           CASE WHEN q.r ? 'open_classes' THEN class_mask(rule_open_classes(q.r)) WHEN q.r ->> 'rule' IN ('through_only', 'gated') THEN 1 ELSE 0 END AS open_classes, -- motorway
           COALESCE(q.r ->> 'transit' = 'deny', false) AS transit_deny,
           COALESCE(round((q.r ->> 'slow_factor')::numeric * 1000)::bigint, 1000) AS slow_permille,
           CASE WHEN q.r ? 'exempt' THEN ARRAY(SELECT e FROM jsonb_array_elements_text(q.r -> 'exempt') e ORDER BY e) ELSE '{}' END AS exempt,
           CASE WHEN q.r ? 'windows' THEN windows_flat(q.r -> 'windows') ELSE '{}' END AS windows
    FROM binding_zone z, jsonb_array_elements(z.rules) WITH ORDINALITY q (r, i),
         LATERAL (SELECT f.* FROM subject_flat(q.r -> 'subject') f WHERE q.r ? 'subject'
                  UNION ALL
                  SELECT 0, 4294967295, 0, 4294967295, NULL, NULL, NULL, 0, '{}', false, '{}' WHERE NOT q.r ? 'subject') s;

CREATE OR REPLACE VIEW binding_checkpoint AS
    SELECT c.id, c.name, c.geom, COALESCE(c.road_ref, '') AS road_ref, COALESCE(c.bearing_deg, -1) AS bearing_deg,
           round(c.reach_m * 1000)::bigint AS reach_mm, span_from_ms(c.effective) AS from_ms, span_until_ms(c.effective) AS until_ms,
           CASE WHEN c.opening IS NULL THEN '{}' ELSE windows_flat(c.opening) END AS windows,
           c.normal_s * 1000::bigint AS normal_ms, c.green_s * 1000::bigint AS green_ms,
           ARRAY(SELECT e FROM unnest(c.green_credentials) e ORDER BY e) AS green,
           q.groups, q.types, q.ages
    FROM checkpoint c,
         LATERAL (SELECT COALESCE(array_agg(g.i ORDER BY g.i, r.i), '{}') AS groups, COALESCE(array_agg(r.r ->> 'type' ORDER BY g.i, r.i), '{}') AS types,
                         COALESCE(array_agg(COALESCE((r.r ->> 'max_age_s')::numeric::bigint, 0) ORDER BY g.i, r.i), '{}') AS ages
                  FROM jsonb_array_elements(c.requirements) WITH ORDINALITY g (g, i), jsonb_array_elements(g.g) WITH ORDINALITY r (r, i)) q
    WHERE c.state = 'active' AND may_bind(c.effective);

CREATE OR REPLACE VIEW binding_closure AS
    SELECT c.id, c.name, COALESCE(c.cause, '') AS cause, COALESCE(c.document_no, '') AS document_no,
           COALESCE(c.approving_authority, c.authority, '') AS authority, c.action, c.physical, COALESCE(c.limit_kind, '') AS limit_kind,
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint AS limit_value,
           s.*, span_from_ms(c.effective) AS from_ms, span_until_ms(c.effective) AS until_ms,
           CASE WHEN c.windows IS NULL THEN '{}' ELSE windows_flat(c.windows) END AS windows,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e) AS exempt, a.roads, a.backward
    FROM closure c, subject_flat(c.subject) s,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM closure_arcs(c) x) a
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND may_bind(c.effective);
