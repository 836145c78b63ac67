-- What the register says of roads that the network lacks does nothing. An import makes the roads anew and leaves the register alone, so
-- the report on quality names what it left without a road.
SET LOCAL search_path = baochang, public;

ALTER FUNCTION quality_findings() RENAME TO quality_findings_of_rules;

CREATE FUNCTION quality_findings_of_roads() RETURNS TABLE (code text, severity text, kind text, id text, name text, jurisdiction text, zh text, en text)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN r.id IS NULL THEN 'road_missing' ELSE 'no_bridge' END, 'warning', 'road', l.road::text,
           COALESCE(r.name, r.ref, l.document_no, l.note, l.road::text), CASE WHEN r.id IS NOT NULL THEN baochang.road_jurisdiction(r.geom) END,
           CASE WHEN r.id IS NULL THEN '路网中没有这条道路，所登记的限制和桥梁状态不起作用' ELSE '登记为封闭的桥梁在路网中已不是桥梁' END,
           CASE WHEN r.id IS NULL THEN 'the network has no such road: the limits and the state of a bridge that are posted on it do nothing'
                ELSE 'a bridge that is registered as closed is no bridge in the network any more' END
    FROM baochang.road_limit l LEFT JOIN baochang.road r ON r.id = l.road
    WHERE r.id IS NULL OR (l.bridge_state = 'closed' AND NOT r.bridge)
$$;

CREATE FUNCTION quality_findings() RETURNS TABLE (code text, severity text, kind text, id text, name text, jurisdiction text, zh text, en text)
LANGUAGE sql STABLE AS $$
    SELECT * FROM baochang.quality_findings_of_rules() UNION ALL SELECT * FROM baochang.quality_findings_of_roads()
$$;
