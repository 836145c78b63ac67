-- ST_ForcePolygonCCW turns the rings of polygons, and lines, too: a closure or a road that was read had its line the other way
-- round, while `heading` and `direction` go by the line. Whoever put back what was read closed the other carriageway.
SET LOCAL search_path = baochang, public;

-- Areas as GeoJSON wants them (RFC 7946, 3.1.6); all else as it is.
CREATE FUNCTION geojson(geom geometry) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT public.ST_AsGeoJSON(CASE public.ST_Dimension(geom) WHEN 2 THEN public.ST_ForcePolygonCCW(geom) ELSE geom END, 7, 0)::json
$$;

CREATE OR REPLACE FUNCTION desk_feature(o desk_object, with_acts boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('type', 'Feature', 'id', o.id,
        'geometry', baochang.geojson(o.geom), 'properties', o.properties,
        'life', pg_catalog.json_build_object('state', o.state, 'version', o.tag, 'approving_authority', o.approving_authority,
            'document_no', o.document_no, 'approved_at', baochang.wire_time(o.approved_at),
            'acts', CASE WHEN with_acts THEN COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
                'act', a.act, 'at', baochang.wire_time(a.at), 'holder', a.holder, 'role', a.role, 'opinion', a.opinion,
                'authority', a.authority, 'document_no', a.document_no, 'rules_version', a.rules_version)) ORDER BY a.id)
                FROM baochang.rule_act a WHERE a.kind = o.kind AND a.object = o.id), '[]') END))
$$;

CREATE OR REPLACE FUNCTION register_json(o register_object) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.kind IN ('facility', 'jurisdiction', 'road')
        THEN pg_catalog.json_build_object('type', 'Feature', 'id', o.id, 'geometry', baochang.geojson(o.geom),
                                          'properties', o.properties, 'version', o.tag)::text
        ELSE (pg_catalog.jsonb_build_object('id', o.id, 'version', o.tag) || o.properties::jsonb)::text END
$$;
