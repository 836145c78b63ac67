-- Who must approve was said to people by a code ("须由 county 及以上级别批准").
SET LOCAL search_path = baochang, public;

CREATE FUNCTION level_name(level text, language text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE level WHEN 'nation' THEN CASE language WHEN 'zh' THEN '国家级' ELSE 'national' END
                      WHEN 'province' THEN CASE language WHEN 'zh' THEN '省级' ELSE 'provincial' END
                      WHEN 'prefecture' THEN CASE language WHEN 'zh' THEN '市级' ELSE 'prefecture' END
                      WHEN 'county' THEN CASE language WHEN 'zh' THEN '县级' ELSE 'county' END
                      WHEN 'township' THEN CASE language WHEN 'zh' THEN '乡镇级' ELSE 'township' END
                      WHEN 'unit' THEN CASE language WHEN 'zh' THEN '单位级' ELSE 'unit' END
                      ELSE COALESCE(level, '') END
$$;
CREATE OR REPLACE FUNCTION desk_lint(p_kind text, p_id text) RETURNS TABLE (code text, severity text, zh text, en text, place json)
LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    z zone;
    o desk_object;
    limit_m double precision;
    needed text;
BEGIN
    SELECT * INTO o FROM desk_object d WHERE d.kind = p_kind AND d.id = p_id;
    IF NOT FOUND THEN RETURN; END IF;
    needed := authority_level(p_kind, o.what);
    IF o.state NOT IN ('approved', 'active') THEN
        RETURN QUERY SELECT 'approval_missing', 'info', format('尚未批准，须由%s及以上级别批准', level_name(needed, 'zh')),
            format('not approved yet; takes an approver of %s level or above', level_name(needed, 'en')), NULL::json;
    END IF;
    IF upper(o.effective) <= now() THEN
        RETURN QUERY SELECT 'never_applies', 'error', '有效期已经结束', 'its time is over already', NULL::json;
    END IF;
    IF p_kind <> 'zone' THEN RETURN; END IF;

    SELECT * INTO z FROM zone WHERE zone.id = p_id;
    IF NOT EXISTS (SELECT FROM zone_class k WHERE k.code = z.class_code AND k.enabled) THEN
        RETURN QUERY SELECT 'class_off', 'error', format('类别 %s 未启用，批准后也不生效', z.class_code),
            format('class %s is switched off: the zone would not bind even when approved', z.class_code), NULL::json;
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(z.rules) r WHERE r ->> 'rule' = 'gated')
       AND NOT EXISTS (SELECT FROM gate g JOIN checkpoint c ON c.id = g.checkpoint_id AND c.state = 'active' WHERE g.zone_id = z.id) THEN
        RETURN QUERY SELECT 'gated_without_gate', 'error', '卡点通行的区域没有任何启用的卡点，等于全封闭',
            'a gated zone without an active checkpoint is closed altogether', NULL::json;
    END IF;

    -- strips along the border of another zone that are nobody's intention
    RETURN QUERY
    SELECT 'sliver', 'warning', format('与区域“%s”有狭窄重叠（约 %s 平方米）', n.name, round(s.area_m2::numeric)),
           format('overlaps zone "%s" in a narrow strip (about %s m²)', n.name, round(s.area_m2::numeric)),
           ST_AsGeoJSON(s.part, 7, 0)::json
    FROM zone n, LATERAL (
        SELECT d.geom AS part, ST_Area(d.geom::geography) AS area_m2, ST_Perimeter(d.geom::geography) AS round_m
        FROM ST_Dump(ST_CollectionExtract(ST_Intersection(n.geom, z.geom), 3)) d) s
    WHERE n.id <> z.id AND n.state IN ('submitted', 'approved') AND n.geom && z.geom AND ST_NPoints(n.geom) < 50000
      AND ST_Intersects(n.geom, z.geom) AND 2 * s.area_m2 < 10 * s.round_m AND s.area_m2 > 0
    ORDER BY n.id LIMIT 20;

    -- roads whose membership hangs on the tolerance, and structures that the border cuts
    limit_m := GREATEST(5, z.accuracy_m);
    RETURN QUERY
    WITH crossed AS (
        SELECT r.id, COALESCE(r.ref, r.name, r.id::text) AS label, r.bridge, r.tunnel, r.geom,
               ST_Length(ST_Intersection(r.geom, z.geom)::geography) AS inside_m
        FROM road r WHERE r.geom && z.geom AND ST_Crosses(r.geom, z.geom) ORDER BY r.id LIMIT 5000)
    (SELECT 'structure_clipped', 'warning', format('边界切断了%s“%s”', CASE WHEN c.bridge THEN '桥梁' ELSE '隧道' END, c.label),
            format('the border cuts the %s of "%s"', CASE WHEN c.bridge THEN 'bridge' ELSE 'tunnel' END, c.label),
            ST_AsGeoJSON(c.geom, 7, 0)::json
     FROM crossed c WHERE c.bridge OR c.tunnel ORDER BY c.id LIMIT 50)
    UNION ALL
    (SELECT 'decided_by_tolerance', 'info', format('道路“%s”仅有 %s 米在区内，按容差计为区外', c.label, round(c.inside_m::numeric, 1)),
            format('only %s m of road "%s" lie inside: by the tolerance it counts as outside', round(c.inside_m::numeric, 1), c.label),
            ST_AsGeoJSON(ST_Intersection(c.geom, z.geom), 7, 0)::json
     FROM crossed c WHERE c.inside_m > 0 AND c.inside_m <= limit_m ORDER BY c.id LIMIT 50);
END $$;
