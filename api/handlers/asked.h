/* What questions to the planner have in common that are asked in one body: read where it is short, held back until the rules
 * are there, answered on a worker. A handler says how its question is read and answered:
 *
 *   static const struct asked_kind asked = {.size = sizeof(struct table_question), .demand = offsetof(struct table_question, demand),
 *                                           .form = offsetof(struct table_question, form), .read = read, .answer = answer};
 *   void matrix_post(struct exchange *x) { asked_post(x, &asked); }
 */
#ifndef API_HANDLERS_ASKED_H
#define API_HANDLERS_ASKED_H

#include "api/handlers/common.h"

struct asked_kind {
    size_t size, demand, form; /* of the question, and where its rules_demand and its wire_form are */

    /* Reads the body of `x` into a question that is all zero. WOULD_BLOCK on an event thread: too much for it, to be read
     * again on a worker. */
    enum status (*read)(struct exchange *x, const struct parse_setting *setting, void *question, struct error *err);

    /* Appends the answer under `view` and counts what it cost. On a worker. */
    enum status (*answer)(struct exchange *x, const struct view *view, void *question, struct buffer *out, struct error *err);
};

/** The handler of such a question: on its event thread. `kind` outlives it. */
void asked_post(struct exchange *x, const struct asked_kind *kind);

#endif
