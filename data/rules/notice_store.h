/* Notices in the database: the text, the closures made of it, each linked to its words, and what was not understood. */
#ifndef DATA_NOTICE_STORE_H
#define DATA_NOTICE_STORE_H

#include "data/rules/notice.h"
#include "data/rules/rule_store.h"

enum { STATION_NAME_SIZE = 128 };

/* What a line of a notice means. */
struct notice_place {
    bool road_known, from_known, to_known;
    char route[64], from[STATION_NAME_SIZE], to[STATION_NAME_SIZE]; /* one station: to equals from */
};

/** Looks an item's road and stations up as they were on `day` (YYYY-MM-DD): dated aliases, then the order of the road.
 *  A name that is not known stays unknown: it never becomes the whole road. */
MUST_USE enum status notice_resolve(struct write_tx *tx, const char *text, const struct notice_item *item, const char *day,
                                    struct notice_place *out, struct error *err);

/** Keeps a notice; `id` receives its name. `not_understood` is JSON. NOT_FOUND when `replaces` is not there or lies
 *  outside the actor's scope. */
MUST_USE enum status notice_create(struct write_tx *tx, const char *text, const char *replaces, const char *not_understood,
                                   char id[DESK_ID_SIZE], struct error *err);

/** Links a closure to its words. */
MUST_USE enum status notice_link(struct write_tx *tx, const char *notice, const char *closure, const struct notice_item *item,
                                 struct error *err);

/** Appends a notice as JSON. NOT_FOUND outside the scope (NULL: everything). */
MUST_USE enum status notice_read_json(struct pg *pg, const char *id, const char *scope, struct buffer *out, struct error *err);

/** Carries all closures of a notice through an act that their state allows, in this transaction; approving also ends
 *  those of the notice that it replaces. NOT_FOUND; CONFLICT when the act was possible for none; FORBIDDEN when it is
 *  not for this actor. */
MUST_USE enum status notice_act_on(struct write_tx *tx, const char *id, enum desk_act act, const struct rule_words *words,
                                   struct error *err);

#endif
