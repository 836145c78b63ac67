-- Notices of the road police: the text as it came, and which words each draft closure was made of.
SET LOCAL search_path = baochang, public;

CREATE TABLE notice (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    text           text NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 65536),
    received_at    timestamptz NOT NULL DEFAULT now(),
    actor          text NOT NULL,
    holder         text NOT NULL,
    scope          text,                            -- county of whoever entered it, NULL: everything
    replaces       text REFERENCES notice,          -- whose closures end when this one's are approved; only when told
    not_understood jsonb NOT NULL                   -- [{"begin", "end", "reason"}], bytes of the text
);
CREATE TABLE notice_closure (
    notice_id  text NOT NULL REFERENCES notice,
    closure_id text PRIMARY KEY,
    item_begin int NOT NULL, item_end int NOT NULL, -- bytes of the text
    head_begin int NOT NULL, head_end int NOT NULL,
    CHECK (0 <= item_begin AND item_begin < item_end AND 0 <= head_begin AND head_begin < head_end)
);
CREATE INDEX ON notice_closure (notice_id, item_begin);
GRANT SELECT, INSERT ON notice, notice_closure TO baochang_service;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON notice FOR EACH ROW EXECUTE FUNCTION audit_record('id');

-- The toll stations that a line of a notice means on a day. `route` NULL: no such road. A station NULL: no such station
-- on that road; nothing is guessed. Both names empty: the whole road, from its first station to its last.
CREATE FUNCTION notice_resolve(p_road text, p_from text, p_to text, p_day date, OUT route text, OUT from_station text, OUT to_station text)
LANGUAGE plpgsql STABLE SET search_path = baochang, public, pg_temp AS $$
DECLARE
    plain text := regexp_replace(p_road, '^[GS][0-9]+', ''); -- G40沪陕
BEGIN
    SELECT route_canonical(n, p_day) INTO route
    FROM unnest(ARRAY[p_road || '高速', p_road || '高速公路', p_road, plain || '高速', plain || '高速公路', substring(p_road, '^[GS][0-9]+')])
         WITH ORDINALITY q (n, i)
    WHERE n <> '高速' AND n <> '高速公路' AND EXISTS (SELECT FROM toll_station s WHERE s.route = route_canonical(n, p_day)) ORDER BY i LIMIT 1;
    IF route IS NULL THEN RETURN; END IF;
    IF p_from = '' THEN
        SELECT (array_agg(s.name ORDER BY s.ordinal))[1], (array_agg(s.name ORDER BY s.ordinal DESC))[1] INTO from_station, to_station
        FROM toll_station s WHERE s.route = notice_resolve.route;
    ELSE
        SELECT s.name INTO from_station FROM toll_station s
        WHERE s.route = notice_resolve.route AND s.name IN (p_from, p_from || '站', p_from || '收费站') ORDER BY s.name LIMIT 1;
        SELECT s.name INTO to_station FROM toll_station s
        WHERE s.route = notice_resolve.route AND s.name IN (p_to, p_to || '站', p_to || '收费站') ORDER BY s.name LIMIT 1;
    END IF;
END $$;

CREATE FUNCTION notice_words(p_text text, p_begin int, p_end int) RETURNS json LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.json_build_object('begin', p_begin, 'end', p_end, 'text',
        pg_catalog.convert_from(pg_catalog.substring(pg_catalog.convert_to(p_text, 'UTF8'), p_begin + 1, p_end - p_begin), 'UTF8'))
$$;

CREATE FUNCTION notice_json(n notice) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('id', n.id, 'received_at', baochang.wire_time(n.received_at), 'holder', n.holder,
        'replaces', n.replaces, 'text', n.text,
        'closures', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'words', baochang.notice_words(n.text, c.item_begin, c.item_end),
            'head', baochang.notice_words(n.text, c.head_begin, c.head_end),
            'closure', baochang.desk_feature(o, false)) ORDER BY c.item_begin, o.id)
            FROM baochang.notice_closure c JOIN baochang.desk_object o ON o.kind = 'closure' AND o.id = c.closure_id
            WHERE c.notice_id = n.id), '[]'),
        'not_understood', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('reason', u ->> 'reason',
            'words', baochang.notice_words(n.text, (u ->> 'begin')::int, (u ->> 'end')::int)) ORDER BY i)
            FROM pg_catalog.jsonb_array_elements(n.not_understood) WITH ORDINALITY q (u, i)), '[]'))
$$;
