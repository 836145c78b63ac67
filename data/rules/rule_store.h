/* Zones, checkpoints and closures as the desk handles them: looked at, made, replaced, carried through their life.
 *
 *   draft → submitted → approved (checkpoint: active) → lifted (closed)
 *                    ↘ rejected → (replace) draft
 *
 * A physical closure binds from its draft on and may be lifted from any state. What may be done in which state, that
 * nobody approves what they drew, and whose level it takes, is decided here; what a row may hold, in the schema. All
 * writing happens inside a write_tx (data/pg/write_pool.h), whose lock makes looking and then acting one step. */
#ifndef DATA_RULE_STORE_H
#define DATA_RULE_STORE_H

#include "data/pg/write_pool.h"
#include "geo/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum desk_kind { DESK_ZONE, DESK_CHECKPOINT, DESK_CLOSURE, DESK_KIND_COUNT };
const char *desk_kind_name(enum desk_kind kind); /* also the table's */

enum desk_act { DESK_CREATE, DESK_REPLACE, DESK_SUBMIT, DESK_APPROVE, DESK_REJECT, DESK_LIFT, DESK_DELETE, DESK_ACT_COUNT };
const char *desk_act_name(enum desk_act act);

enum { DESK_ID_SIZE = 65, DESK_TAG_SIZE = 24 };

/* How an object stands, for this actor. */
struct desk_state {
    char tag[DESK_TAG_SIZE]; /* ETag: the rules version it is from */
    char state[16];
    bool physical, was_physical; /* a closure that binds, or has bound, without approval */
    bool drawn_by_actor;     /* by this key, or another of the same holder */
    int level_needed, level_of_actor; /* rank; approving takes needed ≤ of_actor */
    char level_zh[16], level_en[16]; /* needed, for people */
};

/** Looks an object up. NOT_FOUND when it is not there or lies outside the actor's scope. */
MUST_USE enum status rule_look(struct write_tx *tx, enum desk_kind kind, const char *id, struct desk_state *out,
                               struct error *err);

/** Whether an act is possible as it stands. CONFLICT (the state does not allow it), FORBIDDEN (own drawing, level). */
MUST_USE enum status rule_may(const struct desk_state *state, enum desk_kind kind, enum desk_act act, struct error *err);

/** Whether the actor's authority is of the level that approves such a thing. FORBIDDEN. */
MUST_USE enum status rule_level(const struct desk_state *state, struct error *err);

/* What a row holds, as JSON made by the caller: columns; of a checkpoint its gates as well. */
struct rule_document {
    const char *columns;
    const char *gates;        /* NULL: not a checkpoint */
    const char *jurisdiction; /* as given, or NULL */
};

/** Makes (`id` NULL) or replaces an object as a draft. `id_out` names it. Errors: INVALID with the database's reason,
 *  ABOVE_CEILING, FORBIDDEN (a jurisdiction outside the scope), UNKNOWN… as INVALID. The pointer names the member where
 *  that can be told, from the Feature's root. */
MUST_USE enum status rule_put(struct write_tx *tx, enum desk_kind kind, const char *id, const struct rule_document *document,
                              char id_out[DESK_ID_SIZE], struct error *err);

/** Makes an object as one of many: when its row is refused, the transaction can go on without it. */
MUST_USE enum status rule_put_apart(struct write_tx *tx, enum desk_kind kind, const struct rule_document *document,
                                    char id_out[DESK_ID_SIZE], struct error *err);

/* What an act says. NULL where it says nothing. */
struct rule_words {
    const char *opinion, *authority, *document_no;
    const char *force_reason; /* why it is approved although it cuts a protected place off */
};

/** Submits, approves, rejects, lifts or deletes; rule_may was asked before. */
MUST_USE enum status rule_act(struct write_tx *tx, enum desk_kind kind, const char *id, enum desk_act act,
                              const struct rule_words *words, struct error *err);

/** Appends the object as a GeoJSON Feature with `rules_version` (the newest of all) and `life`. `tag` receives its
 *  ETag. On any connection; `scope` and `signed_in` say what the reader may see: a draft only who is signed in at the
 *  desk and whose scope covers it. `version` −1: as it stands; else as it was at that version (then `rules_version` is it,
 *  and the acts end there). NOT_FOUND. */
struct rule_reader {
    bool desk;         /* officer, planner, approver, admin */
    const char *scope; /* county, or NULL */
};
MUST_USE enum status rule_feature(struct pg *pg, enum desk_kind kind, const char *id, const struct rule_reader *reader,
                                  int64_t version, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err);

struct rule_filter {
    const char *state, *county, *what; /* what: class of a zone, kind of a checkpoint, object of a closure; NULL: any */
    const double *bbox;                /* west, south, east, north; NULL: anywhere */
    const char *at;                    /* RFC 3339: effective at that moment; NULL: any */
    const char *after;                 /* cursor: id of the last one seen; NULL: from the start */
    unsigned limit;                    /* 1..1000 */
    int64_t version;                   /* as it was at that version; −1: as it stands */
};

/** Appends a FeatureCollection by id, with `next` (a cursor or null) and `rules_version`. */
MUST_USE enum status rule_list(struct pg *pg, enum desk_kind kind, const struct rule_reader *reader,
                               const struct rule_filter *filter, struct buffer *out, struct error *err);

/** Appends {"versions":[…]}: every version of the object that ever was, newest first, at most 200. NOT_FOUND. */
MUST_USE enum status rule_history(struct pg *pg, enum desk_kind kind, const char *id, const struct rule_reader *reader,
                                  struct buffer *out, struct error *err);

/* ---- Idempotency-Key ----------------------------------------------------------------------------------------- */

struct kept_answer {
    int status; /* 0: not answered before */
    char tag[DESK_TAG_SIZE], object[DESK_ID_SIZE];
};

/** Looks whether this actor has had this key answered, within a day. If so, *kept says how and its body is appended;
 *  if not, the key is taken. CONFLICT when it was used for another request (`digest` differs). */
MUST_USE enum status rule_answer_find(struct write_tx *tx, const char *key, const char *digest, struct kept_answer *kept,
                                      struct buffer *body, struct error *err);

/** Keeps an answer, in the same transaction as what it answers. */
MUST_USE enum status rule_answer_keep(struct write_tx *tx, const char *key, const struct kept_answer *kept, const char *body,
                                      struct error *err);

#endif
