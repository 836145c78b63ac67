/* Turn restriction relations: whom they bind and which members they name.
 *
 * `restriction` binds everyone less `except` (hgv, goods, motorcar, motor_vehicle; hazmat follows hgv), restriction:hgv
 * lorries, restriction:goods light vehicles, restriction:hazmat dangerous goods, restriction:motorcar light vehicles;
 * those of bicycles, buses and caravans are passed over. A …:conditional one is kept with its condition and does not bind
 * yet. no_entry may have several from, no_exit several to. */
#ifndef DATA_OSM_OSM_RESTRICTION_H
#define DATA_OSM_OSM_RESTRICTION_H

#include "data/import/import_report.h"
#include "data/osm/osm_reader.h"
#include "geo/base/arena.h"

enum { OSM_RESTRICTION_MEMBERS_MAX = 64 };

struct osm_restriction {
    int64_t id;
    bool only, lorry, light, hazmat, u_turn;
    const char *condition;    /* in the arena, or NULL */
    int64_t via_node;         /* valid if via_way_count is 0 */
    const int64_t *from, *via_ways, *to; /* in the arena */
    uint32_t from_count, via_way_count, to_count;
};

enum { OSM_RESTRICTION_KINDS = 4 }; /* one relation may carry plain, :hgv, :hazmat and :conditional values at once */

/** Reads a relation into up to OSM_RESTRICTION_KINDS restrictions. *count 0: no restriction of ours; reported if it is one
 *  that makes no sense. */
MUST_USE enum status osm_restriction_read(const struct osm_relation *relation, struct arena *arena,
                                          struct import_report *report,
                                          struct osm_restriction out[OSM_RESTRICTION_KINDS], unsigned *count,
                                          struct error *err);

#endif
