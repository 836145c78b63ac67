/* What many rules have in common, found once for a version of the rules: whom they are about, when they begin and end for
 * good, at what times they bind. A question then costs what the different ones cost, however many rules there are.
 *
 * Indices go with the order of the rules; nothing here is copied: schedules, subjects and lists of types must outlive it. */
#ifndef ROUTING_RULE_KINDS_H
#define ROUTING_RULE_KINDS_H

#include "routing/constraint/force.h"

/* ---- whom ---- */

struct subject_pool {
    const struct subject **items; /* [count] each different one */
    uint32_t count;
    uint32_t *table, table_size;  /* while it is filled: index + 1 */
};

/** For at most `most` subjects. False when memory is out. subject_pool_seal gives back what only filling needs. */
MUST_USE bool subject_pool_init(struct subject_pool *pool, uint64_t most);
uint32_t subject_pool_index(struct subject_pool *pool, const struct subject *s); /* O(1) expected */
void subject_pool_seal(struct subject_pool *pool);
void subject_pool_clear(struct subject_pool *pool);

/* ---- from when until when ---- */

struct moment_list {
    int64_t *items; /* [count] ascending, each once, when sorted */
    uint32_t count;
};

/** For the ends of at most `most` schedules. False when memory is out. */
MUST_USE bool moment_list_init(struct moment_list *list, uint64_t most);
void moment_list_add(struct moment_list *list, const struct schedule *s);
void moment_list_sort(struct moment_list *list);
void moment_list_clear(struct moment_list *list);

/** How many are not after `at_ms`: where two times have the same number, nothing begins or ends for good between them. */
uint32_t moment_list_until(const struct moment_list *list, int64_t at_ms);

/* ---- at what times ---- */

/* What force_init is to be given. */
struct force_class {
    const struct schedule *schedule, *hours; /* hours may be NULL */
    const credential_type_index *exempt;
    uint32_t exempt_count;
};

enum { FORCE_CLASS_ALWAYS = 0 };

/* Each different one once; the first, FORCE_CLASS_ALWAYS, is empty. */
struct force_classes {
    struct force_class *items;
    uint32_t count, capacity;
    uint32_t *table, table_size; /* while it is filled */
};

MUST_USE bool force_classes_init(struct force_classes *all);
/** Its index; FORCE_CLASS_ALWAYS when memory is out. O(1) expected. */
uint32_t force_classes_index(struct force_classes *all, const struct force_class *c);
void force_classes_seal(struct force_classes *all);
void force_classes_clear(struct force_classes *all);

enum force_when { FORCE_NEVER, FORCE_ALWAYS, FORCE_DEPENDS };

/** Whether a rule binds all through [from, until] or not at all, whatever else: what hangs on nothing but the moments beside
 *  the two ends is settled for good. `holds` [credential_type_count]: a credential of that type is there; then, and where
 *  there are hours, FORCE_DEPENDS. Exemptions of `c` that nobody here has are taken off it. */
enum force_when force_class_when(struct force_class *c, const bool *holds, int64_t from_ms, int64_t until_ms);

/* When the rules of a class bind, for one request. */
struct rule_force {
    struct force force;
    bool ever;     /* at some moment that can be asked for */
    bool const_on; /* loose reading: all through */
    bool sometime; /* loose reading: at some moment of it */
};

/* The request, as far as times go. */
struct force_frame {
    const struct calendar *calendar;
    const struct credential_set *credentials;
    int plate_tail;
    int64_t depart_ms, loose_until_ms, until_ms;
};

/** Judges each class of classes[count] into out[count] from the arena; `*varying` is set if one changes under way and left
 *  alone if none does. NULL when the arena is full. */
MUST_USE struct rule_force *force_classes_judge(const struct force_class *classes, uint32_t count, const struct force_frame *frame,
                                                struct arena *arena, bool *varying);

#endif
