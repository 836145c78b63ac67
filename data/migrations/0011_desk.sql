-- The desk: what a planner and an approver do over HTTP. The life of zones, checkpoints and closures, whose level it
-- takes to approve them, each act with who, when, opinion and document; answers kept for Idempotency-Key.
SET LOCAL search_path = baochang, public;

ALTER TABLE checkpoint DROP CONSTRAINT checkpoint_state_check;
ALTER TABLE checkpoint ADD CONSTRAINT checkpoint_state_check CHECK (state IN ('draft', 'submitted', 'active', 'closed', 'rejected'));

-- ---- territory and levels ----------------------------------------------------------------------------------------

CREATE FUNCTION level_rank(level text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(pg_catalog.array_position('{unit,township,county,prefecture,province,nation}'::text[], level), 0)
$$;

-- Whether a scope (NULL: everything) has a place in it. What belongs to no county belongs to nobody's county.
CREATE FUNCTION jurisdiction_covers(p_scope text, p_code text) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT j.code, j.parent, 1 AS n FROM baochang.jurisdiction j WHERE j.code = p_code
        UNION ALL
        SELECT j.code, j.parent, up.n + 1 FROM baochang.jurisdiction j JOIN up ON j.code = up.parent WHERE up.n < 10)
    SELECT p_scope IS NULL OR COALESCE(p_scope = p_code, false) OR EXISTS (SELECT FROM up WHERE up.code = p_scope)
$$;

-- Who must approve at least: by class of a zone, object of a closure, kind of a checkpoint; '*' for the others.
CREATE TABLE authority_rule (
    kind  text NOT NULL CHECK (kind IN ('zone', 'checkpoint', 'closure')),
    what  text NOT NULL CHECK (what <> ''),
    level text NOT NULL CHECK (baochang.level_rank(level) > 0),
    PRIMARY KEY (kind, what)
);
INSERT INTO authority_rule VALUES
    ('zone', '*', 'county'), ('checkpoint', '*', 'county'), ('closure', '*', 'county'),
    ('zone', 'EP-HIGH', 'prefecture'), ('zone', 'EP-MID', 'prefecture'), ('zone', 'EP-STATIC', 'prefecture'),
    ('zone', 'WX-1', 'prefecture'), ('zone', 'AQ-CITY', 'prefecture'), ('zone', 'HM-STAND', 'prefecture'),
    ('zone', 'HM-TIME', 'prefecture'), ('zone', 'FL-DET', 'prefecture'),
    ('checkpoint', 'epidemic', 'prefecture'), ('closure', 'service_area', 'province');
GRANT SELECT ON authority_rule TO baochang_service;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON authority_rule FOR EACH ROW EXECUTE FUNCTION audit_record('kind', 'what');

CREATE FUNCTION authority_level(p_kind text, p_what text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT a.level FROM baochang.authority_rule a WHERE a.kind = p_kind AND a.what IN (p_what, '*') ORDER BY a.what = '*' LIMIT 1
$$;

-- ---- acts --------------------------------------------------------------------------------------------------------

CREATE TABLE rule_act (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    object        text NOT NULL,
    act           text NOT NULL CHECK (act IN ('create', 'replace', 'submit', 'approve', 'reject', 'lift', 'delete')),
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor         text NOT NULL,
    holder        text NOT NULL,
    role          text NOT NULL,
    opinion       text,
    authority     text,
    document_no   text,
    rules_version bigint NOT NULL
);
CREATE INDEX ON rule_act (kind, object, id);
GRANT SELECT, INSERT ON rule_act TO baochang_service;

CREATE TABLE idempotent_answer (
    actor  text NOT NULL,
    key    text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    digest text NOT NULL,                           -- of method, path and body: the same key for another request is a mistake
    at     timestamptz NOT NULL DEFAULT now(),
    status int,
    tag    text,
    object text,
    body   text,
    PRIMARY KEY (actor, key)
);
CREATE INDEX ON idempotent_answer (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_answer TO baochang_service;

-- Begins an act: says who to the audit log, and takes the lock that orders all changes of rules before anything is
-- looked at, so that what a caller was shown cannot change under the decision.
CREATE FUNCTION desk_begin(p_actor text, p_holder text, p_role text, p_request text, p_act text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
BEGIN
    PERFORM set_config('baochang.actor', p_actor, true), set_config('baochang.holder', p_holder, true),
            set_config('baochang.role', p_role, true), set_config('baochang.request', p_request, true), set_config('baochang.act', p_act, true);
    PERFORM FROM rules_state FOR UPDATE;
END $$;

-- ---- reading -----------------------------------------------------------------------------------------------------

CREATE FUNCTION zone_properties(z zone) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('class', z.class_code, 'name', z.name, 'accuracy_m', z.accuracy_m, 'border_roads', z.border_roads,
        'layers', z.layers, 'from', baochang.wire_time(pg_catalog.lower(z.effective)), 'until', baochang.wire_time(pg_catalog.upper(z.effective)),
        'windows', z.windows, 'rules', z.rules, 'severity', z.severity, 'jurisdiction', z.jurisdiction, 'incident', z.incident,
        'authority', z.authority, 'note', z.note)
$$;

CREATE FUNCTION checkpoint_properties(c checkpoint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('name', c.name, 'kind', c.kind, 'placement', c.placement, 'road', c.road_ref,
        'bearing_deg', c.bearing_deg, 'reach_m', c.reach_m, 'opening', c.opening, 'from', baochang.wire_time(pg_catalog.lower(c.effective)),
        'until', baochang.wire_time(pg_catalog.upper(c.effective)), 'normal_s', c.normal_s, 'green_s', c.green_s, 'lanes', c.lanes,
        'green_lanes', c.green_lanes, 'capacity_h', c.capacity_h, 'requirements', c.requirements,
        'green_credentials', c.green_credentials, 'jurisdiction', c.jurisdiction, 'authority', c.authority, 'note', c.note,
        'gates', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_strip_nulls(pg_catalog.json_build_object('zone', g.zone_id,
            'direction', g.direction, 'arcs', g.arcs)) ORDER BY g.zone_id) FROM baochang.gate g WHERE g.checkpoint_id = c.id), '[]'))
$$;

CREATE FUNCTION closure_properties(c closure) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('name', c.name, 'cause', c.cause, 'action', c.action, 'physical', c.physical, 'object', c.object,
        'road_ids', c.road_ids, 'heading', c.heading, 'route', c.route, 'from_station', c.from_station, 'to_station', c.to_station,
        'limit_kind', c.limit_kind, 'limit_value', c.limit_value, 'subject', c.subject, 'exempt', c.exempt,
        'from', baochang.wire_time(pg_catalog.lower(c.effective)), 'until', baochang.wire_time(pg_catalog.upper(c.effective)),
        'windows', c.windows, 'expected_reopen', baochang.wire_time(c.expected_reopen), 'jurisdiction', c.jurisdiction,
        'incident', c.incident, 'authority', c.authority, 'note', c.note)
$$;

-- All three in one shape. `tag` is the rules version that the row is from: its ETag.
CREATE VIEW desk_object AS
    SELECT 'zone' AS kind, z.id, z.state, z.class_code AS what, z.jurisdiction, z.effective, z.geom AS geom, false AS physical,
           (SELECT h.version_from FROM zone_history h WHERE h.id = z.id AND h.version_until IS NULL) AS tag,
           z.approving_authority, z.document_no, z.approved_at, zone_properties(z) AS properties
    FROM zone z
    UNION ALL
    SELECT 'checkpoint', c.id, c.state, COALESCE(c.kind, '-'), c.jurisdiction, c.effective, c.geom, false,
           (SELECT h.version_from FROM checkpoint_history h WHERE h.id = c.id AND h.version_until IS NULL),
           c.authority, c.document_no, NULL, checkpoint_properties(c)
    FROM checkpoint c
    UNION ALL
    SELECT 'closure', c.id, c.state, c.object, c.jurisdiction, c.effective, c.geom, c.physical,
           (SELECT h.version_from FROM closure_history h WHERE h.id = c.id AND h.version_until IS NULL),
           c.approving_authority, c.document_no, c.approved_at, closure_properties(c)
    FROM closure c;

-- GeoJSON Feature; `life` is read only. With acts only for those who are signed in.
CREATE FUNCTION desk_feature(o desk_object, with_acts boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('type', 'Feature', 'id', o.id,
        'geometry', public.ST_AsGeoJSON(public.ST_ForcePolygonCCW(o.geom), 7, 0)::json, 'properties', o.properties,
        'life', pg_catalog.json_build_object('state', o.state, 'version', o.tag, 'approving_authority', o.approving_authority,
            'document_no', o.document_no, 'approved_at', baochang.wire_time(o.approved_at),
            'acts', CASE WHEN with_acts THEN COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
                'act', a.act, 'at', baochang.wire_time(a.at), 'holder', a.holder, 'role', a.role, 'opinion', a.opinion,
                'authority', a.authority, 'document_no', a.document_no, 'rules_version', a.rules_version)) ORDER BY a.id)
                FROM baochang.rule_act a WHERE a.kind = o.kind AND a.object = o.id), '[]') END))
$$;
GRANT SELECT ON desk_object TO baochang_service;

-- ---- writing -----------------------------------------------------------------------------------------------------

-- Makes or replaces a row from its columns in JSON (a geometry as hexadecimal EWKB). Replacing sets every column: what
-- is left out goes back to its default. The state becomes draft.
CREATE FUNCTION desk_put(p_kind text, p_id text, p_new boolean, p_doc jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    doc jsonb := jsonb_build_object('effective', tstzrange(now(), NULL)::text) || CASE p_kind
        WHEN 'zone' THEN '{"accuracy_m": 0, "border_roads": "outside", "source_crs": "EPSG:4490"}'::jsonb
        WHEN 'checkpoint' THEN '{"reach_m": 1000, "normal_s": 120, "green_s": 30, "lanes": 1, "green_lanes": 0, "requirements": [], "green_credentials": []}'
        WHEN 'closure' THEN '{"physical": false, "heading": "both", "exempt": []}' END
        || p_doc || jsonb_build_object('id', p_id, 'state', 'draft');
    names text;
BEGIN
    IF p_kind NOT IN ('zone', 'checkpoint', 'closure') THEN RAISE EXCEPTION 'no such kind'; END IF;
    IF p_new THEN
        EXECUTE format('INSERT INTO %I SELECT p.* FROM jsonb_populate_record(NULL::%I, $1) p', p_kind, p_kind) USING doc;
    ELSE
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
        FROM pg_attribute WHERE attrelid = p_kind::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id';
        EXECUTE format('UPDATE %I t SET (%s) = (SELECT %s FROM jsonb_populate_record(NULL::%I, $1) p) WHERE t.id = $2',
                       p_kind, names, names, p_kind) USING doc, p_id;
    END IF;
END $$;

-- The gates of a checkpoint, all of them: [{"zone": id, "direction": "enter", "arcs": […]}, …]
CREATE FUNCTION desk_put_gates(p_checkpoint text, p_gates jsonb, p_scope text) RETURNS void
LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    unknown text;
BEGIN
    SELECT g ->> 'zone' INTO unknown FROM jsonb_array_elements(p_gates) g
    WHERE NOT EXISTS (SELECT FROM zone z WHERE z.id = g ->> 'zone' AND jurisdiction_covers(p_scope, z.jurisdiction)) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'zone "%" is not known', unknown USING ERRCODE = 'check_violation', TABLE = 'gate';
    END IF;
    DELETE FROM gate WHERE checkpoint_id = p_checkpoint
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(p_gates) g WHERE g ->> 'zone' = zone_id);
    INSERT INTO gate (zone_id, checkpoint_id, direction, arcs)
    SELECT g ->> 'zone', p_checkpoint, COALESCE(g ->> 'direction', 'both'), g -> 'arcs' FROM jsonb_array_elements(p_gates) g
    ON CONFLICT (zone_id, checkpoint_id) DO UPDATE SET direction = EXCLUDED.direction, arcs = EXCLUDED.arcs
        WHERE (gate.direction, gate.arcs) IS DISTINCT FROM (EXCLUDED.direction, EXCLUDED.arcs);
END $$;

CREATE FUNCTION desk_set_state(p_kind text, p_id text, p_act text, p_authority text, p_document text) RETURNS void
LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    next_state text := CASE p_act WHEN 'submit' THEN 'submitted' WHEN 'reject' THEN 'rejected'
        WHEN 'approve' THEN CASE p_kind WHEN 'checkpoint' THEN 'active' ELSE 'approved' END
        WHEN 'lift' THEN CASE p_kind WHEN 'checkpoint' THEN 'closed' ELSE 'lifted' END END;
BEGIN
    IF p_kind = 'zone' THEN
        UPDATE zone SET state = next_state,
            approving_authority = CASE p_act WHEN 'approve' THEN p_authority ELSE approving_authority END,
            document_no = CASE p_act WHEN 'approve' THEN p_document ELSE document_no END,
            approved_at = CASE p_act WHEN 'approve' THEN now() ELSE approved_at END WHERE id = p_id;
    ELSIF p_kind = 'closure' THEN
        UPDATE closure SET state = next_state,
            approving_authority = CASE p_act WHEN 'approve' THEN p_authority ELSE approving_authority END,
            document_no = CASE p_act WHEN 'approve' THEN p_document ELSE document_no END,
            approved_at = CASE p_act WHEN 'approve' THEN now() ELSE approved_at END WHERE id = p_id;
    ELSIF p_kind = 'checkpoint' THEN
        UPDATE checkpoint SET state = next_state,
            authority = CASE p_act WHEN 'approve' THEN p_authority ELSE authority END,
            document_no = CASE p_act WHEN 'approve' THEN p_document ELSE document_no END WHERE id = p_id;
    END IF;
END $$;

CREATE FUNCTION desk_delete(p_kind text, p_id text) RETURNS void LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF p_kind = 'zone' THEN DELETE FROM zone WHERE id = p_id;
    ELSIF p_kind = 'checkpoint' THEN DELETE FROM checkpoint WHERE id = p_id;
    ELSIF p_kind = 'closure' THEN DELETE FROM closure WHERE id = p_id;
    END IF;
END $$;

-- ---- lint --------------------------------------------------------------------------------------------------------

-- What an approver should hear before a zone, checkpoint or closure binds, as far as the database can tell. What needs
-- the network compiled, the program adds. severity: error (it would not do what it says), warning, info.
CREATE FUNCTION desk_lint(p_kind text, p_id text) RETURNS TABLE (code text, severity text, zh text, en text, place json)
LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    z zone;
    o desk_object;
    limit_m double precision;
    needed text;
BEGIN
    SELECT * INTO o FROM desk_object d WHERE d.kind = p_kind AND d.id = p_id;
    IF NOT FOUND THEN RETURN; END IF;
    needed := authority_level(p_kind, o.what);
    IF o.state NOT IN ('approved', 'active') THEN
        RETURN QUERY SELECT 'approval_missing', 'info', format('尚未批准，须由 %s 及以上级别批准', needed),
            format('not approved yet; takes an approver of level %s or above', needed), NULL::json;
    END IF;
    IF upper(o.effective) <= now() THEN
        RETURN QUERY SELECT 'never_applies', 'error', '有效期已经结束', 'its time is over already', NULL::json;
    END IF;
    IF p_kind <> 'zone' THEN RETURN; END IF;

    SELECT * INTO z FROM zone WHERE zone.id = p_id;
    IF NOT EXISTS (SELECT FROM zone_class k WHERE k.code = z.class_code AND k.enabled) THEN
        RETURN QUERY SELECT 'class_off', 'error', format('类别 %s 未启用，批准后也不生效', z.class_code),
            format('class %s is switched off: the zone would not bind even when approved', z.class_code), NULL::json;
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(z.rules) r WHERE r ->> 'rule' = 'gated')
       AND NOT EXISTS (SELECT FROM gate g JOIN checkpoint c ON c.id = g.checkpoint_id AND c.state = 'active' WHERE g.zone_id = z.id) THEN
        RETURN QUERY SELECT 'gated_without_gate', 'error', '卡点通行的区域没有任何启用的卡点，等于全封闭',
            'a gated zone without an active checkpoint is closed altogether', NULL::json;
    END IF;

    -- strips along the border of another zone that are nobody's intention
    RETURN QUERY
    SELECT 'sliver', 'warning', format('与区域“%s”有狭窄重叠（约 %s 平方米）', n.name, round(s.area_m2::numeric)),
           format('overlaps zone "%s" in a narrow strip (about %s m²)', n.name, round(s.area_m2::numeric)),
           ST_AsGeoJSON(s.part, 7, 0)::json
    FROM zone n, LATERAL (
        SELECT d.geom AS part, ST_Area(d.geom::geography) AS area_m2, ST_Perimeter(d.geom::geography) AS round_m
        FROM ST_Dump(ST_CollectionExtract(ST_Intersection(n.geom, z.geom), 3)) d) s
    WHERE n.id <> z.id AND n.state IN ('submitted', 'approved') AND n.geom && z.geom AND ST_NPoints(n.geom) < 50000
      AND ST_Intersects(n.geom, z.geom) AND 2 * s.area_m2 < 10 * s.round_m AND s.area_m2 > 0
    ORDER BY n.id LIMIT 20;

    -- roads whose membership hangs on the tolerance, and structures that the border cuts
    limit_m := GREATEST(5, z.accuracy_m);
    RETURN QUERY
    WITH crossed AS (
        SELECT r.id, COALESCE(r.ref, r.name, r.id::text) AS label, r.bridge, r.tunnel, r.geom,
               ST_Length(ST_Intersection(r.geom, z.geom)::geography) AS inside_m
        FROM road r WHERE r.geom && z.geom AND ST_Crosses(r.geom, z.geom) ORDER BY r.id LIMIT 5000)
    (SELECT 'structure_clipped', 'warning', format('边界切断了%s“%s”', CASE WHEN c.bridge THEN '桥梁' ELSE '隧道' END, c.label),
            format('the border cuts the %s of "%s"', CASE WHEN c.bridge THEN 'bridge' ELSE 'tunnel' END, c.label),
            ST_AsGeoJSON(c.geom, 7, 0)::json
     FROM crossed c WHERE c.bridge OR c.tunnel ORDER BY c.id LIMIT 50)
    UNION ALL
    (SELECT 'decided_by_tolerance', 'info', format('道路“%s”仅有 %s 米在区内，按容差计为区外', c.label, round(c.inside_m::numeric, 1)),
            format('only %s m of road "%s" lie inside: by the tolerance it counts as outside', round(c.inside_m::numeric, 1), c.label),
            ST_AsGeoJSON(ST_Intersection(c.geom, z.geom), 7, 0)::json
     FROM crossed c WHERE c.inside_m > 0 AND c.inside_m <= limit_m ORDER BY c.id LIMIT 50);
END $$;
