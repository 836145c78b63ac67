/* The tags of a way as attributes of a road.
 *
 * Nothing is guessed in silence: what is not understood is reported, and the default that takes its place is the one
 * this page or data/import/road_defaults.h states.
 *
 *   class       by `highway` (road → unclassified), ferries by `route=ferry`; footways, areas, ways under construction
 *               and busways are not roads. `reversible` ways are left out, a lorry cannot know the direction
 *   oneway      yes/true/1, -1/reverse, no; motorways, their links and roundabouts are one way unless tagged otherwise;
 *               `oneway:hgv`, `oneway:goods` and `oneway:motor_vehicle` override it
 *   speed       the least of maxspeed, maxspeed:hgv (of the direction) and the lorry's default of the class; of a ferry
 *               its length over `duration`
 *   limits      the strictest of the general, :physical, :hgv and directional tags; below_default is one millimetre
 *               under the legal maximum, because a vehicle at the maximum must not be sent there. On a bridge the weight
 *               is the bridge's posted limit
 *   default access   track, living_street and service=driveway|parking_aisle…: destination for lorries; ferries: no
 *               unless a vehicle tag says yes
 *   tags        every `…:conditional` tag and every value that was not understood is kept as JSON for later */
#ifndef DATA_OSM_OSM_ROAD_H
#define DATA_OSM_OSM_ROAD_H

#include "data/import/import_report.h"
#include "data/osm/osm_access.h"
#include "data/osm/osm_reader.h"
#include "geo/base/arena.h"
#include "geo/base/buffer.h"

struct osm_road {
    enum road_class class;
    const char *name, *ref, *tags_json; /* in the arena, or NULL */
    bool forward, backward;
    uint16_t speed_kmh[2];
    struct osm_access access;
    uint32_t limits[LIMIT_COUNT];
    bool bridge, tunnel, toll, roundabout, hazmat_no;
    int8_t layer;
    uint32_t duration_s; /* ferry; 0 = not given */
};

/** Whether the way is a road at all (then *out is filled). *kept false: not a road, or left out and reported. */
MUST_USE enum status osm_road_read(const struct osm_way *way, struct arena *arena, struct import_report *report,
                                   struct osm_road *out, bool *kept, struct error *err);

/** Limits of any tagged object (also nodes: height restrictors) into limits[], the strictest winning. Appends JSON
 *  members of what was not understood to `raw` (may be NULL). */
void osm_limits_read(struct osm_tags tags, const char *what, int64_t id, bool bridge, struct import_report *report,
                     uint32_t limits[LIMIT_COUNT], struct buffer *raw);

#endif
