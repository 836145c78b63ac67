-- Plans that were asked for through OGC API - Routes: the name and the definition, as they came. The plan itself is kept
-- like every other (0016), and what its reader may see is decided there.
SET LOCAL search_path = baochang, public;

CREATE TABLE ogc_route (
    plan_id    text PRIMARY KEY REFERENCES stored_plan,
    name       text NOT NULL CHECK (octet_length(name) <= 600), -- '' when none was given
    definition text NOT NULL CHECK (octet_length(definition) <= 1048576)
);
GRANT SELECT, INSERT, DELETE ON ogc_route TO baochang_service;
