/* Who may use a way: the access tags of OpenStreetMap, from the special to the general.
 *
 *   lorry   hgv, then motor_vehicle, vehicle, access; `goods` counts too where it is stricter than what those say,
 *           because a sign against goods vehicles stops a lorry
 *   light   goods, motorcar, motor_vehicle, vehicle, access
 *
 * A key with :forward or :backward beats the plain one. Values:
 *
 *   yes           yes, designated, permissive, official, discouraged, unknown (nobody has looked), and a dismount or
 *                 permission by the kind of road
 *   destination   destination, delivery, customers, residents, local, unloading
 *   no            no, private, agricultural, forestry, agricultural;forestry, military, emergency, psv, bus, permit,
 *                 unsuitable, and every value that is not known: doubt closes the road, and is reported */
#ifndef DATA_OSM_OSM_ACCESS_H
#define DATA_OSM_OSM_ACCESS_H

#include "data/import/import_report.h"
#include "data/osm/osm_reader.h"
#include "routing/network/network.h"

struct osm_access {
    enum access lorry[2], light[2]; /* forward, backward */
};

/** Resolves over the defaults that `out` holds at the call. `what` ("way", "node") and `id` name the object in the report. */
void osm_access_resolve(struct osm_tags tags, const char *what, int64_t id, struct import_report *report,
                        struct osm_access *out);

/** One value. False if it is not known (then *out is ACCESS_NO). A list means its most permissive member. */
bool osm_access_parse(const char *value, enum access *out);

#endif
