-- Registers that are kept over HTTP: facilities, jurisdictions, classes of zones, types of credentials, limits of roads and
-- the state of bridges, the calendar, who must approve what. Each change is a version of the rules like any other: kept in
-- the history, in the audit log, in the event stream, and in the next answer of the router.
SET LOCAL search_path = baochang, public;

-- ---- limits of roads ---------------------------------------------------------------------------------------------

-- What is posted on a road today (限高、限宽、限重), in place of everything that its source says, looser as well as tighter.
-- An import makes `road` anew and leaves this alone; a road that is gone meanwhile is found again when it comes back.
CREATE TABLE road_limit (
    road            bigint PRIMARY KEY,
    max_height_m    double precision CHECK (max_height_m BETWEEN 0.5 AND 30),    -- NULL: no limit
    max_width_m     double precision CHECK (max_width_m BETWEEN 0.5 AND 30),
    max_length_m    double precision CHECK (max_length_m BETWEEN 1 AND 300),
    max_gross_t     double precision CHECK (max_gross_t BETWEEN 0.1 AND 2000),
    max_axle_load_t double precision CHECK (max_axle_load_t BETWEEN 0.1 AND 200),
    max_axles       smallint CHECK (max_axles BETWEEN 1 AND 100),
    bridge_limit_t  double precision CHECK (bridge_limit_t BETWEEN 0.1 AND 2000),
    hazmat          text NOT NULL DEFAULT 'yes' CHECK (hazmat IN ('yes', 'no')),
    bridge_state    text NOT NULL DEFAULT 'open' CHECK (bridge_state IN ('open', 'closed')),
    authority       text CHECK (authority <> ''),
    document_no     text CHECK (document_no <> ''),
    note            text
);

CREATE FUNCTION road_limit_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    r road;
BEGIN
    SELECT * INTO r FROM road WHERE id = NEW.road;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'road % is not known', NEW.road USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    ELSIF NEW.bridge_state = 'closed' AND NOT r.bridge THEN
        RAISE EXCEPTION 'road % is no bridge: bridge_state belongs to a bridge', NEW.road
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON road_limit FOR EACH ROW EXECUTE FUNCTION road_limit_guard();

-- In the order and the units of the engine: height, width, length in mm; gross, axle load in kg; axles; bridge in kg.
CREATE FUNCTION road_limit_units(l road_limit) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[COALESCE(round(l.max_height_m * 1000), 0), COALESCE(round(l.max_width_m * 1000), 0), COALESCE(round(l.max_length_m * 1000), 0),
                 COALESCE(round(l.max_gross_t * 1000), 0), COALESCE(round(l.max_axle_load_t * 1000), 0), COALESCE(l.max_axles, 0),
                 COALESCE(round(l.bridge_limit_t * 1000), 0)]::bigint[]
$$;
CREATE VIEW binding_road_limit AS
    SELECT l.road, road_limit_units(l) AS limits, l.hazmat = 'no' AS hazmat_no FROM road_limit l;
GRANT SELECT ON binding_road_limit TO baochang_service;

-- A bridge that is closed binds as what it is: a road that is not there. Both directions, for everybody, whatever the hour.
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
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND may_bind(c.effective)
    UNION ALL
    SELECT 'bridge:' || l.road, COALESCE(r.name, r.ref, 'road ' || l.road), '', COALESCE(l.document_no, ''), COALESCE(l.authority, ''), 'closed', true,
           '', 0, s.*, 0, 9223372036854775807, '{}', '{}', ARRAY[l.road, l.road], ARRAY[0, 1]::bigint[]
    FROM road_limit l LEFT JOIN road r ON r.id = l.road, subject_flat(NULL) s WHERE l.bridge_state = 'closed';

-- The county that a road lies in: the smallest one that has its middle. NULL where none has.
CREATE FUNCTION road_jurisdiction(g geometry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT j.code FROM baochang.jurisdiction j, public.ST_LineInterpolatePoint(g, 0.5) p
    WHERE j.geom OPERATOR(public.&&) p AND public.ST_Intersects(j.geom, p) ORDER BY baochang.level_rank(j.level), j.code LIMIT 1
$$;

-- ---- kept with their history -------------------------------------------------------------------------------------

CALL rules_track('road_limit');
CALL rules_track('authority_rule');
CREATE INDEX ON road_limit_history (version_from);
CREATE INDEX ON road_limit_history (version_until) WHERE version_until IS NOT NULL;
CREATE INDEX ON jurisdiction_history (version_from);
CREATE INDEX ON jurisdiction_history (version_until) WHERE version_until IS NOT NULL;
CREATE INDEX ON authority_rule_history (version_from);
CREATE INDEX ON authority_rule_history (version_until) WHERE version_until IS NOT NULL;

-- The rules as they were: the table begins empty, so its history is whole from the first version on.
CALL rules_at_make('road_limit');
CREATE FUNCTION past_road_limit(v bigint) RETURNS SETOF binding_road_limit LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT l.road, road_limit_units(l), l.hazmat = 'no' FROM road_limit_at(v) l
$$;
CREATE OR REPLACE FUNCTION past_closure(v bigint) RETURNS SETOF binding_closure LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT c.id, c.name, COALESCE(c.cause, ''), COALESCE(c.document_no, ''), COALESCE(c.approving_authority, c.authority, ''), c.action, c.physical,
           COALESCE(c.limit_kind, ''),
           COALESCE(CASE WHEN c.action = 'speed_limit' OR c.limit_kind = 'axles' THEN round(c.limit_value) ELSE round(c.limit_value * 1000) END, 0)::bigint,
           s.*, span_from_ms(c.effective), span_until_ms(c.effective), CASE WHEN c.windows IS NULL THEN '{}' ELSE windows_flat(c.windows) END,
           ARRAY(SELECT e FROM unnest(c.exempt) e ORDER BY e), a.roads, a.backward
    FROM closure_at(v) c, subject_flat(c.subject) s,
         LATERAL (SELECT COALESCE(array_agg(x.road_id), '{}') AS roads, COALESCE(array_agg(x.backward::int::bigint), '{}') AS backward
                  FROM past_closure_arcs(c, v) x) a
    WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND might_bind(c.effective, v)
    UNION ALL
    SELECT 'bridge:' || l.road, COALESCE(r.name, r.ref, 'road ' || l.road), '', COALESCE(l.document_no, ''), COALESCE(l.authority, ''), 'closed', true,
           '', 0, s.*, 0, 9223372036854775807, '{}', '{}', ARRAY[l.road, l.road], ARRAY[0, 1]::bigint[]
    FROM road_limit_at(v) l LEFT JOIN road r ON r.id = l.road, subject_flat(NULL) s WHERE l.bridge_state = 'closed'
$$;

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON road_limit FOR EACH ROW EXECUTE FUNCTION audit_record('road');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON jurisdiction FOR EACH ROW EXECUTE FUNCTION audit_record('code');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON facility FOR EACH ROW EXECUTE FUNCTION audit_record('id');
GRANT SELECT, INSERT, UPDATE, DELETE ON road_limit, authority_rule TO baochang_service;

CREATE OR REPLACE FUNCTION rules_touched(v bigint) RETURNS TABLE (kind text, id text, made boolean, seen boolean) LANGUAGE sql STABLE AS $$
    SELECT 'zone', h.id, h.version_from = v, h.state IN ('approved', 'lifted', 'expired') FROM zone_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'checkpoint', h.id, h.version_from = v, h.state IN ('active', 'closed', 'expired') FROM checkpoint_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'closure', h.id, h.version_from = v, h.physical OR h.state IN ('approved', 'lifted', 'expired') FROM closure_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'zone_class', h.code, h.version_from = v, true FROM zone_class_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'credential_type', h.code, h.version_from = v, true FROM credential_type_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'calendar_day', h.day::text, h.version_from = v, true FROM calendar_day_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'toll_station', h.id::text, h.version_from = v, true FROM toll_station_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'facility', h.id, h.version_from = v, true FROM facility_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'route_alias', h.alias, h.version_from = v, true FROM route_alias_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'road', h.road::text, h.version_from = v, true FROM road_limit_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'jurisdiction', h.code, h.version_from = v, true FROM jurisdiction_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'authority_rule', h.kind || ':' || h.what, h.version_from = v, true FROM authority_rule_history h WHERE v IN (h.version_from, h.version_until)
$$;

-- ---- guards ------------------------------------------------------------------------------------------------------

-- What would be left hanging if this were deleted, or NULL. A rule that names a type nobody knows any more could not be
-- read, and with it no rules at all.
CREATE FUNCTION register_used_by(p_kind text, p_id text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT u.what FROM (
        SELECT 1 AS n, pg_catalog.format('zone "%s"', z.name) AS what FROM baochang.zone z
        WHERE p_kind = 'zone_class' AND z.class_code = p_id
           OR p_kind = 'jurisdiction' AND z.jurisdiction = p_id
           OR p_kind = 'credential_type' AND z.state IN ('draft', 'submitted', 'approved')
              AND EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(z.rules) r WHERE r -> 'exempt' ? p_id)
        UNION ALL
        SELECT 2, pg_catalog.format('checkpoint "%s"', c.name) FROM baochang.checkpoint c
        WHERE p_kind = 'jurisdiction' AND c.jurisdiction = p_id
           OR p_kind = 'credential_type' AND c.state IN ('draft', 'submitted', 'active')
              AND (p_id = ANY (c.green_credentials)
                   OR EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(c.requirements) g, pg_catalog.jsonb_array_elements(g) r WHERE r ->> 'type' = p_id))
        UNION ALL
        SELECT 3, pg_catalog.format('closure "%s"', c.name) FROM baochang.closure c
        WHERE p_kind = 'jurisdiction' AND c.jurisdiction = p_id
           OR p_kind = 'credential_type' AND c.state IN ('draft', 'submitted', 'approved') AND p_id = ANY (c.exempt)
        UNION ALL
        SELECT 4, pg_catalog.format('zone class %s', k.code) FROM baochang.zone_class k
        WHERE p_kind = 'credential_type' AND EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(k.default_rules) r WHERE r -> 'exempt' ? p_id)
        UNION ALL
        SELECT 5, pg_catalog.format('county plan "%s"', p.name) FROM baochang.county_plan p
        WHERE p_kind = 'jurisdiction' AND p.jurisdiction = p_id
           OR p_kind = 'facility' AND p.state <> 'retired'
              AND EXISTS (SELECT FROM baochang.county_plan_member m WHERE m.plan_id = p.id AND m.kind = 'facility' AND m.object = p_id)
        UNION ALL
        SELECT 6, pg_catalog.format('jurisdiction %s', j.code) FROM baochang.jurisdiction j WHERE p_kind = 'jurisdiction' AND j.parent = p_id
        UNION ALL
        SELECT 7, pg_catalog.format('facility "%s"', f.name) FROM baochang.facility f WHERE p_kind = 'jurisdiction' AND f.jurisdiction = p_id
        UNION ALL
        SELECT 8, pg_catalog.format('enterprise "%s"', e.name) FROM baochang.enterprise e WHERE p_kind = 'jurisdiction' AND e.jurisdiction = p_id
        UNION ALL
        SELECT 9, pg_catalog.format('key of %s', k.holder) FROM baochang.access_key k
        WHERE p_kind = 'jurisdiction' AND k.county = p_id AND k.revoked_at IS NULL AND k.expires_at > pg_catalog.now()
        UNION ALL
        SELECT 10, pg_catalog.format('authority rule %s:%s', a.kind, a.what) FROM baochang.authority_rule a
        WHERE p_kind = 'zone_class' AND a.kind = 'zone' AND a.what = p_id
    ) u ORDER BY u.n, u.what LIMIT 1
$$;

-- The same for whoever deletes beside the interface, where being wrong would stop every publication.
CREATE FUNCTION credential_type_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    used text := register_used_by('credential_type', OLD.code);
BEGIN
    IF used IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.code <> OLD.code) THEN
        RAISE EXCEPTION 'credential type "%" is used by %', OLD.code, used USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON credential_type FOR EACH ROW EXECUTE FUNCTION credential_type_keep();

-- Without the rule for the others, what has no rule of its own would take nobody's approval.
CREATE FUNCTION authority_rule_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.what = '*' AND (TG_OP = 'DELETE' OR (NEW.kind, NEW.what) IS DISTINCT FROM (OLD.kind, OLD.what)) THEN
        RAISE EXCEPTION 'the authority rule %:* stays: it is what all others fall back on', OLD.kind
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.kind = 'zone' AND NEW.what <> '*' AND NOT EXISTS (SELECT FROM zone_class k WHERE k.code = NEW.what) THEN
        RAISE EXCEPTION 'class "%" is not known', NEW.what USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON authority_rule FOR EACH ROW EXECUTE FUNCTION authority_rule_guard();

-- A circle of parents would have no end.
CREATE FUNCTION jurisdiction_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    above text;
BEGIN
    IF NEW.parent IS NULL OR TG_OP = 'UPDATE' AND NEW.parent IS NOT DISTINCT FROM OLD.parent AND NEW.level = OLD.level THEN RETURN NEW; END IF;
    SELECT j.level INTO above FROM jurisdiction j WHERE j.code = NEW.parent;
    IF above IS NOT NULL AND level_rank(above) <= level_rank(NEW.level) THEN
        RAISE EXCEPTION 'jurisdiction %: a % cannot lie in %, which is a %', NEW.code, NEW.level, NEW.parent, above
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    IF TG_OP = 'UPDATE' AND EXISTS (SELECT FROM jurisdiction j WHERE j.parent = NEW.code AND level_rank(j.level) >= level_rank(NEW.level)) THEN
        RAISE EXCEPTION 'jurisdiction %: what lies in it is of its own level or above', NEW.code
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON jurisdiction FOR EACH ROW EXECUTE FUNCTION jurisdiction_guard();

-- ---- in one shape ------------------------------------------------------------------------------------------------

CREATE FUNCTION facility_properties(f facility) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('kind', f.kind, 'name', f.name, 'name_en', f.name_en, 'jurisdiction', f.jurisdiction, 'operator', f.operator,
        'state', f.state, 'turning_place', f.turning_place, 'protected', f.tags -> 'protected', 'tags', f.tags - 'protected')
$$;
CREATE FUNCTION jurisdiction_properties(j jurisdiction) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('code', j.code, 'name_zh', j.name_zh, 'name_en', j.name_en, 'level', j.level, 'parent', j.parent,
        'seat', public.ST_AsGeoJSON(j.seat, 7, 0)::json -> 'coordinates')
$$;
CREATE FUNCTION zone_class_properties(k zone_class) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('code', k.code, 'name_zh', k.name_zh, 'name_en', k.name_en, 'hazard', k.hazard, 'ceiling', k.ceiling,
        'ceiling_spares', k.ceiling_spares, 'floor_classes', k.floor_classes, 'default_rules', k.default_rules, 'enabled', k.enabled)
$$;
CREATE FUNCTION credential_type_properties(t credential_type) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('code', t.code, 'name_zh', t.name_zh, 'name_en', t.name_en,
        'default_max_age_s', EXTRACT(epoch FROM t.default_max_age)::bigint)
$$;
CREATE FUNCTION calendar_day_properties(d calendar_day) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('day', d.day, 'kind', d.kind)
$$;
CREATE FUNCTION authority_rule_properties(a authority_rule) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('kind', a.kind, 'what', a.what, 'level', a.level)
$$;
CREATE FUNCTION road_limit_properties(l road_limit) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('road', l.road, 'max_height_m', l.max_height_m, 'max_width_m', l.max_width_m, 'max_length_m', l.max_length_m,
        'max_gross_t', l.max_gross_t, 'max_axle_load_t', l.max_axle_load_t, 'max_axles', l.max_axles, 'bridge_limit_t', l.bridge_limit_t,
        'hazmat', l.hazmat, 'bridge_state', l.bridge_state, 'authority', l.authority, 'document_no', l.document_no, 'note', l.note)
$$;

-- Limits as the source has them, in the shape of an entry.
CREATE FUNCTION road_source_limit(r road) RETURNS road_limit LANGUAGE sql STABLE AS $$
    SELECT ROW(r.id, r.max_height_m, r.max_width_m, r.max_length_m, r.max_gross_t, r.max_axle_load_t, r.max_axles, r.bridge_limit_t, r.hazmat,
               'open', NULL, NULL, NULL)::baochang.road_limit
$$;

-- All of them, as desk_object is for what is drawn. `what` is what a list may be narrowed to; `place`, then `id`, is the
-- order. `tag` changes whenever the object does. The branches agree in their types, so that a condition reaches each of them
-- and one costs nothing unless its kind is asked for.
CREATE VIEW register_object AS
    SELECT 'facility' AS kind, 0::bigint AS place, f.id, f.jurisdiction, f.state, f.kind AS what, f.geom::geometry AS geom,
           (SELECT h.version_from::text FROM facility_history h WHERE h.id = f.id AND h.version_until IS NULL) AS tag, true AS kept,
           facility_properties(f) AS properties
    FROM facility f
    UNION ALL
    SELECT 'jurisdiction', 0::bigint, j.code, j.code, NULL::text, j.level, j.geom::geometry,
           (SELECT h.version_from::text FROM jurisdiction_history h WHERE h.code = j.code AND h.version_until IS NULL), true, jurisdiction_properties(j)
    FROM jurisdiction j
    UNION ALL
    SELECT 'zone_class', 0::bigint, k.code, NULL::text, CASE WHEN k.enabled THEN 'enabled' ELSE 'disabled' END, k.hazard, NULL::geometry,
           (SELECT h.version_from::text FROM zone_class_history h WHERE h.code = k.code AND h.version_until IS NULL), true,
           (zone_class_properties(k)::jsonb || jsonb_build_object('approval_level', authority_level('zone', k.code)))::json
    FROM zone_class k
    UNION ALL
    SELECT 'credential_type', 0::bigint, t.code, NULL::text, NULL::text, NULL::text, NULL::geometry,
           (SELECT h.version_from::text FROM credential_type_history h WHERE h.code = t.code AND h.version_until IS NULL), true, credential_type_properties(t)
    FROM credential_type t
    UNION ALL
    SELECT 'calendar_day', 0::bigint, d.day::text, NULL::text, NULL::text, d.kind, NULL::geometry,
           (SELECT h.version_from::text FROM calendar_day_history h WHERE h.day = d.day AND h.version_until IS NULL), true, calendar_day_properties(d)
    FROM calendar_day d
    UNION ALL
    SELECT 'authority_rule', 0::bigint, a.kind || ':' || a.what, NULL::text, NULL::text, a.kind, NULL::geometry,
           (SELECT h.version_from::text FROM authority_rule_history h WHERE h.kind = a.kind AND h.what = a.what AND h.version_until IS NULL), true,
           authority_rule_properties(a)
    FROM authority_rule a
    UNION ALL
    SELECT 'road', r.id, r.id::text, road_jurisdiction(r.geom), COALESCE(l.bridge_state, CASE WHEN r.bridge THEN 'open' END), r.class, r.geom::geometry,
           COALESCE((SELECT h.version_from FROM road_limit_history h WHERE h.road = r.id AND h.version_until IS NULL), 0) || '.'
               || (SELECT s.version FROM road_state s), l.road IS NOT NULL,
           (road_limit_properties(CASE WHEN l.road IS NULL THEN road_source_limit(r) ELSE l END)::jsonb
            || jsonb_build_object('name', r.name, 'ref', r.ref, 'class', r.class, 'bridge', r.bridge, 'tunnel', r.tunnel,
                                  'jurisdiction', road_jurisdiction(r.geom), 'posted', l.road IS NOT NULL,
                                  'source', road_limit_properties(road_source_limit(r))::jsonb - '{road,bridge_state,authority,document_no,note}'::text[]))::json
    FROM road r LEFT JOIN road_limit l ON l.road = r.id;
GRANT SELECT ON register_object TO baochang_service;

-- With a geometry a GeoJSON Feature, without one the members themselves.
CREATE FUNCTION register_json(o register_object) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.kind IN ('facility', 'jurisdiction', 'road')
        THEN pg_catalog.json_build_object('type', 'Feature', 'id', o.id, 'geometry', public.ST_AsGeoJSON(public.ST_ForcePolygonCCW(o.geom), 7, 0)::json,
                                          'properties', o.properties, 'version', o.tag)::text
        ELSE (pg_catalog.jsonb_build_object('id', o.id, 'version', o.tag) || o.properties::jsonb)::text END
$$;

-- ---- writing -----------------------------------------------------------------------------------------------------

CREATE FUNCTION register_table(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'road' THEN 'road_limit' ELSE p_kind END
    WHERE p_kind IN ('facility', 'jurisdiction', 'zone_class', 'credential_type', 'calendar_day', 'authority_rule', 'road')
$$;

-- The columns of the key.
CREATE FUNCTION register_key(p_kind text, p_id text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'facility' THEN pg_catalog.jsonb_build_object('id', p_id)
        WHEN 'calendar_day' THEN pg_catalog.jsonb_build_object('day', p_id)
        WHEN 'road' THEN pg_catalog.jsonb_build_object('road', p_id)
        WHEN 'authority_rule' THEN pg_catalog.jsonb_build_object('kind', split_part(p_id, ':', 1), 'what', substr(p_id, strpos(p_id, ':') + 1))
        ELSE pg_catalog.jsonb_build_object('code', p_id) END
$$;

-- Makes or replaces a row from its columns in JSON (a geometry as hexadecimal EWKB). Replacing sets every column: what is
-- left out goes back to its default.
CREATE FUNCTION register_put(p_kind text, p_id text, p_new boolean, p_doc jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    t text := register_table(p_kind);
    key jsonb := register_key(p_kind, p_id);
    doc jsonb := CASE p_kind
        WHEN 'facility' THEN '{"state": "planned", "turning_place": false, "tags": {}}'::jsonb
        WHEN 'zone_class' THEN '{"ceiling_spares": [], "floor_classes": ["motorway", "motorway_link", "trunk", "trunk_link"], "enabled": true}'
        WHEN 'road' THEN '{"hazmat": "yes", "bridge_state": "open"}' ELSE '{}' END || p_doc;
    names text;
    same text;
BEGIN
    IF p_kind = 'facility' AND p_doc ? 'protected' THEN
        doc := jsonb_set(doc, '{tags,protected}', p_doc -> 'protected');
    END IF;
    doc := doc || key;
    IF p_new THEN
        EXECUTE format('INSERT INTO %I SELECT p.* FROM jsonb_populate_record(NULL::%I, $1) p', t, t) USING doc;
    ELSE
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
        FROM pg_attribute WHERE attrelid = t::regclass AND attnum > 0 AND NOT attisdropped AND NOT key ? attname;
        SELECT string_agg(format('t.%1$I = p.%1$I', k), ' AND ') INTO same FROM jsonb_object_keys(key) k;
        EXECUTE format('UPDATE %I t SET (%s) = ROW(%s) FROM jsonb_populate_record(NULL::%I, $1) p WHERE %s', t, names,
                       (SELECT string_agg('p.' || n, ', ') FROM regexp_split_to_table(names, ', ') n), t, same) USING doc;
    END IF;
END $$;

CREATE FUNCTION register_delete(p_kind text, p_id text) RETURNS void LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    t text := register_table(p_kind);
    same text;
BEGIN
    SELECT string_agg(format('t.%1$I = p.%1$I', k), ' AND ') INTO same FROM jsonb_object_keys(register_key(p_kind, p_id)) k;
    EXECUTE format('DELETE FROM %I t USING jsonb_populate_record(NULL::%I, $1) p WHERE %s', t, t, same) USING register_key(p_kind, p_id);
END $$;

-- Every version that a row ever had, newest first, at most 200.
CREATE FUNCTION register_history(p_kind text, p_id text) RETURNS text LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    t text := register_table(p_kind);
    same text;
    found text;
BEGIN
    SELECT string_agg(format('h.%1$I = p.%1$I', k), ' AND ') INTO same FROM jsonb_object_keys(register_key(p_kind, p_id)) k;
    EXECUTE format('SELECT json_agg(v.j ORDER BY v.version_from DESC)::text FROM (SELECT h.version_from, json_build_object('
        '''version_from'', h.version_from, ''version_until'', h.version_until, ''from'', wire_time(a.committed_at), ''until'', wire_time(b.committed_at),'
        ' ''properties'', (SELECT %1$I(q) FROM jsonb_populate_record(NULL::%2$I, to_jsonb(h) - ''geom'' - ''seat'') q)%3$s) AS j'
        ' FROM jsonb_populate_record(NULL::%2$I, $1) p JOIN %4$I h ON %5$s'
        ' LEFT JOIN rules_version a ON a.version = h.version_from LEFT JOIN rules_version b ON b.version = h.version_until'
        ' ORDER BY h.version_from DESC LIMIT 200) v', t || '_properties', t,
        CASE WHEN p_kind IN ('facility', 'jurisdiction') THEN ', ''geometry'', ST_AsGeoJSON(h.geom, 7, 0)::json' ELSE '' END,
        t || '_history', same) INTO found USING register_key(p_kind, p_id);
    RETURN found;
END $$;

-- ---- lists -------------------------------------------------------------------------------------------------------

-- Roads are many: read along their key, and only those near the county that is asked for.
CREATE FUNCTION register_page(p_kind text, p_state text, p_county text, p_what text, p_kept boolean, p_west float8, p_south float8, p_east float8,
                              p_north float8, p_after text, p_limit int) RETURNS SETOF register_object
LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    box geometry := CASE WHEN p_west IS NOT NULL THEN ST_MakeEnvelope(p_west, p_south, p_east, p_north, 4490) END;
    found bigint;
    county geometry := CASE WHEN p_kind = 'road' AND p_county IS NOT NULL THEN (SELECT j.geom FROM jurisdiction j WHERE j.code = p_county) END;
BEGIN
    IF p_kind = 'road' THEN
        FOR found IN SELECT r.id FROM road r LEFT JOIN road_limit l ON l.road = r.id
            WHERE (p_after IS NULL OR r.id > p_after::bigint) AND (box IS NULL OR r.geom && box) AND (p_what IS NULL OR r.class = p_what)
              AND (p_state IS NULL OR r.bridge AND COALESCE(l.bridge_state, 'open') = p_state) AND (p_kept IS NULL OR (l.road IS NOT NULL) = p_kept)
              AND (county IS NULL OR r.geom && county) AND (p_county IS NULL OR jurisdiction_covers(p_county, road_jurisdiction(r.geom)))
            ORDER BY r.id LIMIT p_limit
        LOOP -- one by one: joined, the view would be worked out for every road there is
            RETURN QUERY SELECT o.* FROM register_object o WHERE o.kind = 'road' AND o.place = found;
        END LOOP;
    ELSE
        RETURN QUERY SELECT o.* FROM register_object o
            WHERE o.kind = p_kind AND (p_state IS NULL OR o.state = p_state) AND (p_county IS NULL OR jurisdiction_covers(p_county, o.jurisdiction))
              AND (p_what IS NULL OR o.what = p_what) AND (box IS NULL OR o.geom && box) AND (p_after IS NULL OR o.id COLLATE "C" > p_after)
            ORDER BY o.id COLLATE "C" LIMIT p_limit;
    END IF;
END $$;
