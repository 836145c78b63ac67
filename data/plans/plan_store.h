/* Plans that are kept in the database: the question, the answer as it was sent, and what it takes to judge or make it
 * again. A plan never changes; only how it stands does:
 *
 *   active → broken (rules changed; reason says what is in the way) → replaced (planned again) | withdrawn
 *
 * Whoever may not see a plan gets the answer of one that is not there. Reading happens on any connection, writing inside
 * write_begin_aside (data/pg/write_pool.h): keeping a plan changes no rules and holds up nobody who does. */
#ifndef DATA_PLAN_STORE_H
#define DATA_PLAN_STORE_H

#include "data/pg/write_pool.h"
#include "geo/base/arena.h"
#include "geo/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAN_ID_SIZE = 33, PLAN_TAG_SIZE = 16, PLAN_STATE_SIZE = 16 };

/** Largest answer that is kept. */
#define PLAN_ANSWER_MAX ((size_t)8 << 20)

/* Who looks. Texts are borrowed; company and county NULL where the key has none. */
struct plan_reader {
    const char *key, *role, *company, *county;
};

/* Of a row p, for a reader whose key, role and county are these parameters: what the desk of a county may see at all, by a list of places
 * that is made once. stored_plan_visible decides, and asks for each row where its place lies. */
#define PLAN_NEAR(key, role, county)                                                                                 \
    "(" county "::text IS NULL OR " role " = 'company' OR p.owner = " key                                            \
    " OR p.county = ANY (ARRAY(SELECT " county "::text UNION SELECT j.code FROM baochang.jurisdiction j WHERE baochang.jurisdiction_covers(" county ", j.code))))"

/* A plan to keep. Texts and arrays are borrowed. */
struct plan_new {
    const char *id;          /* decision_id */
    const char *request_key; /* Idempotency-Key, or NULL */
    const char *replaces;    /* id of the plan that it takes the place of, or NULL */
    const char *company, *county;
    const char *network_version, *digest, *vehicle_class, *language;
    int64_t rules_version, as_of_ms, depart_ms, arrive_ms, duration_ms, distance_mm;
    const char *request, *answer; /* as they came and went */
    const void *record;           /* routing/plan/plan_record.h */
    size_t record_length;
    const uint32_t *arcs;         /* ascending */
    uint32_t arc_count;
    const char *route;            /* its line as WKT (MULTILINESTRING) in EPSG:4490; NULL: it does not move */
};

/** Keeps it. The same id a second time changes nothing. CONFLICT when this actor has used request_key already. */
MUST_USE enum status plan_store_put(struct write_tx *tx, const struct plan_new *plan, struct error *err);

/* A plan as it is kept, in an arena. */
struct stored_plan {
    char id[PLAN_ID_SIZE], tag[PLAN_TAG_SIZE], state[PLAN_STATE_SIZE];
    char replaces[PLAN_ID_SIZE]; /* "": none */
    int64_t number;          /* set where plans are read by their numbers */
    const char *about;       /* JSON object: id, state, reason, times, versions, digest, who; what a list shows */
    const char *network_version, *company, *county, *vehicle_class; /* company, county: "" for none */
    bool english;            /* the language it was answered in */
    int64_t rules_version, depart_ms, duration_ms, distance_mm;
    const char *request, *answer;
    size_t answer_length;
    const void *record;
    size_t record_length;
};

/** Reads one under the reader's scope. NOT_FOUND. */
MUST_USE enum status plan_load(struct pg *pg, const char *id, const struct plan_reader *reader, struct arena *arena,
                               struct stored_plan *out, struct error *err);

/** The plan that this key has kept under an Idempotency-Key. NOT_FOUND. */
MUST_USE enum status plan_load_by_key(struct pg *pg, const struct plan_reader *reader, const char *request_key,
                                      struct arena *arena, struct stored_plan *out, struct error *err);

struct plan_filter {
    const char *state;  /* NULL: any */
    const char *before; /* cursor: number of the last one seen, NULL: from the newest */
    unsigned limit;     /* 1..1000 */
};

/** Appends {"plans":[…],"next":cursor or null}, newest first. */
MUST_USE enum status plan_list(struct pg *pg, const struct plan_reader *reader, const struct plan_filter *filter,
                               struct buffer *out, struct error *err);

/** Looks one up for changing it and holds its row until the end of the transaction: its state and tag. NOT_FOUND. */
MUST_USE enum status plan_look(struct write_tx *tx, const char *id, const struct plan_reader *reader,
                               char state[PLAN_STATE_SIZE], char tag[PLAN_TAG_SIZE], struct error *err);

/** `by` takes its place. plan_look was asked before. */
MUST_USE enum status plan_replace(struct write_tx *tx, const char *id, const char *by, struct error *err);

/** Takes it back: what it says is wiped, that it was there stays in the log. */
MUST_USE enum status plan_withdraw(struct write_tx *tx, const char *id, struct error *err);

#endif
