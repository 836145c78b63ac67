-- Lanes (点对点线路): an enterprise's standing origin → destination, with its vehicle and the credentials that it carries. Whoever
-- draws a zone sees which of them it breaks. They are no rules: writing one publishes nothing, holds up nobody who does, and
-- tells no other caller; who may go where is a business secret. Nothing is overwritten: the history keeps each row with the time
-- at which it was written and the time at which it was replaced.
SET LOCAL search_path = baochang, public;

CREATE SEQUENCE lane_revision;
CREATE TABLE lane (
    id           text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    revision     bigint NOT NULL DEFAULT nextval('lane_revision'),      -- new with every change
    company      text NOT NULL CHECK (length(company) BETWEEN 1 AND 64), -- whose keys see it; id in `enterprise` where that has it
    name         text NOT NULL CHECK (name <> ''),
    name_en      text,
    jurisdiction text REFERENCES jurisdiction,                          -- whose desk keeps it
    state        text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'active', 'suspended')),
    protected    boolean NOT NULL DEFAULT false,                        -- breaking it is a reason not to publish
    geom         geometry(LineString, 4490) NOT NULL CHECK (ST_NPoints(geom) = 2), -- origin, destination
    vehicle      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(vehicle) = 'object'), -- as in a question about a route
    credentials  text[] NOT NULL DEFAULT '{}',                          -- types; renewed as often as they must be
    loop         text NOT NULL DEFAULT 'none' CHECK (loop IN ('none', 'return')),
    departs      text CHECK (departs ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'), -- by the clock of Asia/Shanghai; NULL: at any time
    note         text
);
ALTER SEQUENCE lane_revision OWNED BY lane.revision;
CREATE INDEX ON lane (company);
CREATE INDEX ON lane (jurisdiction);
CREATE INDEX ON lane USING gist (geom);
CREATE TRIGGER geometry_guard BEFORE INSERT OR UPDATE OF geom ON lane FOR EACH ROW EXECUTE FUNCTION geometry_guard(2);

CREATE FUNCTION lane_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    unknown text;
BEGIN
    IF TG_OP = 'UPDATE' THEN NEW.revision := nextval('lane_revision'); END IF;
    SELECT c INTO unknown FROM unnest(NEW.credentials) c WHERE NOT EXISTS (SELECT FROM credential_type t WHERE t.code = c) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'credential type "%" is not known', unknown USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    ELSIF ST_Equals(ST_StartPoint(NEW.geom), ST_EndPoint(NEW.geom)) THEN
        RAISE EXCEPTION 'a lane begins and ends at different places' USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON lane FOR EACH ROW EXECUTE FUNCTION lane_guard();

-- ---- kept with its history ---------------------------------------------------------------------------------------

CREATE TABLE lane_history (
    LIKE lane,
    recorded_from  timestamptz NOT NULL,
    recorded_until timestamptz CHECK (recorded_until >= recorded_from) -- NULL: it is so now
);
CREATE UNIQUE INDEX ON lane_history (id COLLATE "C") WHERE recorded_until IS NULL;
CREATE INDEX ON lane_history (id COLLATE "C", recorded_from);
CREATE INDEX ON lane_history (company) WHERE recorded_until IS NULL;

CREATE FUNCTION lane_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE lane_history SET recorded_until = GREATEST(moment, recorded_from) WHERE id = OLD.id AND recorded_until IS NULL RETURNING recorded_until INTO moment;
    END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO lane_history SELECT NEW.*, moment, NULL; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON lane FOR EACH ROW EXECUTE FUNCTION lane_record();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON lane FOR EACH STATEMENT EXECUTE FUNCTION rules_no_truncate();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON lane FOR EACH ROW EXECUTE FUNCTION audit_record('id');
GRANT SELECT, INSERT, UPDATE, DELETE ON lane TO baochang_service;
GRANT USAGE ON SEQUENCE lane_revision TO baochang_service;
GRANT SELECT ON lane_history TO baochang_service;

-- ---- over HTTP ---------------------------------------------------------------------------------------------------

-- A company sees its own, a desk those of its county, a desk without a county all of them. Nobody else sees any.
CREATE FUNCTION lane_visible(p_owner text, p_jurisdiction text, p_role text, p_company text, p_county text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_role = 'company' THEN p_owner = p_company
                WHEN p_role IN ('officer', 'planner', 'approver', 'admin')
                THEN p_county IS NULL OR COALESCE(baochang.jurisdiction_covers(p_county, p_jurisdiction), false)
                ELSE false END
$$;

-- As they stood at a moment; NULL: as they stand.
CREATE FUNCTION lane_at(p_at timestamptz) RETURNS SETOF lane_history LANGUAGE sql STABLE AS $$
    SELECT h.* FROM baochang.lane_history h
    WHERE CASE WHEN p_at IS NULL THEN h.recorded_until IS NULL
               ELSE h.recorded_from <= p_at AND (h.recorded_until IS NULL OR h.recorded_until > p_at) END
$$;

CREATE FUNCTION lane_json(h lane_history) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('type', 'Feature', 'id', h.id, 'geometry', public.ST_AsGeoJSON(h.geom, 7, 0)::json,
        'properties', pg_catalog.json_build_object('company', h.company, 'company_name', (SELECT e.name FROM baochang.enterprise e WHERE e.id = h.company),
            'name', h.name, 'name_en', h.name_en, 'jurisdiction', h.jurisdiction, 'state', h.state, 'protected', h.protected, 'vehicle', h.vehicle,
            'credentials', h.credentials, 'loop', h.loop, 'departs', h.departs, 'note', h.note),
        'version', h.revision::text, 'recorded_from', baochang.wire_time(h.recorded_from), 'recorded_until', baochang.wire_time(h.recorded_until))::text
$$;

-- Makes or replaces a lane from its columns in JSON. What is left out goes back to its default; a lane that names no
-- jurisdiction is kept where its enterprise is.
CREATE FUNCTION lane_put(p_id text, p_new boolean, p_doc jsonb) RETURNS void LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    l lane := jsonb_populate_record(NULL::lane, '{"state": "proposed", "protected": false, "vehicle": {}, "credentials": [], "loop": "none"}'::jsonb || p_doc);
BEGIN
    l.jurisdiction := COALESCE(l.jurisdiction, (SELECT e.jurisdiction FROM enterprise e WHERE e.id = l.company));
    IF p_new THEN
        INSERT INTO lane (id, company, name, name_en, jurisdiction, state, protected, geom, vehicle, credentials, loop, departs, note)
        VALUES (p_id, l.company, l.name, l.name_en, l.jurisdiction, l.state, l.protected, l.geom, l.vehicle, l.credentials, l."loop", l.departs, l.note);
    ELSE
        UPDATE lane SET (company, name, name_en, jurisdiction, state, protected, geom, vehicle, credentials, loop, departs, note)
            = (l.company, l.name, l.name_en, l.jurisdiction, l.state, l.protected, l.geom, l.vehicle, l.credentials, l."loop", l.departs, l.note)
        WHERE id = p_id;
    END IF;
END $$;
