/* Registers that are kept over HTTP: facilities, jurisdictions, classes of zones, types of credentials, limits of roads, the
 * calendar, who must approve what, and tolls. One engine for all; what differs is a row of the view `register_object` and of the
 * functions register_* (data/migrations). There is no draft: what is written binds with the commit, as a version of the
 * rules, and nothing is overwritten: the history keeps each row.
 *
 * Of roads only what is posted on them is kept here: every road can be read, an entry can be made, replaced and deleted;
 * without one what the road's source says holds. All writing happens inside a write_tx (data/pg/write_pool.h). */
#ifndef DATA_REGISTER_STORE_H
#define DATA_REGISTER_STORE_H

#include "data/rules/rule_store.h"

enum register_kind { REG_FACILITY, REG_JURISDICTION, REG_ZONE_CLASS, REG_CREDENTIAL_TYPE, REG_ROAD, REG_CALENDAR_DAY, REG_AUTHORITY_RULE,
                     REG_TOLL_RATE, REG_COUNT };
const char *register_kind_name(enum register_kind kind); /* in the audit log and in events */

struct registered {
    char tag[DESK_TAG_SIZE];
    bool kept; /* false: a road without an entry */
};

/** Looks an object up. NOT_FOUND when it is not there or lies outside the actor's scope. */
MUST_USE enum status registered_look(struct write_tx *tx, enum register_kind kind, const char *id, struct registered *out,
                                     struct error *err);

/** Makes (`is_new`) or replaces a row from its columns in JSON. `jurisdiction` as given, or NULL. Errors: INVALID with the
 *  database's reason and a pointer where that can be told, FORBIDDEN (a jurisdiction outside the scope), CONFLICT. */
MUST_USE enum status registered_put(struct write_tx *tx, enum register_kind kind, const char *id, bool is_new, const char *columns,
                                    const char *jurisdiction, struct error *err);

/** Deletes. CONFLICT when something would be left hanging; the text says what. */
MUST_USE enum status registered_delete(struct write_tx *tx, enum register_kind kind, const char *id, struct error *err);

/** A new id for an object that brings none. */
MUST_USE enum status registered_new_id(struct write_tx *tx, char id[DESK_ID_SIZE], struct error *err);

/** Appends the object with `rules_version` (the newest of all) and `version`. `tag` receives its ETag. NOT_FOUND. */
MUST_USE enum status registered_read(struct pg *pg, enum register_kind kind, const char *id, struct buffer *out,
                                     char tag[DESK_TAG_SIZE], struct error *err);

struct register_filter {
    const char *state, *county, *what; /* what: kind, level, hazard, class, as the register has it; NULL: any */
    const char *kept;                  /* "true", "false" or NULL: roads with or without an entry */
    const double *bbox;                /* west, south, east, north; NULL: anywhere */
    const char *after;                 /* cursor; NULL: from the start */
    unsigned limit;                    /* 1..1000 */
};

/** Appends a FeatureCollection, or {"items": …} where there is no geometry, with `next` and `rules_version`. */
MUST_USE enum status registered_list(struct pg *pg, enum register_kind kind, const struct register_filter *filter,
                                     struct buffer *out, struct error *err);

/** Appends {"versions":[…]}, newest first, at most 200. NOT_FOUND when there never was one. */
MUST_USE enum status registered_history(struct pg *pg, enum register_kind kind, const char *id, struct buffer *out,
                                        struct error *err);

/** Whether a register has places: its objects are GeoJSON Features. */
bool register_has_places(enum register_kind kind);

#endif
