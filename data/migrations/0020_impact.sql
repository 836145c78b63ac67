-- Places whose being cut off is a reason not to publish, and where supplies come from.
SET LOCAL search_path = baochang, public;

-- Kinds of facilities that are protected; one of another kind says so itself: tags -> 'protected'.
CREATE TABLE protected_kind (
    kind text PRIMARY KEY
);
INSERT INTO protected_kind VALUES ('hospital'), ('power_plant'), ('water_works'), ('grain_depot'), ('fuel_depot'), ('blood_station');
GRANT SELECT ON protected_kind TO baochang_service;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON protected_kind FOR EACH ROW EXECUTE FUNCTION audit_record('kind');

ALTER TABLE rule_act ADD COLUMN force_reason text; -- why it was published although it cuts a protected place off
CREATE TRIGGER audit AFTER INSERT ON rule_act FOR EACH ROW WHEN (NEW.force_reason IS NOT NULL) EXECUTE FUNCTION audit_record('id');

CREATE VIEW impact_place AS
    SELECT 'county_seat' AS kind, j.code AS id, j.name_zh AS name, j.code AS jurisdiction, j.seat AS geom, true AS source, false AS protected
    FROM jurisdiction j WHERE j.seat IS NOT NULL
    UNION ALL
    SELECT f.kind, f.id, f.name, COALESCE(f.jurisdiction, ''), f.geom, false,
           f.tags -> 'protected' IS NOT DISTINCT FROM 'true' OR (f.tags -> 'protected' IS NULL AND EXISTS (SELECT FROM protected_kind k WHERE k.kind = f.kind))
    FROM facility f WHERE f.state <> 'closed';
GRANT SELECT ON impact_place TO baochang_service;

-- A county and what it lies in, from the inside out.
CREATE FUNCTION jurisdiction_chain(p_code text) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT j.code, j.parent, 1 AS n FROM baochang.jurisdiction j WHERE j.code = p_code
        UNION ALL
        SELECT j.code, j.parent, up.n + 1 FROM baochang.jurisdiction j JOIN up ON j.code = up.parent WHERE up.n < 10)
    SELECT COALESCE(pg_catalog.array_agg(up.code ORDER BY up.n), '{}') FROM up
$$;
