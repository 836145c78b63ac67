-- Rules: zones, checkpoints, gates, closures, and what refuses those that must not exist.
SET LOCAL search_path = baochang, public;

-- ---- whom a rule binds ---------------------------------------------------------------------------------------

-- NULL if it is a subject filter, else why not. Every member that is set must match.
CREATE FUNCTION subject_reason(s jsonb, at text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    member text;
BEGIN
    IF s IS NULL THEN RETURN NULL; END IF;
    IF pg_catalog.jsonb_typeof(s) <> 'object' THEN RETURN at || ' must be an object'; END IF;
    member := baochang.json_unknown_member(s, '{gross_t_min,gross_t_max,axles_min,axles_max,hazmat,livestock,lorry,emissions,plate_prefixes,plate_prefixes_not,cargo}');
    IF member IS NOT NULL THEN RETURN pg_catalog.format('%s has an unknown member "%s"', at, member); END IF;
    FOREACH member IN ARRAY '{gross_t_min,gross_t_max}'::text[] LOOP
        IF s ? member AND NOT COALESCE(pg_catalog.jsonb_typeof(s -> member) = 'number'
                                       AND (s ->> member)::numeric BETWEEN 0 AND 4000, false) THEN
            RETURN pg_catalog.format('%s.%s must be a number of tonnes from 0 to 4000', at, member);
        END IF;
    END LOOP;
    FOREACH member IN ARRAY '{axles_min,axles_max}'::text[] LOOP
        IF s ? member AND NOT baochang.json_is_integer(s -> member, 0, 100) THEN
            RETURN pg_catalog.format('%s.%s must be a whole number from 0 to 100', at, member);
        END IF;
    END LOOP;
    IF (s ->> 'gross_t_min')::numeric > (s ->> 'gross_t_max')::numeric THEN RETURN at || ': gross_t_min is above gross_t_max'; END IF;
    IF (s ->> 'axles_min')::numeric > (s ->> 'axles_max')::numeric THEN RETURN at || ': axles_min is above axles_max'; END IF;
    FOREACH member IN ARRAY '{hazmat,livestock,lorry}'::text[] LOOP
        IF s ? member AND pg_catalog.jsonb_typeof(s -> member) <> 'boolean' THEN
            RETURN pg_catalog.format('%s.%s must be true or false', at, member);
        END IF;
    END LOOP;
    IF s ? 'emissions' AND (s -> 'emissions' = '[]' OR
       NOT baochang.json_is_texts(s -> 'emissions', '{unknown,0,1,2,3,4,5,6,new_energy}')) THEN
        RETURN at || '.emissions must list stages: unknown, 0 to 6, new_energy';
    END IF;
    FOREACH member IN ARRAY '{plate_prefixes,plate_prefixes_not,cargo}'::text[] LOOP
        IF s ? member AND (s -> member = '[]' OR NOT baochang.json_is_texts(s -> member, NULL)) THEN
            RETURN pg_catalog.format('%s.%s must be a list of texts', at, member);
        END IF;
    END LOOP;
    IF s ? 'plate_prefixes' AND s ? 'plate_prefixes_not' THEN
        RETURN at || ': plate_prefixes and plate_prefixes_not exclude each other';
    END IF;
    RETURN NULL;
END $$;

-- ---- zone rules ----------------------------------------------------------------------------------------------

-- NULL if it is an ordered list of zone rules, else why not. The first whose subject matches applies.
CREATE FUNCTION zone_rules_reason(rules jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    r jsonb;
    i int := -1;
    at text;
    reason text;
BEGIN
    IF rules IS NULL OR pg_catalog.jsonb_typeof(rules) <> 'array' THEN RETURN 'rules must be an array'; END IF;
    IF pg_catalog.jsonb_array_length(rules) NOT BETWEEN 1 AND 32 THEN RETURN 'rules must hold 1 to 32 rules'; END IF;
    FOR r IN SELECT * FROM pg_catalog.jsonb_array_elements(rules) LOOP
        i := i + 1;
        at := pg_catalog.format('rules[%s]', i);
        IF pg_catalog.jsonb_typeof(r) <> 'object' THEN RETURN at || ' must be an object'; END IF;
        reason := baochang.json_unknown_member(r, '{rule,subject,open_classes,transit,slow_factor,exempt,windows}');
        IF reason IS NOT NULL THEN RETURN pg_catalog.format('%s has an unknown member "%s"', at, reason); END IF;
        IF NOT COALESCE(pg_catalog.jsonb_typeof(r -> 'rule') = 'string'
                        AND r ->> 'rule' IN ('closed', 'through_only', 'gated', 'destination_only', 'caution'), false) THEN
            RETURN pg_catalog.format('%s: unknown rule %s; one of closed, through_only, gated, destination_only, caution',
                                     at, COALESCE(r -> 'rule', 'null'));
        END IF;
        reason := baochang.subject_reason(r -> 'subject', at || '.subject');
        IF reason IS NOT NULL THEN RETURN reason; END IF;
        IF r ? 'open_classes' THEN
            IF NOT baochang.json_is_texts(r -> 'open_classes', baochang.road_classes()) THEN
                RETURN at || '.open_classes must list road classes';
            END IF;
            IF r ->> 'rule' IN ('closed', 'caution') THEN
                RETURN pg_catalog.format('%s: a rule "%s" has no open roads', at, r ->> 'rule');
            END IF;
        END IF;
        IF r ? 'transit' AND NOT COALESCE(r ->> 'rule' = 'gated' AND pg_catalog.jsonb_typeof(r -> 'transit') = 'string'
                                          AND r ->> 'transit' IN ('allow', 'deny'), false) THEN
            RETURN at || '.transit must be "allow" or "deny", and only with "gated"';
        END IF;
        IF r ? 'slow_factor' AND NOT COALESCE(r ->> 'rule' = 'caution' AND pg_catalog.jsonb_typeof(r -> 'slow_factor') = 'number'
                                              AND (r ->> 'slow_factor')::numeric BETWEEN 1 AND 100, false) THEN
            RETURN at || '.slow_factor must be a number from 1 to 100, and only with "caution"';
        END IF;
        IF r ? 'exempt' AND NOT baochang.json_is_texts(r -> 'exempt', NULL) THEN
            RETURN at || '.exempt must be a list of credential types';
        END IF;
        reason := baochang.windows_reason(r -> 'windows');
        IF reason IS NOT NULL THEN RETURN at || '.' || reason; END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- The road classes that stay open under a rule when it does not say.
CREATE FUNCTION rule_open_classes(r jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN r ? 'open_classes' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(r -> 'open_classes'))
                WHEN r ->> 'rule' IN ('through_only', 'gated') THEN '{motorway}'::text[]
                ELSE '{}'::text[] END
$$;

-- What a rule does to traffic that passes without stopping on roads of a class. A class brings its ramps.
CREATE FUNCTION rule_transit_effect(r jsonb, class text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN r ->> 'rule' = 'caution' THEN CASE WHEN COALESCE((r ->> 'slow_factor')::numeric, 1) > 1 THEN 'penalise' ELSE 'inform' END
                WHEN r ->> 'rule' = 'closed' THEN 'deny'
                WHEN baochang.rule_open_classes(r) && ARRAY[class, pg_catalog.replace(class, '_link', '')] THEN 'allow'
                WHEN r ->> 'rule' = 'gated' AND COALESCE(r ->> 'transit', 'allow') = 'allow' THEN 'gate'
                ELSE 'deny' END
$$;

-- NULL if no rule is stricter for passing traffic than the class of the zone allows, else which one is and why.
CREATE FUNCTION zone_ceiling_reason(k zone_class, rules jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.format('rules[%s] "%s" would make passing traffic on %s "%s", zones of class %s may at most "%s" it (不得以途径为由限制通行)',
                             q.i - 1, q.r ->> 'rule', f, e, k.code, k.ceiling)
    FROM pg_catalog.jsonb_array_elements(rules) WITH ORDINALITY q (r, i),
         pg_catalog.unnest(k.floor_classes) f,
         baochang.rule_transit_effect(q.r, f) e
    WHERE pg_catalog.array_position('{allow,inform,penalise,gate,deny}'::text[], e)
          > pg_catalog.array_position('{allow,inform,penalise,gate,deny}'::text[], k.ceiling)
      AND NOT ('hazmat' = ANY (k.ceiling_spares) AND COALESCE(q.r -> 'subject' -> 'hazmat' = 'true', false))
      AND NOT ('livestock' = ANY (k.ceiling_spares) AND COALESCE(q.r -> 'subject' -> 'livestock' = 'true', false))
    ORDER BY q.i, f LIMIT 1
$$;

-- The first of some codes that is no credential type, or NULL.
CREATE FUNCTION unknown_credential_type(codes text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT c FROM pg_catalog.unnest(codes) c WHERE NOT EXISTS (SELECT FROM baochang.credential_type t WHERE t.code = c) ORDER BY c LIMIT 1
$$;

ALTER TABLE zone_class ADD CONSTRAINT zone_class_default_rules CHECK (baochang.zone_rules_reason(default_rules) IS NULL);

CREATE TABLE zone (
    id           text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    class_code   text NOT NULL REFERENCES zone_class,
    name         text NOT NULL CHECK (name <> '' AND octet_length(name) <= 600),
    geom         geometry(MultiPolygon, 4490) NOT NULL,
    accuracy_m   real NOT NULL DEFAULT 0 CHECK (accuracy_m BETWEEN 0 AND 1000),
    border_roads text NOT NULL DEFAULT 'outside' CHECK (border_roads IN ('outside', 'inside')),
    layers       smallint[] CHECK (cardinality(layers) BETWEEN 1 AND 41 AND array_position(layers, NULL) IS NULL
                                   AND -20 <= ALL (layers) AND 20 >= ALL (layers)), -- NULL: every layer
    effective    span NOT NULL DEFAULT tstzrange(now(), NULL),
    windows      jsonb,                             -- weekly hours, NULL: all the time
    rules        jsonb NOT NULL,                    -- left out on insert: the defaults of the class
    severity     smallint CHECK (severity BETWEEN 1 AND 4),
    jurisdiction text REFERENCES jurisdiction,
    incident     text,
    source_crs   text NOT NULL DEFAULT 'EPSG:4490',
    authority           text,                       -- who issued it
    approving_authority text CHECK (approving_authority <> ''),
    document_no         text CHECK (document_no <> ''),
    approved_at         timestamptz,
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'approved', 'lifted', 'expired', 'rejected')),
    note         text,
    CONSTRAINT zone_is_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT zone_approval CHECK (state <> 'approved'
        OR (approving_authority IS NOT NULL AND document_no IS NOT NULL AND approved_at IS NOT NULL)),
    CONSTRAINT zone_rules CHECK (baochang.zone_rules_reason(rules) IS NULL),
    CONSTRAINT zone_windows CHECK (baochang.windows_reason(windows) IS NULL)
);
CREATE INDEX ON zone USING gist (geom);
CREATE TRIGGER geometry_guard BEFORE INSERT OR UPDATE OF geom ON zone FOR EACH ROW EXECUTE FUNCTION geometry_guard(500000);

CREATE FUNCTION zone_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    k zone_class;
    reason text;
BEGIN
    SELECT * INTO k FROM zone_class WHERE code = NEW.class_code FOR KEY SHARE;
    IF NOT FOUND THEN RETURN NEW; END IF; -- the foreign key refuses it
    NEW.rules := COALESCE(NEW.rules, k.default_rules);
    reason := COALESCE(zone_rules_reason(NEW.rules), windows_reason(NEW.windows), zone_ceiling_reason(k, NEW.rules));
    IF reason IS NULL THEN
        SELECT 'unknown credential type "' || unknown_credential_type(array_agg(e)) || '"' INTO reason
        FROM jsonb_array_elements(NEW.rules) r, jsonb_array_elements_text(COALESCE(r -> 'exempt', '[]')) e;
    END IF;
    IF reason IS NULL AND NEW.state = 'approved'
       AND (NEW.approving_authority IS NULL OR NEW.document_no IS NULL OR NEW.approved_at IS NULL) THEN
        reason := 'approved needs approving_authority, document_no and approved_at';
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'zone "%": %', NEW.name, reason USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON zone FOR EACH ROW EXECUTE FUNCTION zone_guard();

-- A class that becomes milder must not leave stricter zones behind.
CREATE FUNCTION zone_class_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    reason text := zone_ceiling_reason(NEW, NEW.default_rules);
BEGIN
    IF reason IS NULL THEN
        SELECT format('zone "%s": %s', z.name, zone_ceiling_reason(NEW, z.rules)) INTO reason
        FROM zone z WHERE z.class_code = NEW.code AND z.state IN ('draft', 'submitted', 'approved')
            AND zone_ceiling_reason(NEW, z.rules) IS NOT NULL LIMIT 1;
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'zone class %: %', NEW.code, reason USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON zone_class FOR EACH ROW EXECUTE FUNCTION zone_class_guard();

-- ---- checkpoints and gates -----------------------------------------------------------------------------------

-- NULL if it is a list of alternative groups of requirements, else why not: [[{"type":"…","max_age_s":172800}, …], …]
CREATE FUNCTION requirements_reason(q jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    g jsonb;
    r jsonb;
    i int := -1;
BEGIN
    IF q IS NULL THEN RETURN NULL; END IF;
    IF pg_catalog.jsonb_typeof(q) <> 'array' OR pg_catalog.jsonb_array_length(q) > 16 THEN
        RETURN 'requirements must be an array of at most 16 groups';
    END IF;
    FOR g IN SELECT * FROM pg_catalog.jsonb_array_elements(q) LOOP
        i := i + 1;
        IF pg_catalog.jsonb_typeof(g) <> 'array' OR pg_catalog.jsonb_array_length(g) NOT BETWEEN 1 AND 16 THEN
            RETURN pg_catalog.format('requirements[%s] must be an array of 1 to 16 requirements', i);
        END IF;
        FOR r IN SELECT * FROM pg_catalog.jsonb_array_elements(g) LOOP
            IF pg_catalog.jsonb_typeof(r) <> 'object' OR baochang.json_unknown_member(r, '{type,max_age_s}') IS NOT NULL
               OR pg_catalog.jsonb_typeof(r -> 'type') IS DISTINCT FROM 'string'
               OR (r ? 'max_age_s' AND NOT baochang.json_is_integer(r -> 'max_age_s', 1, 315360000)) THEN
                RETURN pg_catalog.format('requirements[%s] must hold objects {"type": credential type, "max_age_s": seconds}', i);
            END IF;
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TABLE checkpoint (
    id           text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    name         text NOT NULL CHECK (name <> '' AND octet_length(name) <= 600),
    kind         text CHECK (kind IN ('epidemic', 'animal_quarantine', 'overload', 'police', 'factory_gate', 'customs', 'weather',
                     'emission', 'temporary')),
    placement    text CHECK (placement IN ('toll_plaza_outside', 'trunk_road', 'county_road', 'village_entry', 'facility_gate',
                     'port_gate', 'service_area', 'expressway_main')),
    geom         geometry(Point, 4490) NOT NULL,
    road_ref     text,                              -- number or name of the road it stands on, NULL: the nearest
    bearing_deg  smallint CHECK (bearing_deg BETWEEN 0 AND 359), -- approach direction, NULL: both
    reach_m      real NOT NULL DEFAULT 1000 CHECK (reach_m BETWEEN 0 AND 20000),
    opening      jsonb,                             -- hours, NULL: day and night
    effective    span NOT NULL DEFAULT tstzrange(now(), NULL),
    normal_s     int NOT NULL DEFAULT 120 CHECK (normal_s BETWEEN 0 AND 86400), -- inspection times
    green_s      int NOT NULL DEFAULT 30 CHECK (green_s BETWEEN 0 AND 86400),
    lanes        smallint NOT NULL DEFAULT 1 CHECK (lanes BETWEEN 0 AND 100),
    green_lanes  smallint NOT NULL DEFAULT 0 CHECK (green_lanes BETWEEN 0 AND 100),
    capacity_h   int CHECK (capacity_h > 0),
    requirements jsonb NOT NULL DEFAULT '[]',       -- alternatives: one group must hold, in it every requirement
    green_credentials text[] NOT NULL DEFAULT '{}', -- any one earns the green channel
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'active', 'closed')),
    jurisdiction text REFERENCES jurisdiction,
    authority    text,
    document_no  text,
    note         text,
    CONSTRAINT checkpoint_opening CHECK (baochang.windows_reason(opening) IS NULL),
    CONSTRAINT checkpoint_requirements CHECK (baochang.requirements_reason(requirements) IS NULL),
    -- 国办发明电〔2022〕3号: an epidemic checkpoint stands outside the toll station, never on the mainline or in a service area
    CONSTRAINT checkpoint_placement CHECK (NOT (kind = 'epidemic' AND placement IN ('expressway_main', 'service_area')))
);
CREATE TRIGGER geometry_guard BEFORE INSERT OR UPDATE OF geom ON checkpoint FOR EACH ROW EXECUTE FUNCTION geometry_guard(1);

CREATE FUNCTION checkpoint_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    reason text := COALESCE(windows_reason(NEW.opening), requirements_reason(NEW.requirements));
BEGIN
    IF reason IS NULL THEN
        SELECT 'unknown credential type "' || unknown_credential_type(array_agg(r ->> 'type') || NEW.green_credentials) || '"' INTO reason
        FROM jsonb_array_elements(NEW.requirements) g, jsonb_array_elements(g) r;
        reason := COALESCE(reason, 'unknown credential type "' || unknown_credential_type(NEW.green_credentials) || '"');
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'checkpoint "%": %', NEW.name, reason USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON checkpoint FOR EACH ROW EXECUTE FUNCTION checkpoint_guard();

-- NULL if it is a list of directed roads [{"road": 17, "backward": false}, …], else why not.
CREATE FUNCTION arcs_reason(a jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF a IS NULL THEN RETURN NULL; END IF;
    IF pg_catalog.jsonb_typeof(a) <> 'array' OR pg_catalog.jsonb_array_length(a) NOT BETWEEN 1 AND 1000
       OR EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(a) e
                  WHERE pg_catalog.jsonb_typeof(e) <> 'object' OR baochang.json_unknown_member(e, '{road,backward}') IS NOT NULL
                     OR NOT baochang.json_is_integer(e -> 'road', -9223372036854775807, 9223372036854775807)
                     OR pg_catalog.jsonb_typeof(COALESCE(e -> 'backward', 'false')) <> 'boolean') THEN
        RETURN 'arcs must be an array of {"road": id, "backward": true or false}; leave it out to derive them';
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE gate (
    zone_id       text NOT NULL REFERENCES zone ON DELETE CASCADE ON UPDATE CASCADE,
    checkpoint_id text NOT NULL REFERENCES checkpoint ON DELETE CASCADE ON UPDATE CASCADE,
    direction     text NOT NULL DEFAULT 'both' CHECK (direction IN ('enter', 'exit', 'both')),
    arcs          jsonb,                            -- set by hand; NULL: derived from the place of the checkpoint
    PRIMARY KEY (zone_id, checkpoint_id),
    CONSTRAINT gate_arcs CHECK (baochang.arcs_reason(arcs) IS NULL)
);
CREATE INDEX ON gate (checkpoint_id);

-- ---- closures and limits on roads ------------------------------------------------------------------------------

-- The canonical number of a road by one of its names on a day.
CREATE FUNCTION route_canonical(p_route text, p_day date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT a.canonical FROM baochang.route_alias a WHERE a.alias = p_route AND a.valid @> p_day
                     ORDER BY a.canonical LIMIT 1), p_route)
$$;

CREATE TABLE closure (
    id           text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    name         text NOT NULL CHECK (name <> '' AND octet_length(name) <= 600),
    cause        text,                              -- 因降雪
    action       text NOT NULL CHECK (action IN ('closed', 'entry_ban', 'exit_ban', 'limit', 'speed_limit', 'no_stopping')),
    physical     boolean NOT NULL DEFAULT false,    -- the road is not there: binds at once, no credential opens it
    object       text NOT NULL CHECK (object IN ('segment', 'road', 'toll_station', 'toll_station_range', 'bridge', 'tunnel', 'ramp',
                     'service_area')),
    road_ids     bigint[] CHECK (cardinality(road_ids) BETWEEN 1 AND 100000 AND array_position(road_ids, NULL) IS NULL),
    heading      text NOT NULL DEFAULT 'both' CHECK (heading IN ('both', 'forward', 'backward')), -- along the geometry of road_ids
    route        text CHECK (route <> ''),          -- number or a known name of the road
    from_station text CHECK (from_station <> ''),
    to_station   text CHECK (to_station <> ''),     -- NULL: from_station alone
    limit_kind   text CHECK (limit_kind IN ('height', 'width', 'length', 'gross_weight', 'axle_load', 'axles', 'bridge')),
    limit_value  double precision CHECK (limit_value > 0 AND limit_value <= 4000), -- m, t, count; speed_limit: km/h
    subject      jsonb,
    exempt       text[] NOT NULL DEFAULT '{}',
    effective    span NOT NULL DEFAULT tstzrange(now(), NULL),
    windows      jsonb,
    expected_reopen timestamptz,
    jurisdiction text REFERENCES jurisdiction,
    incident     text,
    authority           text,
    approving_authority text CHECK (approving_authority <> ''),
    document_no         text CHECK (document_no <> ''),
    approved_at         timestamptz,
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'approved', 'lifted', 'expired', 'rejected')),
    note         text,
    CONSTRAINT closure_approval CHECK (state <> 'approved' OR physical
        OR (approving_authority IS NOT NULL AND document_no IS NOT NULL AND approved_at IS NOT NULL)),
    CONSTRAINT closure_physical CHECK (NOT physical OR (action = 'closed' AND exempt = '{}' AND subject IS NULL)),
    CONSTRAINT closure_limit CHECK ((action = 'limit') = (limit_kind IS NOT NULL)
        AND (action IN ('limit', 'speed_limit')) = (limit_value IS NOT NULL)),
    CONSTRAINT closure_speed CHECK (action <> 'speed_limit' OR limit_value BETWEEN 5 AND 130),
    CONSTRAINT closure_ramps CHECK (action NOT IN ('entry_ban', 'exit_ban') OR object IN ('toll_station', 'toll_station_range')),
    CONSTRAINT closure_subject CHECK (baochang.subject_reason(subject, 'subject') IS NULL),
    CONSTRAINT closure_windows CHECK (baochang.windows_reason(windows) IS NULL)
);

-- The toll stations a closure names, in the order of the road. Empty if a name is not known.
CREATE FUNCTION closure_stations(c closure) RETURNS SETOF toll_station LANGUAGE sql STABLE AS $$
    WITH r AS (SELECT baochang.route_canonical(c.route, (pg_catalog.lower(c.effective) AT TIME ZONE 'Asia/Shanghai')::date) AS route),
         e AS (SELECT pg_catalog.min(s.ordinal) AS low, pg_catalog.max(s.ordinal) AS high,
                      pg_catalog.count(*) FILTER (WHERE s.name = c.from_station) AS f,
                      pg_catalog.count(*) FILTER (WHERE s.name = COALESCE(c.to_station, c.from_station)) AS t
               FROM baochang.toll_station s, r
               WHERE s.route = r.route AND s.name IN (c.from_station, COALESCE(c.to_station, c.from_station)))
    SELECT s.* FROM baochang.toll_station s, r, e
    WHERE c.object IN ('toll_station', 'toll_station_range') AND s.route = r.route AND e.f = 1 AND e.t = 1
      AND s.ordinal BETWEEN e.low AND e.high
    ORDER BY s.ordinal
$$;

-- The directed roads a closure acts on: those it lists, those of its road number, or the ramps of its stations.
CREATE FUNCTION closure_arcs(c closure) RETURNS TABLE (road_id bigint, backward boolean) LANGUAGE sql STABLE AS $$
    SELECT q.id, d.backward
    FROM (SELECT r.id, r.forward, r.backward FROM baochang.road r WHERE r.id = ANY (c.road_ids)
          UNION ALL
          SELECT r.id, r.forward, r.backward FROM baochang.road r
          WHERE c.road_ids IS NULL AND c.object = 'road' AND r.ref IS NOT NULL
            AND pg_catalog.string_to_array(r.ref, ';') @> ARRAY[baochang.route_canonical(c.route,
                    (pg_catalog.lower(c.effective) AT TIME ZONE 'Asia/Shanghai')::date)]
          UNION ALL
          SELECT r.id, r.forward, r.backward FROM baochang.road r
          WHERE r.station_id = ANY (ARRAY(SELECT s.id FROM baochang.closure_stations(c) s)) AND r.ramp IS NOT NULL
            AND r.ramp = CASE c.action WHEN 'entry_ban' THEN 'entry' WHEN 'exit_ban' THEN 'exit' ELSE r.ramp END) q
         CROSS JOIN (VALUES (false), (true)) d (backward)
    WHERE CASE WHEN d.backward THEN q.backward ELSE q.forward END
      AND (c.heading = 'both' OR (c.heading = 'backward') = d.backward)
    ORDER BY q.id, d.backward
$$;

CREATE FUNCTION closure_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    reason text := COALESCE(windows_reason(NEW.windows), subject_reason(NEW.subject, 'subject'),
                            'unknown credential type "' || unknown_credential_type(NEW.exempt) || '"');
    canonical text;
    station text;
    missing bigint;
BEGIN
    IF reason IS NULL AND NEW.object IN ('toll_station', 'toll_station_range') THEN
        canonical := route_canonical(NEW.route, (lower(NEW.effective) AT TIME ZONE 'Asia/Shanghai')::date);
        IF NEW.route IS NULL OR NEW.from_station IS NULL OR (NEW.object = 'toll_station_range') <> (NEW.to_station IS NOT NULL)
           OR NEW.road_ids IS NOT NULL THEN
            reason := 'a toll station needs route and from_station, a range of them to_station as well, and no road_ids';
        ELSIF NOT EXISTS (SELECT FROM toll_station s WHERE s.route = canonical) THEN
            reason := format('road "%s" is not known: no toll station and no alias of that name', NEW.route);
        ELSE
            SELECT n INTO station FROM unnest(ARRAY[NEW.from_station, NEW.to_station]) n
            WHERE n IS NOT NULL AND NOT EXISTS (SELECT FROM toll_station s WHERE s.route = canonical AND s.name = n) LIMIT 1;
            IF station IS NOT NULL THEN
                reason := format('station "%s" is not known on %s; known are: %s', station, canonical,
                                 left((SELECT string_agg(s.name, ', ' ORDER BY s.ordinal) FROM toll_station s WHERE s.route = canonical), 400));
            END IF;
        END IF;
    ELSIF reason IS NULL AND NEW.object = 'road' AND NEW.road_ids IS NULL THEN
        canonical := route_canonical(NEW.route, (lower(NEW.effective) AT TIME ZONE 'Asia/Shanghai')::date);
        IF NEW.route IS NULL OR NEW.from_station IS NOT NULL OR NEW.to_station IS NOT NULL THEN
            reason := 'a road needs route or road_ids, and no stations';
        ELSIF NEW.heading <> 'both' THEN
            reason := 'heading is along the geometry of road_ids and cannot be said of a whole road';
        ELSIF NOT EXISTS (SELECT FROM road r WHERE r.ref IS NOT NULL AND string_to_array(r.ref, ';') @> ARRAY[canonical]) THEN
            reason := format('road "%s" is not known', NEW.route);
        END IF;
    ELSIF reason IS NULL THEN
        IF NEW.road_ids IS NULL OR NEW.from_station IS NOT NULL OR NEW.to_station IS NOT NULL THEN
            reason := format('a %s needs road_ids, and no stations', NEW.object);
        END IF;
    END IF;
    IF reason IS NULL AND NEW.road_ids IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.road_ids IS DISTINCT FROM OLD.road_ids) THEN
        SELECT q INTO missing FROM unnest(NEW.road_ids) q WHERE NOT EXISTS (SELECT FROM road r WHERE r.id = q) LIMIT 1;
        IF missing IS NOT NULL THEN reason := format('road %s is not known', missing); END IF;
    END IF;
    IF reason IS NULL AND NEW.state = 'approved' AND NOT NEW.physical
       AND (NEW.approving_authority IS NULL OR NEW.document_no IS NULL OR NEW.approved_at IS NULL) THEN
        reason := 'approved needs approving_authority, document_no and approved_at';
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'closure "%": %', NEW.name, reason USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON closure FOR EACH ROW EXECUTE FUNCTION closure_guard();

GRANT SELECT, INSERT, UPDATE, DELETE ON zone, checkpoint, gate, closure TO baochang_service;
