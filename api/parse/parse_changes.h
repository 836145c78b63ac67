/* Changes of the rules that nobody publishes, as a what-if or an impact question states them:
 *
 *   {"zones": [Feature, …], "checkpoints": [Feature, …], "closures": [Feature, …],
 *    "approve": {"zones": [id, …], "checkpoints": […], "closures": […]},     drafts, as if they were approved
 *    "lift":    {"zones": [id, …], "checkpoints": […], "closures": […]}}     what is in force, as if it were not
 *
 * A Feature is what POST /v1/zones takes; with an `id` it takes the place of that object, without one it is named
 * what-if-1, what-if-2, … in the order of the document. All members may be left out, but not all of them. */
#ifndef API_PARSE_CHANGES_H
#define API_PARSE_CHANGES_H

#include "api/parse/parse_rule.h"
#include "routing/planner/impact.h"

enum { CHANGES_MAX = 200, CHANGES_DIGEST_SIZE = 65 };

struct rule_changes {
    const char *json;                 /* for data/rules/load_rules.h */
    char digest[CHANGES_DIGEST_SIZE]; /* of the above */
    uint32_t count, id_count;         /* all, and those that approve or lift by id */
    uint64_t point_count;             /* vertices of areas: what it costs */
    struct rule_names names, lifted;  /* everything that they name, and what they lift */
    struct multipolygon areas[CHANGES_MAX]; /* of zones that are drawn */
    uint32_t area_count;
    bool by_area; /* nothing but zones that are drawn and what is lifted: the network alone says where they act */
    bool relaxing; /* something may become possible or shorter */
};

/** Reads changes. Everything is in the arena. On a worker: a CRS may have to be opened. */
MUST_USE enum status parse_changes(const struct json_at *root, const struct parse_setting *setting, struct rule_changes *out,
                                   struct error *err);

/** Puts the JSON pointer of a member of the changes that the database named ("zone/lift/3") into an error; returns its
 *  status. */
enum status changes_point_at(const struct json_at *root, const char *place, struct error *err);

#endif
