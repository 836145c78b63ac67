/* Features of the map's layers and the plans that are kept, page by page, for interfaces that hand out features.
 *
 *   struct feature_choice choice = {.layer = "zones", .reader = &reader};
 *   feature_count(pg, &choice, &matched, &err);
 *   feature_page(pg, &choice, NULL, 1000, &rows, &err);
 *   for (int i = 0; i < rows.count; i++) … feature_row(&rows, i, &row) …
 *   struct feature_after after = {row.place, row.id};      // where the next page goes on
 *   pg_result_clear(&rows);
 *
 * Rows are those of the views map_feature, road_feature and plan_feature: what binds or has bound is everybody's, a draft is its county's desk's, a
 * plan is for whom stored_plan_visible says. Their order is by place and id and does not depend on what is chosen. */
#ifndef DATA_FEATURE_STORE_H
#define DATA_FEATURE_STORE_H

#include "data/pg/pg.h"
#include "data/plans/plan_store.h"
#include "data/rules/rule_store.h"

struct feature_choice {
    const char *layer;
    const struct rule_reader *reader;
    const struct plan_reader *owner; /* NULL: without a key, who has no plans */
    const char *area;                /* WKT in EPSG:4490: features that meet it; NULL: everywhere */
    const char *from, *until;        /* RFC 3339: in effect at some time between, both ends included; NULL: open */
    bool timed;                      /* whether from and until count at all; what has no time of its own always matches */
    const char *properties;          /* JSON object: features that have these values; NULL: any */
};

struct feature_row {
    int64_t place;
    const char *id, *geometry, *properties; /* GeoJSON with seven places, or NULL; JSON object. Until the result is cleared */
};

struct feature_after {
    int64_t place;
    const char *id;
};

/** How many there are. */
MUST_USE enum status feature_count(struct pg *pg, const struct feature_choice *choice, int64_t *out, struct error *err);

/** At most `limit` rows behind `after` (NULL: from the start). The caller clears *out, also after an error. */
MUST_USE enum status feature_page(struct pg *pg, const struct feature_choice *choice, const struct feature_after *after, unsigned limit,
                                  struct pg_result *out, struct error *err);
void feature_row(const struct pg_result *rows, int row, struct feature_row *out);

/** The one of that id as a result of one row. NOT_FOUND when it is not there or not for the reader. */
MUST_USE enum status feature_find(struct pg *pg, const struct feature_choice *choice, const char *id, struct pg_result *out, struct error *err);

struct feature_extent {
    bool known;      /* there are features with a geometry */
    double sides[4]; /* west, south, east, north */
};

/** The box around the features of a layer. Reads all of them: not for roads. */
MUST_USE enum status feature_extent(struct pg *pg, const struct feature_choice *choice, struct feature_extent *out, struct error *err);

#endif
