-- Closures by geometry: a line drawn along a road, or a point on a bridge, tunnel or ramp. Like station ranges they are
-- resolved to roads when they are read, so that they survive a new import of the network.
SET LOCAL search_path = baochang, public;

-- History by name of column: a table may gain columns.
CREATE OR REPLACE FUNCTION rules_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    v bigint;
    same text;
    names text;
    fields text;
BEGIN
    SELECT version INTO v FROM rules_state;
    IF TG_OP <> 'INSERT' THEN
        SELECT string_agg(format('h.%1$I = ($1).%1$I', k), ' AND ') INTO same FROM unnest(TG_ARGV) k;
        -- a row that this transaction made itself was never visible to others
        EXECUTE format('DELETE FROM %I h WHERE %s AND h.version_until IS NULL AND h.version_from = $2', TG_TABLE_NAME || '_history', same)
            USING OLD, v;
        EXECUTE format('UPDATE %I h SET version_until = $2 WHERE %s AND h.version_until IS NULL', TG_TABLE_NAME || '_history', same)
            USING OLD, v;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT string_agg(quote_ident(attname), ', '), string_agg('($1).' || quote_ident(attname), ', ') INTO names, fields
        FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('INSERT INTO %I (%s, version_from) SELECT %s, $2', TG_TABLE_NAME || '_history', names, fields) USING NEW, v;
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE closure ADD COLUMN geom geometry(Geometry, 4490);
ALTER TABLE closure_history ADD COLUMN geom geometry(Geometry, 4490);
ALTER TABLE closure ADD CONSTRAINT closure_geometry CHECK (geom IS NULL
    OR (road_ids IS NULL AND from_station IS NULL AND GeometryType(geom) = CASE WHEN object = 'segment' THEN 'LINESTRING' ELSE 'POINT' END
        AND object IN ('segment', 'bridge', 'tunnel', 'ramp') AND (heading = 'both' OR object = 'segment')));
CREATE TRIGGER geometry_guard BEFORE INSERT OR UPDATE OF geom ON closure FOR EACH ROW EXECUTE FUNCTION geometry_guard(20000);

-- The directed roads along a drawn line, or the nearest road to a point that is what the closure says it is.
-- A road belongs to a line if half of it, or 80 m, lies within 15 m of it: more than a road that merely crosses.
-- `backward` is said of the geometry of the road; `along`, whether that runs the way the line was drawn.
CREATE FUNCTION closure_roads_by_geometry(c closure) RETURNS TABLE (id bigint, along boolean) LANGUAGE sql STABLE AS $$
    SELECT r.id, public.ST_LineLocatePoint(c.geom, public.ST_StartPoint(r.geom)) <= public.ST_LineLocatePoint(c.geom, public.ST_EndPoint(r.geom))
    FROM baochang.road r,
         (SELECT public.ST_SetSRID(public.ST_Buffer(c.geom::public.geography, 15)::public.geometry, 4490) AS band) b,
         LATERAL (SELECT public.ST_Length(public.ST_Intersection(r.geom, b.band)::public.geography) AS inside_m,
                         public.ST_Length(r.geom::public.geography) AS length_m) m
    WHERE c.object = 'segment' AND public.GeometryType(c.geom) = 'LINESTRING' AND r.geom && b.band AND public.ST_Intersects(r.geom, b.band)
      AND (c.route IS NULL OR pg_catalog.string_to_array(r.ref, ';') @> ARRAY[baochang.route_canonical(c.route,
               (pg_catalog.lower(c.effective) AT TIME ZONE 'Asia/Shanghai')::date)])
      AND (m.inside_m >= 80 OR m.inside_m >= m.length_m / 2)
    UNION ALL
    (SELECT r.id, true FROM baochang.road r
     WHERE c.object <> 'segment' AND public.GeometryType(c.geom) = 'POINT' AND r.geom && public.ST_Expand(c.geom, 0.001)
       AND public.ST_DWithin(r.geom::public.geography, c.geom::public.geography, 50)
       AND CASE c.object WHEN 'bridge' THEN r.bridge OR r.bridge_limit_t IS NOT NULL WHEN 'tunnel' THEN r.tunnel ELSE r.class LIKE '%\_link' END
     ORDER BY public.ST_Distance(r.geom::public.geography, c.geom::public.geography), r.id LIMIT 1)
$$;

CREATE OR REPLACE FUNCTION closure_arcs(c closure) RETURNS TABLE (road_id bigint, backward boolean) LANGUAGE sql STABLE AS $$
    SELECT q.id, d.backward
    FROM (SELECT r.id, r.forward, r.backward, true AS along FROM baochang.road r WHERE r.id = ANY (c.road_ids)
          UNION ALL
          SELECT r.id, r.forward, r.backward, true FROM baochang.road r
          WHERE c.road_ids IS NULL AND c.object = 'road' AND r.ref IS NOT NULL
            AND pg_catalog.string_to_array(r.ref, ';') @> ARRAY[baochang.route_canonical(c.route,
                    (pg_catalog.lower(c.effective) AT TIME ZONE 'Asia/Shanghai')::date)]
          UNION ALL
          SELECT r.id, r.forward, r.backward, true FROM baochang.road r
          WHERE r.station_id = ANY (ARRAY(SELECT s.id FROM baochang.closure_stations(c) s)) AND r.ramp IS NOT NULL
            AND r.ramp = CASE c.action WHEN 'entry_ban' THEN 'entry' WHEN 'exit_ban' THEN 'exit' ELSE r.ramp END
          UNION ALL
          SELECT r.id, r.forward, r.backward, g.along
          FROM baochang.closure_roads_by_geometry(c) g JOIN baochang.road r ON r.id = g.id
          WHERE c.geom IS NOT NULL) q
         CROSS JOIN (VALUES (false), (true)) d (backward)
    WHERE CASE WHEN d.backward THEN q.backward ELSE q.forward END
      AND (c.heading = 'both' OR (c.heading = 'forward') = (q.along <> d.backward))
    ORDER BY q.id, d.backward
$$;

CREATE OR REPLACE FUNCTION closure_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    reason text := COALESCE(windows_reason(NEW.windows), subject_reason(NEW.subject, 'subject'),
                            'unknown credential type "' || unknown_credential_type(NEW.exempt) || '"');
    canonical text := route_canonical(NEW.route, (lower(NEW.effective) AT TIME ZONE 'Asia/Shanghai')::date);
    station text;
    missing bigint;
BEGIN
    IF reason IS NULL AND NEW.object IN ('toll_station', 'toll_station_range') THEN
        IF NEW.route IS NULL OR NEW.from_station IS NULL OR (NEW.object = 'toll_station_range') <> (NEW.to_station IS NOT NULL)
           OR NEW.road_ids IS NOT NULL OR NEW.geom IS NOT NULL THEN
            reason := 'a toll station needs route and from_station, a range of them to_station as well, and no road_ids';
        ELSIF NOT EXISTS (SELECT FROM toll_station s WHERE s.route = canonical) THEN
            reason := format('road "%s" is not known: no toll station and no alias of that name', NEW.route);
        ELSE
            SELECT n INTO station FROM unnest(ARRAY[NEW.from_station, NEW.to_station]) n
            WHERE n IS NOT NULL AND NOT EXISTS (SELECT FROM toll_station s WHERE s.route = canonical AND s.name = n) LIMIT 1;
            IF station IS NOT NULL THEN
                reason := format('station "%s" is not known on %s; known are: %s', station, canonical,
                                 left((SELECT string_agg(s.name, ', ' ORDER BY s.ordinal) FROM toll_station s WHERE s.route = canonical), 400));
            END IF;
        END IF;
    ELSIF reason IS NULL AND NEW.object = 'road' AND NEW.road_ids IS NULL THEN
        IF NEW.route IS NULL OR NEW.from_station IS NOT NULL OR NEW.to_station IS NOT NULL OR NEW.geom IS NOT NULL THEN
            reason := 'a road needs route or road_ids, and no stations';
        ELSIF NEW.heading <> 'both' THEN
            reason := 'heading is along the geometry of road_ids and cannot be said of a whole road';
        ELSIF NOT EXISTS (SELECT FROM road r WHERE r.ref IS NOT NULL AND string_to_array(r.ref, ';') @> ARRAY[canonical]) THEN
            reason := format('road "%s" is not known', NEW.route);
        END IF;
    ELSIF reason IS NULL THEN
        IF NEW.from_station IS NOT NULL OR NEW.to_station IS NOT NULL OR (NEW.road_ids IS NULL) = (NEW.geom IS NULL) THEN
            reason := format('a %s needs road_ids or geom, and no stations', NEW.object);
        ELSIF NEW.geom IS NOT NULL AND geometry_reason(NEW.geom, 20000) IS NULL
              AND (TG_OP = 'INSERT' OR NEW.geom IS DISTINCT FROM OLD.geom OR NEW.heading <> OLD.heading)
              AND NOT EXISTS (SELECT FROM closure_arcs(NEW)) THEN
            reason := CASE WHEN NEW.object = 'segment' THEN 'no road runs along this line within 15 m'
                           ELSE format('there is no %s within 50 m of this point', NEW.object) END;
        END IF;
    END IF;
    IF reason IS NULL AND NEW.road_ids IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.road_ids IS DISTINCT FROM OLD.road_ids) THEN
        SELECT q INTO missing FROM unnest(NEW.road_ids) q WHERE NOT EXISTS (SELECT FROM road r WHERE r.id = q) LIMIT 1;
        IF missing IS NOT NULL THEN reason := format('road %s is not known', missing); END IF;
    END IF;
    IF reason IS NULL AND NEW.state = 'approved' AND NOT NEW.physical
       AND (NEW.approving_authority IS NULL OR NEW.document_no IS NULL OR NEW.approved_at IS NULL) THEN
        reason := 'approved needs approving_authority, document_no and approved_at';
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'closure "%": %', NEW.name, reason USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END $$;
