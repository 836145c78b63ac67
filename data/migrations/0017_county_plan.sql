-- The switch between normal and emergency (平急转换): a county's prepared plan, and every time it was switched on or off.
--
-- A plan lists zones, checkpoints and closures that were drawn beforehand and do not bind, stations that stand by, the
-- reserve fleet, who must be told, and the journeys that must stay possible. It is drawn, submitted and approved like a
-- zone; `prepared` freezes what was looked at: each member's version. Switching on makes all members (or those of some
-- parts of the county) bind in one transaction, switching off lifts them again. Nothing is deleted.
SET LOCAL search_path = baochang, public;

CREATE TABLE county_plan (
    id           text PRIMARY KEY DEFAULT gen_random_uuid()::text CHECK (length(id) BETWEEN 1 AND 64),
    jurisdiction text NOT NULL REFERENCES jurisdiction,
    name         text NOT NULL CHECK (name <> '' AND octet_length(name) <= 600),
    note         text,
    fleet        jsonb NOT NULL DEFAULT '[]', -- [{"enterprise", "vehicles", "note"}]
    notify       jsonb NOT NULL DEFAULT '[]', -- enterprises to be told before the start
    credentials  jsonb NOT NULL DEFAULT '[]', -- types of credentials that its gates ask for
    demands      jsonb NOT NULL DEFAULT '[]', -- [{"name", "origin", "destination", "vehicle_class", "credentials"}]: routed by each drill
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'rejected', 'prepared', 'active', 'retired')),
    document_no         text,                 -- that approved the plan
    approving_authority text,
    drilled_at   timestamptz,
    tag          bigint NOT NULL DEFAULT 1    -- its ETag: one more with each change
);
CREATE INDEX ON county_plan (jurisdiction);
-- One mode per county at a time.
CREATE UNIQUE INDEX county_plan_one_active ON county_plan (jurisdiction) WHERE state = 'active';

CREATE TABLE county_plan_member (
    plan_id  text NOT NULL REFERENCES county_plan ON DELETE CASCADE,
    place    int NOT NULL,                    -- in the plan's list
    kind     text NOT NULL CHECK (kind IN ('zone', 'checkpoint', 'closure', 'facility')),
    object   text NOT NULL,
    part     text CHECK (part <> ''),         -- of the county, NULL: belongs to every part
    reviewed text,                            -- version that the plan's approver saw
    before   text,                            -- state of a facility before it was switched on
    active   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (plan_id, kind, object),
    UNIQUE (plan_id, place)
);

-- Every switch: who, when, from when on, with which document.
CREATE TABLE county_switch (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id       text NOT NULL REFERENCES county_plan ON DELETE CASCADE,
    act           text NOT NULL CHECK (act IN ('create', 'replace', 'submit', 'approve', 'reject', 'retire', 'drill', 'activate', 'stand-down')),
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    start_at      timestamptz,                -- of an activation: when it begins to bind
    parts         jsonb,                      -- NULL: the whole county
    actor         text NOT NULL,
    holder        text NOT NULL,
    role          text NOT NULL,
    authority     text,
    document_no   text,
    opinion       text,
    rules_version bigint NOT NULL,
    CHECK (act NOT IN ('activate', 'stand-down') OR (authority IS NOT NULL AND document_no IS NOT NULL)) -- no document, no switch
);
CREATE INDEX ON county_switch (plan_id, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON county_plan, county_plan_member TO baochang_service;
GRANT SELECT, INSERT ON county_switch TO baochang_service;
GRANT UPDATE (state) ON facility TO baochang_service;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON county_plan FOR EACH ROW EXECUTE FUNCTION audit_record('id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON county_plan_member FOR EACH ROW EXECUTE FUNCTION audit_record('plan_id', 'kind', 'object');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON county_switch FOR EACH ROW EXECUTE FUNCTION audit_record('id');

-- ---- what a plan may list ----------------------------------------------------------------------------------------

-- Everything that can be a member, in one shape. `version` changes whenever the object does.
CREATE VIEW county_object AS
    SELECT o.kind, o.id, o.jurisdiction, o.state, o.tag::text AS version, o.physical, o.properties ->> 'name' AS name FROM desk_object o
    UNION ALL
    SELECT 'facility', f.id, f.jurisdiction, f.state, md5((to_jsonb(f) - 'state')::text), false, f.name FROM facility f;
GRANT SELECT ON county_object TO baochang_service;

-- The first reason why the members cannot be those of a plan: an object that is not there, belongs to another county
-- (a switch never touches the neighbours), or binds whatever the switch says.
CREATE FUNCTION county_member_reason(p_jurisdiction text, p_members jsonb, OUT place int, OUT reason text, OUT object text)
LANGUAGE sql STABLE AS $$
    SELECT (q.i - 1)::int, CASE WHEN o.id IS NULL THEN 'unknown' WHEN NOT baochang.jurisdiction_covers(p_jurisdiction, o.jurisdiction) THEN 'elsewhere'
                                ELSE 'physical' END, q.m ->> 'id'
    FROM pg_catalog.jsonb_array_elements(p_members) WITH ORDINALITY q (m, i)
    LEFT JOIN baochang.county_object o ON o.kind = q.m ->> 'kind' AND o.id = q.m ->> 'id'
    WHERE o.id IS NULL OR o.physical OR NOT baochang.jurisdiction_covers(p_jurisdiction, o.jurisdiction)
    ORDER BY q.i LIMIT 1
$$;

-- Makes or replaces a plan as a draft.
CREATE FUNCTION county_put(p_id text, p_new boolean, p_doc jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF p_new THEN
        INSERT INTO county_plan (id, jurisdiction, name) VALUES (p_id, p_doc ->> 'jurisdiction', p_doc ->> 'name');
    END IF;
    UPDATE county_plan SET jurisdiction = p_doc ->> 'jurisdiction', name = p_doc ->> 'name', note = p_doc ->> 'note',
        fleet = COALESCE(p_doc -> 'fleet', '[]'), notify = COALESCE(p_doc -> 'notify', '[]'),
        credentials = COALESCE(p_doc -> 'credentials', '[]'), demands = COALESCE(p_doc -> 'demands', '[]'),
        state = 'draft', document_no = NULL, approving_authority = NULL, tag = tag + 1 WHERE id = p_id;
    DELETE FROM county_plan_member WHERE plan_id = p_id;
    INSERT INTO county_plan_member (plan_id, place, kind, object, part)
    SELECT p_id, i - 1, m ->> 'kind', m ->> 'id', m ->> 'part' FROM jsonb_array_elements(p_doc -> 'members') WITH ORDINALITY q (m, i);
END $$;

-- ---- switching ---------------------------------------------------------------------------------------------------

-- The members that a switch is about: those of the parts, and with any part those that belong to every part. A member of
-- every part stays on until the last part goes off.
CREATE FUNCTION county_members(p_plan text, p_act text, p_parts jsonb) RETURNS SETOF county_plan_member LANGUAGE sql STABLE AS $$
    SELECT m.* FROM baochang.county_plan_member m
    WHERE m.plan_id = p_plan AND m.active = (p_act = 'stand-down')
      AND (p_parts IS NULL OR p_parts ? m.part
           OR (m.part IS NULL AND (p_act = 'activate' OR NOT EXISTS (
                SELECT FROM baochang.county_plan_member n WHERE n.plan_id = p_plan AND n.active AND n.part IS NOT NULL AND NOT p_parts ? n.part))))
    ORDER BY m.place
$$;

-- What switching one member does to its row. A zone, checkpoint or closure binds from p_start on.
CREATE FUNCTION county_switch_member(p_plan text, p_kind text, p_object text, p_on boolean, p_authority text, p_document text, p_start timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF p_kind = 'facility' THEN
        IF p_on THEN
            UPDATE county_plan_member m SET before = f.state FROM facility f
            WHERE m.plan_id = p_plan AND m.kind = 'facility' AND m.object = p_object AND f.id = p_object;
        END IF;
        UPDATE facility f SET state = CASE WHEN p_on THEN 'active' ELSE COALESCE(m.before, f.state) END
        FROM county_plan_member m WHERE m.plan_id = p_plan AND m.kind = 'facility' AND m.object = p_object AND f.id = p_object;
    ELSE
        PERFORM desk_set_state(p_kind, p_object, CASE WHEN p_on THEN 'approve' ELSE 'lift' END, p_authority, p_document);
        IF p_on AND p_kind = 'zone' THEN UPDATE zone SET effective = tstzrange(p_start, NULL) WHERE id = p_object;
        ELSIF p_on AND p_kind = 'checkpoint' THEN UPDATE checkpoint SET effective = tstzrange(p_start, NULL) WHERE id = p_object;
        ELSIF p_on AND p_kind = 'closure' THEN UPDATE closure SET effective = tstzrange(p_start, NULL) WHERE id = p_object;
        END IF;
    END IF;
    -- what was reviewed stays reviewed: this change was the switch's own
    UPDATE county_plan_member m SET active = p_on,
        reviewed = (SELECT o.version FROM county_object o WHERE o.kind = p_kind AND o.id = p_object)
    WHERE m.plan_id = p_plan AND m.kind = p_kind AND m.object = p_object;
END $$;

-- ---- reading -----------------------------------------------------------------------------------------------------

CREATE FUNCTION county_plan_json(p county_plan, with_history boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('id', p.id, 'jurisdiction', p.jurisdiction, 'name', p.name, 'note', p.note, 'state', p.state,
        'approving_authority', p.approving_authority, 'document_no', p.document_no, 'drilled_at', baochang.wire_time(p.drilled_at),
        'members', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('kind', m.kind, 'id', m.object, 'part', m.part,
            'name', o.name, 'state', o.state, 'active', m.active) ORDER BY m.place)
            FROM baochang.county_plan_member m LEFT JOIN baochang.county_object o ON o.kind = m.kind AND o.id = m.object
            WHERE m.plan_id = p.id), '[]'),
        'fleet', p.fleet, 'credentials', p.credentials, 'demands', p.demands,
        'notify', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('enterprise', n, 'name', e.name) ORDER BY i)
            FROM pg_catalog.jsonb_array_elements_text(p.notify) WITH ORDINALITY q (n, i) LEFT JOIN baochang.enterprise e ON e.id = n), '[]'),
        'switches', CASE WHEN with_history THEN COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
            'act', s.act, 'at', baochang.wire_time(s.at), 'start_at', baochang.wire_time(s.start_at), 'parts', s.parts, 'holder', s.holder,
            'role', s.role, 'authority', s.authority, 'document_no', s.document_no, 'opinion', s.opinion,
            'rules_version', s.rules_version)) ORDER BY s.id) FROM baochang.county_switch s WHERE s.plan_id = p.id), '[]') END)
$$;
