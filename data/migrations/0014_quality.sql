-- What an operator should look at in the rules as they stand.
SET LOCAL search_path = baochang, public;

CREATE FUNCTION quality_findings() RETURNS TABLE (code text, severity text, kind text, id text, name text, jurisdiction text, zh text, en text)
LANGUAGE sql STABLE AS $$
    SELECT 'above_ceiling', 'error', 'zone', z.id, z.name, z.jurisdiction, '规则超过类别上限', 'its rules are above the ceiling of its class'
    FROM baochang.zone z JOIN baochang.zone_class k ON k.code = z.class_code
    WHERE z.state = 'approved' AND baochang.zone_ceiling_reason(k, z.rules) IS NOT NULL
    UNION ALL
    SELECT 'class_off', 'warning', 'zone', z.id, z.name, z.jurisdiction, '已批准，但类别未启用，不生效', 'approved, but its class is off: it does not bind'
    FROM baochang.zone z JOIN baochang.zone_class k ON k.code = z.class_code WHERE z.state = 'approved' AND NOT k.enabled
    UNION ALL
    SELECT 'gated_without_gate', 'error', 'zone', z.id, z.name, z.jurisdiction, '没有启用的卡点，等于全封闭', 'without an active checkpoint it is closed altogether'
    FROM baochang.zone z WHERE z.state = 'approved' AND COALESCE(pg_catalog.upper(z.effective) > pg_catalog.now(), true)
        AND EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(z.rules) r WHERE r ->> 'rule' = 'gated')
        AND NOT EXISTS (SELECT FROM baochang.gate g JOIN baochang.checkpoint c ON c.id = g.checkpoint_id AND c.state = 'active' WHERE g.zone_id = z.id)
    UNION ALL
    SELECT 'over', 'info', o.kind, o.id, o.properties ->> 'name', o.jurisdiction, '有效期已过，尚未解除', 'its time is over and nobody has lifted it'
    FROM baochang.desk_object o WHERE o.state IN ('approved', 'active') AND pg_catalog.upper(o.effective) <= pg_catalog.now()
    UNION ALL
    SELECT 'open_ended', 'warning', o.kind, o.id, o.properties ->> 'name', o.jurisdiction, '批准已超过 30 天且没有结束时间', 'approved more than 30 days ago and without an end'
    FROM baochang.desk_object o WHERE o.kind <> 'checkpoint' AND o.state = 'approved' AND pg_catalog.upper(o.effective) IS NULL
        AND o.approved_at < pg_catalog.now() - interval '30 days'
    UNION ALL
    SELECT 'reopening_overdue', 'warning', 'closure', c.id, c.name, c.jurisdiction, '预计恢复时间已过', 'the time it was to reopen has passed'
    FROM baochang.closure c WHERE (c.state = 'approved' OR c.physical AND c.state IN ('draft', 'submitted')) AND c.expected_reopen < pg_catalog.now()
    UNION ALL
    SELECT 'document_missing', 'warning', 'closure', c.id, c.name, c.jurisdiction, '物理中断尚无文号', 'a physical closure without a document'
    FROM baochang.closure c WHERE c.physical AND c.document_no IS NULL AND c.state IN ('draft', 'submitted', 'approved')
    UNION ALL
    SELECT 'waiting', 'info', o.kind, o.id, o.properties ->> 'name', o.jurisdiction, '已提交超过 1 天，未批准也未退回', 'handed in more than a day ago and not decided'
    FROM baochang.desk_object o WHERE o.state = 'submitted' AND (SELECT pg_catalog.max(a.at) FROM baochang.rule_act a
        WHERE a.kind = o.kind AND a.object = o.id AND a.act = 'submit') < pg_catalog.now() - interval '1 day'
    UNION ALL
    SELECT 'station_without_ramp', 'warning', 'toll_station', s.id::text, s.route || ' ' || s.name, s.county, '没有关联匝道，禁止上下站对其不起作用',
        'no ramp belongs to it: an entry or exit ban does nothing there'
    FROM baochang.toll_station s WHERE NOT EXISTS (SELECT FROM baochang.road r WHERE r.station_id = s.id AND r.ramp IS NOT NULL)
    UNION ALL
    SELECT 'notice_not_understood', 'warning', 'notice', n.id, pg_catalog.left(n.text, 40), n.scope, '公告中有未识别的内容', 'parts of the notice were not understood'
    FROM baochang.notice n WHERE n.received_at > pg_catalog.now() - interval '7 days'
        AND EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(n.not_understood) u WHERE u ->> 'reason' <> 'buses_only')
$$;
