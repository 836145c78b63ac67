-- Facilities that serve a journey (where drivers may rest, where goods change vehicles) are rules: whoever opens or closes one
-- changes routes, so they are versioned and published like zones. And the numbers of a journey that are law, not code.

CALL rules_track('facility');

CREATE TABLE journey_default (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    max_drive      interval NOT NULL DEFAULT '4 hours' CHECK (max_drive BETWEEN interval '10 minutes' AND interval '24 hours'),
    rest           interval NOT NULL DEFAULT '20 minutes' CHECK (rest BETWEEN interval '1 minute' AND interval '24 hours'),
    hand_over      interval NOT NULL DEFAULT '30 minutes' CHECK (hand_over BETWEEN interval '0' AND interval '24 hours'),
    rest_kinds     text[] NOT NULL DEFAULT '{rest_area,service_area}',
    transfer_kinds text[] NOT NULL DEFAULT '{transfer_station}'
);
COMMENT ON TABLE journey_default IS 'driving without a rest and how long a rest is (道路交通安全法实施条例 第62条), and hand-over at a transfer station';
INSERT INTO journey_default DEFAULT VALUES;
CALL rules_track('journey_default');
GRANT SELECT ON journey_default TO baochang_service;

CREATE VIEW binding_facility AS
    SELECT f.id, f.kind, f.name, COALESCE(f.name_en, f.name) AS name_en, f.geom, f.kind = ANY (d.rest_kinds) AS rest,
           f.kind = ANY (d.transfer_kinds) AS transfer, f.turning_place
    FROM facility f, journey_default d
    WHERE f.state = 'active' AND (f.kind = ANY (d.rest_kinds) OR f.kind = ANY (d.transfer_kinds));
CREATE VIEW binding_journey AS
    SELECT (extract(epoch FROM max_drive) * 1000)::bigint AS max_drive_ms, (extract(epoch FROM rest) * 1000)::bigint AS rest_ms,
           (extract(epoch FROM hand_over) * 1000)::bigint AS hand_over_ms
    FROM journey_default;
GRANT SELECT ON binding_facility, binding_journey TO baochang_service;
