/* What the handlers that ask the planner share: the view, the wait for a version, names that must exist. */
#ifndef API_HANDLERS_COMMON_H
#define API_HANDLERS_COMMON_H

#include "api/app.h"
#include "api/parse/parse_route.h"
#include "api/process/exchange.h"
#include "api/process/metrics.h"
#include "data/rules/rule_store.h"
#include "routing/constraint/itinerary.h"

/* Longest wait for min_rules_version; a body above this size is parsed on a worker, so that the event loop is not
 * held up; largest answer. */
enum { VERSION_WAIT_MS = 2000, BODY_QUICK_MAX = 16 * 1024 };
#define ANSWER_MAX ((size_t)96 << 20)

/* What is asked of the rules, and whether the request has been held back for it. Part of a handler's state. */
struct rules_hold {
    struct rules_demand demand;
    bool held;
    const char *as_of_pointer; /* of the member that said so; NULL: /as_of */
};

#define RULES_HOLD_ANY ((struct rules_hold){.demand = RULES_DEMAND_ANY})

/** Whether the process serves a network at all; otherwise answers 503. First thing in a handler. */
MUST_USE bool handler_ready(struct exchange *x);

/** Whether the question is about rules of an earlier moment. Those come from the database: on a worker only. */
bool handler_wants_past(const struct rules_hold *hold);

/** On an event thread, of a question about the rules in force: the current view with a reference, when it is what is asked for. Otherwise the exchange has
 *  been parked (`again` will run) or answered (503 without a view or with too old a one, 409 after the wait), and NULL
 *  is returned: the handler is done. */
MUST_USE struct view *handler_view(struct exchange *x, struct rules_hold *hold, void (*again)(struct exchange *x));

/** The same on a worker, which may wait there unless too many do already; also for a question about an earlier moment
 *  (api/trial/past.h). NULL: answered. */
MUST_USE struct view *handler_view_on_worker(struct exchange *x, struct rules_hold *hold);

/** The way of a handler that only works on a worker: on its event thread, holds the request back until the rules are what
 *  is asked for (`again` will run then and comes back here), and hands it over to `work`. */
void handler_submit(struct exchange *x, struct rules_hold *hold, void (*again)(struct exchange *x),
                    void (*work)(struct exchange *x));

/** Zones and credential types that the request names must be known. Fail closed: a name that is not is an error with
 *  its pointer, never ignored. */
MUST_USE enum status handler_check_names(const struct view *view, const struct route_request *request,
                                         struct error *err);

/** The query key `limit`: 1 to `most`, or `otherwise` when it is not given. */
MUST_USE enum status handler_limit(const struct exchange *x, unsigned otherwise, unsigned most, unsigned *out, struct error *err);

/** The query key `as_of`; of now when it is not given. */
MUST_USE enum status handler_as_of(const struct exchange *x, struct rules_moment *out, struct error *err);

/** Counts one of something. */
void handler_count(struct exchange *x, enum metric_counter counter);

/** What a request is parsed in, on the thread that is running. */
struct parse_setting handler_setting(const struct exchange *x);

/** The same where `as_of` is honoured: the demand goes into the handler's rules_hold. */
struct parse_setting handler_setting_past(const struct exchange *x);

/** On a worker: reads with a connection of the read pool and answers with what `work` wrote, of media type `type`; 304 where
 *  `tag` was set and the client has that already. 503 without a database. */
typedef enum status handler_read_work(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err);
void handler_read(struct exchange *x, handler_read_work *work, const char *type);

/** The cancel flag of an exchange the way the planner polls it. */
const bool *handler_cancelled(const struct exchange *x);

/* A handler `name` that does `run(x, what)` on a worker, because the database is waited for. */
#define HANDLER_ON_WORKER(name, run, what)                                                                           \
    static void name##_work(struct exchange *x)                                                                      \
    {                                                                                                                \
        run(x, what);                                                                                                \
    }                                                                                                                \
    void name(struct exchange *x)                                                                                    \
    {                                                                                                                \
        exchange_submit(x, name##_work);                                                                             \
    }

#endif
