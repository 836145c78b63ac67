-- Which roads a network was made from. Closures are resolved to roads as they are now; a service whose snapshot was made
-- from other roads must say so.
SET LOCAL search_path = baochang, public;

CREATE TABLE road_state (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    version    bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
INSERT INTO road_state VALUES (true, 1, clock_timestamp());
GRANT SELECT ON road_state TO baochang_service;

CREATE FUNCTION road_touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
BEGIN
    UPDATE road_state SET version = version + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$;
CREATE TRIGGER touch_roads AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON road FOR EACH STATEMENT EXECUTE FUNCTION road_touch();
CREATE TRIGGER touch_roads AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON road_node FOR EACH STATEMENT EXECUTE FUNCTION road_touch();
CREATE TRIGGER touch_roads AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON turn_restriction FOR EACH STATEMENT EXECUTE FUNCTION road_touch();

ALTER TABLE network_state ADD COLUMN road_version bigint; -- of road_state when it was prepared; NULL: before this column
