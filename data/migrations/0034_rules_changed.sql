-- What changed after a version of the rules, so that whoever holds that version need not read everything again
-- (data/rules/rules_held.h). The history has it: each row that began or ended later. A row that was there for no version at all
-- has left no trace, and needs none.
SET LOCAL search_path = baochang, public;

CREATE INDEX ON gate_history (version_from);
CREATE INDEX ON gate_history (version_until) WHERE version_until IS NOT NULL;

CREATE FUNCTION rules_changed(v bigint) RETURNS TABLE (kind text, id text) LANGUAGE sql STABLE AS $$
    SELECT 'zone', h.id FROM baochang.zone_history h WHERE h.version_from > v
    UNION SELECT 'zone', h.id FROM baochang.zone_history h WHERE h.version_until > v
    UNION SELECT 'checkpoint', h.id FROM baochang.checkpoint_history h WHERE h.version_from > v
    UNION SELECT 'checkpoint', h.id FROM baochang.checkpoint_history h WHERE h.version_until > v
    UNION SELECT 'closure', h.id FROM baochang.closure_history h WHERE h.version_from > v
    UNION SELECT 'closure', h.id FROM baochang.closure_history h WHERE h.version_until > v
    -- a bridge that is closed is read as a closure
    UNION SELECT 'road_limit', h.road::text FROM baochang.road_limit_history h WHERE h.version_from > v
    UNION SELECT 'road_limit', h.road::text FROM baochang.road_limit_history h WHERE h.version_until > v
    UNION SELECT 'gate', '' WHERE EXISTS (SELECT FROM baochang.gate_history h WHERE h.version_from > v)
                               OR EXISTS (SELECT FROM baochang.gate_history h WHERE h.version_until > v)
    UNION SELECT 'facility', '' WHERE EXISTS (SELECT FROM baochang.facility_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'calendar_day', '' WHERE EXISTS (SELECT FROM baochang.calendar_day_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'toll_rate', '' WHERE EXISTS (SELECT FROM baochang.toll_rate_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'journey_default', '' WHERE EXISTS (SELECT FROM baochang.journey_default_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'zone_class', '' WHERE EXISTS (SELECT FROM baochang.zone_class_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'credential_type', '' WHERE EXISTS (SELECT FROM baochang.credential_type_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'jurisdiction', '' WHERE EXISTS (SELECT FROM baochang.jurisdiction_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'toll_station', '' WHERE EXISTS (SELECT FROM baochang.toll_station_history h WHERE h.version_from > v OR h.version_until > v)
    UNION SELECT 'route_alias', '' WHERE EXISTS (SELECT FROM baochang.route_alias_history h WHERE h.version_from > v OR h.version_until > v)
$$;
