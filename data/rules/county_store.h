/* Prepared plans of counties and the switch between normal and emergency (平急转换).
 *
 *   draft → submitted → prepared ⇄ active          prepared → retired
 *                    ↘ rejected → (replace) draft
 *
 * Members were drawn beforehand and do not bind: zones, checkpoints and closures that are submitted or were lifted,
 * stations that stand by. Approving the plan notes the version of each; a member that was changed since must be looked at
 * again before it can be switched on. Switching happens inside one write_tx, so all of it becomes one rules version or
 * nothing does, and every member passes the checks of an approval: the level its class takes, nobody's own drawing, and
 * the ceiling of its class, which the schema holds. */
#ifndef DATA_COUNTY_STORE_H
#define DATA_COUNTY_STORE_H

#include "data/rules/rule_store.h"
#include "geo/base/arena.h"

enum county_act { COUNTY_SUBMIT, COUNTY_APPROVE, COUNTY_REJECT, COUNTY_RETIRE, COUNTY_ACTIVATE, COUNTY_STAND_DOWN, COUNTY_DRILL,
                  COUNTY_DELETE, COUNTY_REPLACE, COUNTY_ACT_COUNT };
const char *county_act_name(enum county_act act);

/* What an act says; NULL where it says nothing. */
struct county_words {
    struct rule_words said;
    const char *start_at; /* RFC 3339; NULL: now */
    const char *parts;    /* JSON array of names; NULL: the whole county */
};

/** ETag of the plan that the actor may see. NOT_FOUND. */
MUST_USE enum status county_look(struct write_tx *tx, const char *id, char tag[DESK_TAG_SIZE], struct error *err);

/** Makes (`id` NULL) or replaces a plan from JSON whose members and types the caller has checked. Errors: INVALID with a
 *  pointer (unknown jurisdiction, not a county; a member that is unknown, of another county, or a physical closure; an
 *  unknown enterprise or type of credentials), FORBIDDEN (outside the scope), CONFLICT (the state does not allow it). */
MUST_USE enum status county_put(struct write_tx *tx, const char *id, const char *document, char id_out[DESK_ID_SIZE],
                                struct error *err);

/** Any act but COUNTY_REPLACE. COUNTY_DRILL switches everything on whoever asks and whether it was reviewed or not: the
 *  transaction must be undone. CONFLICT when the state of the plan or of a member does not allow it (the text names the
 *  member), or another plan of the county is active; FORBIDDEN for level and own drawing. */
MUST_USE enum status county_act_on(struct write_tx *tx, const char *id, enum county_act act, const struct county_words *words,
                                   struct error *err);

/** Notes that the plan was drilled, in a transaction of its own. */
MUST_USE enum status county_note_drill(struct write_tx *tx, const char *id, const struct county_words *words, struct error *err);

/** Tells of the starts that are due, as a rules version of their own; *wait_ms until the next one that is ordered, −1: none is. While
 *  others write rules it does nothing and says to come again soon. A transaction of its own. */
MUST_USE enum status county_begin(struct pg *pg, int64_t *wait_ms, struct error *err);

/* A member, and whether it was switched on by the transaction. */
struct county_member {
    const char *kind, *id;
};

/** The members that are on, in the plan's order, in `arena`. */
MUST_USE enum status county_active_members(struct write_tx *tx, const char *id, struct arena *arena, struct county_member **out,
                                           size_t *count, struct error *err);

/** Appends a plan as JSON, with its switches; `tag` receives its ETag. NOT_FOUND outside the scope (NULL: everything). */
MUST_USE enum status county_read(struct pg *pg, const char *id, const char *scope, struct buffer *out, char tag[DESK_TAG_SIZE],
                                 struct error *err);

/** Appends {"plans": […], "next": …, "rules_version": …} by id. `county` and `state` NULL: any; `after` a cursor. */
MUST_USE enum status county_list(struct pg *pg, const char *scope, const char *county, const char *state, const char *after,
                                 unsigned limit, struct buffer *out, struct error *err);

#endif
