-- Every layer that a map may draw, in one shape. `open`: everybody may see it; a draft is its county's desk's. `current`: it
-- is not over. `place`, then `id`, is the order of a layer. A branch of the view costs nothing unless its layer is asked
-- for, and `properties` nothing unless they are read.
SET LOCAL search_path = baochang, public;

-- Where a closure is: as drawn, or the roads that it resolves to.
CREATE FUNCTION closure_shape(c closure) RETURNS geometry LANGUAGE sql STABLE AS $$
    SELECT COALESCE(c.geom, (SELECT public.ST_Collect(r.geom ORDER BY r.id) FROM baochang.road r
                             WHERE r.id IN (SELECT a.road_id FROM baochang.closure_arcs(c) a)))
$$;

CREATE VIEW map_feature AS
    SELECT 'roads' AS layer, r.id AS place, r.id::text AS id, r.geom::geometry AS geom, NULL::text AS state, NULL::text AS jurisdiction,
           NULL::tstzrange AS effective, true AS open, true AS current,
           jsonb_strip_nulls(jsonb_build_object('name', r.name, 'ref', r.ref, 'class', r.class, 'forward', r.forward, 'backward', r.backward,
               'speed_forward_kmh', r.speed_forward_kmh, 'speed_backward_kmh', r.speed_backward_kmh, 'max_height_m', r.max_height_m,
               'max_width_m', r.max_width_m, 'max_length_m', r.max_length_m, 'max_gross_t', r.max_gross_t, 'max_axle_load_t', r.max_axle_load_t,
               'max_axles', r.max_axles, 'bridge_limit_t', r.bridge_limit_t, 'hazmat', r.hazmat, 'bridge', r.bridge, 'tunnel', r.tunnel,
               'toll', r.toll)) AS properties
    FROM road r
    UNION ALL
    SELECT 'zones', 0, z.id, z.geom::geometry, z.state, z.jurisdiction, z.effective::tstzrange, z.state IN ('approved', 'lifted', 'expired'),
           z.state NOT IN ('lifted', 'expired'),
           jsonb_strip_nulls(jsonb_build_object('name', z.name, 'class', z.class_code, 'class_name', k.name_zh, 'class_name_en', k.name_en,
               'rule', z.rules -> 0 ->> 'rule', 'rules', z.rules, 'state', z.state, 'enabled', k.enabled, 'severity', z.severity,
               'accuracy_m', z.accuracy_m, 'border_roads', z.border_roads, 'effective_from', wire_time(lower(z.effective)),
               'effective_until', wire_time(upper(z.effective)), 'windows', z.windows, 'jurisdiction', z.jurisdiction,
               'authority', COALESCE(z.approving_authority, z.authority), 'document', z.document_no, 'note', z.note))
    FROM zone z JOIN zone_class k ON k.code = z.class_code
    UNION ALL
    SELECT 'closures', 0, c.id, closure_shape(c), c.state, c.jurisdiction, c.effective::tstzrange,
           c.physical OR c.state IN ('approved', 'lifted', 'expired'), c.state NOT IN ('lifted', 'expired'),
           jsonb_strip_nulls(jsonb_build_object('name', c.name, 'cause', c.cause, 'action', c.action, 'object', c.object, 'physical', c.physical,
               'state', c.state, 'route', c.route, 'from_station', c.from_station, 'to_station', c.to_station, 'heading', c.heading,
               'limit_kind', c.limit_kind, 'limit_value', c.limit_value, 'effective_from', wire_time(lower(c.effective)),
               'effective_until', wire_time(upper(c.effective)), 'windows', c.windows, 'expected_reopen', wire_time(c.expected_reopen),
               'jurisdiction', c.jurisdiction, 'authority', COALESCE(c.approving_authority, c.authority), 'document', c.document_no,
               'note', c.note))
    FROM closure c
    UNION ALL
    SELECT 'checkpoints', 0, c.id, c.geom::geometry, c.state, c.jurisdiction, c.effective::tstzrange, c.state IN ('active', 'closed'),
           c.state <> 'closed',
           jsonb_strip_nulls(jsonb_build_object('name', c.name, 'kind', c.kind, 'placement', c.placement, 'state', c.state, 'road', c.road_ref,
               'bearing_deg', c.bearing_deg, 'opening', c.opening, 'effective_from', wire_time(lower(c.effective)),
               'effective_until', wire_time(upper(c.effective)), 'normal_s', c.normal_s, 'green_s', c.green_s, 'lanes', c.lanes,
               'green_lanes', c.green_lanes, 'capacity_h', c.capacity_h, 'requirements', c.requirements,
               'green_credentials', to_jsonb(c.green_credentials),
               'zones', (SELECT jsonb_agg(g.zone_id ORDER BY g.zone_id) FROM gate g JOIN zone z ON z.id = g.zone_id
                         WHERE g.checkpoint_id = c.id AND z.state IN ('approved', 'lifted', 'expired')),
               'jurisdiction', c.jurisdiction, 'authority', c.authority, 'document', c.document_no, 'note', c.note))
    FROM checkpoint c
    UNION ALL
    SELECT 'facilities', 0, 'facility:' || f.id, f.geom::geometry, f.state, f.jurisdiction, NULL, true, f.state <> 'closed',
           jsonb_strip_nulls(jsonb_build_object('kind', f.kind, 'name', f.name, 'name_en', f.name_en, 'state', f.state,
               'jurisdiction', f.jurisdiction, 'turning_place', f.turning_place))
    FROM facility f
    UNION ALL
    SELECT 'facilities', 1, 'enterprise:' || e.id, e.geom::geometry, 'active', e.jurisdiction, NULL, true, true,
           jsonb_strip_nulls(jsonb_build_object('kind', 'enterprise', 'name', e.name, 'name_en', e.name_en, 'state', 'active',
               'jurisdiction', e.jurisdiction, 'turning_place', false))
    FROM enterprise e WHERE e.geom IS NOT NULL
    UNION ALL
    SELECT 'facilities', 2, 'toll_station:' || s.id, s.geom::geometry, 'active', s.county, NULL, true, true,
           jsonb_strip_nulls(jsonb_build_object('kind', 'toll_station', 'name', s.route || ' ' || s.name, 'state', 'active',
               'jurisdiction', s.county, 'turning_place', false))
    FROM toll_station s WHERE s.geom IS NOT NULL
    UNION ALL
    SELECT 'facilities', 3, 'county_seat:' || j.code, j.seat::geometry, 'active', j.code, NULL, true, true,
           jsonb_strip_nulls(jsonb_build_object('kind', 'county_seat', 'name', j.name_zh, 'name_en', j.name_en, 'state', 'active',
               'jurisdiction', j.code, 'turning_place', false))
    FROM jurisdiction j WHERE j.seat IS NOT NULL
    UNION ALL
    SELECT 'jurisdictions', 0, j.code, j.geom::geometry, NULL, j.code, NULL, true, true,
           jsonb_strip_nulls(jsonb_build_object('name', j.name_zh, 'name_en', j.name_en, 'level', j.level, 'parent', j.parent))
    FROM jurisdiction j WHERE j.geom IS NOT NULL;
GRANT SELECT ON map_feature TO baochang_service;

-- A number that is new whenever the layer may have changed; NULL for layers that count nothing.
CREATE FUNCTION map_layer_version(p_layer text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_layer IN ('zones', 'checkpoints') THEN (SELECT version::text FROM baochang.rules_state)
                WHEN p_layer = 'closures' THEN (SELECT r.version || '.' || s.version FROM baochang.rules_state r, baochang.road_state s)
                WHEN p_layer = 'roads' THEN (SELECT version::text FROM baochang.road_state) END
$$;
