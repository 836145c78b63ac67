-- Foundation: schema, roles, the table of applied migrations, and the small functions that constraints share.
-- Storage CRS: EPSG:4490 (CGCS2000), longitude first. Every time interval is half-open [from, until); an open end is
-- NULL, never 'infinity', because upper_inf('infinity') is false and such a rule would silently not count as open.
-- Functions that constraints use name their schema everywhere, so that they work whatever search_path a session has.

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;

CREATE SCHEMA IF NOT EXISTS baochang;
SET LOCAL search_path = baochang, public;

-- The service works under a role that owns nothing and has no DDL. Login roles are members of it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'baochang_service') THEN
        CREATE ROLE baochang_service NOLOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA baochang TO baochang_service;

CREATE TABLE schema_version (
    version    int PRIMARY KEY CHECK (version > 0),
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE schema_version IS 'migrations applied by the program, with the checksum of their text';
GRANT SELECT ON schema_version TO baochang_service;

CREATE DOMAIN span AS tstzrange
    CONSTRAINT span_is_half_open CHECK (NOT isempty(VALUE) AND lower(VALUE) IS NOT NULL AND lower(VALUE) > '-infinity'
        AND upper(VALUE) IS DISTINCT FROM 'infinity' AND lower_inc(VALUE) AND NOT upper_inc(VALUE));
COMMENT ON DOMAIN span IS '[from, until); until NULL = until further notice';

-- ---- geometry ------------------------------------------------------------------------------------------------

-- NULL if the geometry may be stored, else why not and where. Validates and never repairs: repairing a crossed ring
-- can take minutes that no timeout interrupts, judging it takes microseconds.
CREATE FUNCTION geometry_reason(g public.geometry, max_points int) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    detail record;
BEGIN
    IF g IS NULL THEN RETURN NULL; END IF;
    IF public.ST_IsEmpty(g) THEN RETURN 'the geometry is empty'; END IF;
    IF public.ST_NPoints(g) > max_points THEN
        RETURN pg_catalog.format('the geometry has %s points, at most %s are taken', public.ST_NPoints(g), max_points);
    END IF;
    -- written so that NaN, which compares greater than every number, fails as well
    IF NOT COALESCE(public.ST_XMin(g) >= -180 AND public.ST_XMax(g) <= 180
                    AND public.ST_YMin(g) >= -90 AND public.ST_YMax(g) <= 90, false) THEN
        RETURN pg_catalog.format('coordinates out of range (x %s to %s, y %s to %s); order is longitude, latitude in degrees',
                                 public.ST_XMin(g), public.ST_XMax(g), public.ST_YMin(g), public.ST_YMax(g));
    END IF;
    SELECT * INTO detail FROM public.ST_IsValidDetail(g);
    IF NOT detail.valid THEN
        RETURN pg_catalog.format('invalid geometry: %s at %s', detail.reason,
                                 COALESCE(public.ST_AsText(detail.location, 7), 'an unknown place'));
    END IF;
    RETURN NULL;
END $$;

-- Refuses a row whose column `geom` is not fit to be stored, saying why (a CHECK alone could not).
CREATE FUNCTION geometry_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    reason text := baochang.geometry_reason(NEW.geom, TG_ARGV[0]::int);
BEGIN
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION '%: %', TG_TABLE_NAME, reason
            USING ERRCODE = 'check_violation', COLUMN = 'geom', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;

-- ---- JSON ----------------------------------------------------------------------------------------------------

-- The first member of an object that is not in the list, or NULL.
CREATE FUNCTION json_unknown_member(o jsonb, allowed text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT k FROM pg_catalog.jsonb_object_keys(o) k WHERE NOT k = ANY (allowed) ORDER BY k LIMIT 1
$$;

-- Whether a value is an array of strings, each in the list (any string if the list is NULL).
CREATE FUNCTION json_is_texts(v jsonb, allowed text[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF pg_catalog.jsonb_typeof(v) IS DISTINCT FROM 'array' OR pg_catalog.jsonb_array_length(v) > 1000 THEN RETURN false; END IF;
    RETURN NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(v) e
                       WHERE pg_catalog.jsonb_typeof(e) <> 'string' OR pg_catalog.length(e #>> '{}') NOT BETWEEN 1 AND 200
                          OR (allowed IS NOT NULL AND NOT (e #>> '{}') = ANY (allowed)));
END $$;

-- Whether a value is an array of whole numbers between two bounds.
CREATE FUNCTION json_is_integers(v jsonb, low bigint, high bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF pg_catalog.jsonb_typeof(v) IS DISTINCT FROM 'array' OR pg_catalog.jsonb_array_length(v) > 1000 THEN RETURN false; END IF;
    RETURN NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(v) e WHERE NOT baochang.json_is_integer(e, low, high));
END $$;

CREATE FUNCTION json_is_integer(v jsonb, low bigint, high bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF pg_catalog.jsonb_typeof(v) IS DISTINCT FROM 'number' THEN RETURN false; END IF;
    RETURN v::numeric = pg_catalog.trunc(v::numeric) AND v::numeric BETWEEN low AND high;
END $$;

-- ---- hours ---------------------------------------------------------------------------------------------------

-- Minutes of the day of '08:00' … '24:00', or NULL if it is no such text.
CREATE FUNCTION clock_minutes(t text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN t ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' OR t = '24:00'
                THEN substring(t, 1, 2)::int * 60 + substring(t, 4, 2)::int END
$$;

-- NULL if `windows` is a list of hours, else why not:
-- [{"weekdays":[1..7], "day_kinds":["workday",…], "from":"08:00", "until":"19:00", "plate_tails":[1,6]}]
-- weekdays 1 = Monday; wall clock of Asia/Shanghai; from > until runs past midnight; every member may be left out.
-- What runs past midnight may not name day_kinds: of which day would the hours after midnight be?
CREATE FUNCTION windows_reason(windows jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    w jsonb;
    i int := -1;
    member text;
    a int;
    b int;
BEGIN
    IF windows IS NULL THEN RETURN NULL; END IF;
    IF pg_catalog.jsonb_typeof(windows) <> 'array' THEN RETURN 'windows must be an array of hours'; END IF;
    IF pg_catalog.jsonb_array_length(windows) NOT BETWEEN 1 AND 100 THEN RETURN 'windows must hold 1 to 100 entries; leave it out for all day'; END IF;
    FOR w IN SELECT * FROM pg_catalog.jsonb_array_elements(windows) LOOP
        i := i + 1;
        IF pg_catalog.jsonb_typeof(w) <> 'object' THEN RETURN pg_catalog.format('windows[%s] must be an object', i); END IF;
        member := baochang.json_unknown_member(w, '{weekdays,day_kinds,from,until,plate_tails}');
        IF member IS NOT NULL THEN RETURN pg_catalog.format('windows[%s] has an unknown member "%s"', i, member); END IF;
        IF w ? 'weekdays' AND (NOT baochang.json_is_integers(w -> 'weekdays', 1, 7) OR w -> 'weekdays' = '[]') THEN
            RETURN pg_catalog.format('windows[%s].weekdays must list days 1 (Monday) to 7', i);
        END IF;
        IF w ? 'day_kinds' AND (w -> 'day_kinds' = '[]' OR
           NOT baochang.json_is_texts(w -> 'day_kinds', '{workday,weekend,holiday,makeup_workday}')) THEN
            RETURN pg_catalog.format('windows[%s].day_kinds must list workday, weekend, holiday, makeup_workday', i);
        END IF;
        IF w ? 'plate_tails' AND (NOT baochang.json_is_integers(w -> 'plate_tails', 0, 9) OR w -> 'plate_tails' = '[]') THEN
            RETURN pg_catalog.format('windows[%s].plate_tails must list digits 0 to 9', i);
        END IF;
        IF (w ? 'from' AND pg_catalog.jsonb_typeof(w -> 'from') <> 'string')
           OR (w ? 'until' AND pg_catalog.jsonb_typeof(w -> 'until') <> 'string') THEN
            RETURN pg_catalog.format('windows[%s]: from and until must be texts like "08:00"', i);
        END IF;
        a := baochang.clock_minutes(COALESCE(w ->> 'from', '00:00'));
        b := baochang.clock_minutes(COALESCE(w ->> 'until', '24:00'));
        IF a IS NULL OR b IS NULL THEN
            RETURN pg_catalog.format('windows[%s]: from and until must be times of day like "08:00"', i);
        END IF;
        IF a = b OR a = 1440 OR b = 0 AND a = 0 THEN
            RETURN pg_catalog.format('windows[%s] is empty: from %s until %s', i, COALESCE(w ->> 'from', '00:00'), COALESCE(w ->> 'until', '24:00'));
        END IF;
        IF a > b AND b > 0 AND w ? 'day_kinds' THEN
            RETURN pg_catalog.format('windows[%s] runs past midnight and names day_kinds; write two windows', i);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
