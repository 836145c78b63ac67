/* The change feed: from a COMMIT in the database to a new view in the engine.
 *
 *   struct feed_options options = FEED_OPTIONS_DEFAULT;
 *   options.conninfo = …; options.publish = …; options.state = …; options.context = app;
 *   feed_open(&feed, &options, &err);            // starts its thread and returns at once
 *   feed_wait(feed, 10000);                      // optional: until the first rules are published
 *   …
 *   feed_close(feed);
 *
 * One thread with one connection: it LISTENs first and then reads, so that no commit falls between; it reads the whole set of
 * rules after each reconnect, what changed since (data/rules/rules_held.h) after each notification whose version is new, and asks for
 * the version every poll_ms, so that a lost notification costs seconds and a dead connection is noticed. While the database is
 * away the last good rules stay published, and it tries again after 0.1 s, then twice as long each time up to 4 s
 * (with jitter), or every 10 s where trying again soon is of no use (wrong password, wrong schema).
 *
 * Where a county's switch was ordered for a moment to come, the feed wakes at that moment as well: the first process that does so
 * makes the version that tells of it (data/rules/county_store.h).
 *
 * If a version cannot be read or compiled, the one before stays, `rejected` says which version was refused, and it is
 * tried again at each poll. Callers that need the newest rules must treat that like a database that is away. */
#ifndef DATA_FEED_H
#define DATA_FEED_H

#include "data/rules/load_rules.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct feed;

struct feed_state {
    bool connected;          /* listening, and heard of within the last poll */
    int64_t version;         /* last one published; −1 before the first */
    int64_t rejected;        /* newest version that could not be published; −1 if none is */
    bool network_outdated;   /* the roads in the database are not those of the network that is served */
    int64_t contact_mono_ms; /* monotonic time of the last word from the database; −1 if there was none yet */
    uint64_t publications, failures, reconnects;
    uint32_t load_ms, publish_ms; /* how long the last publication took: reading, and compiling */
};

struct feed_options {
    const char *conninfo; /* copied */
    const char *network_version; /* of the network that is served, copied; NULL: do not look whether it is current */
    uint32_t poll_ms;      /* how often the version is asked for without a notification */
    uint32_t heartbeat_ms; /* a server that does not answer that in this time is taken for gone */
    uint32_t connect_timeout_ms, statement_timeout_ms;
    uint32_t backoff_first_ms, backoff_most_ms, backoff_lasting_ms;

    /* Makes a version of the rules current. Called from the feed's thread; `input` is gone when it returns. */
    enum status (*publish)(void *context, const struct rules_input *input, struct error *err);
    /* Told of each contact, publication and loss, from the feed's thread. May be NULL. */
    void (*state)(void *context, const struct feed_state *state);
    void *context;
};

#define FEED_OPTIONS_DEFAULT \
    {.poll_ms = 5000, .heartbeat_ms = 3000, .connect_timeout_ms = 5000, .statement_timeout_ms = 20000, .backoff_first_ms = 100, \
     .backoff_most_ms = 4000, .backoff_lasting_ms = 10000}

MUST_USE enum status feed_open(struct feed **out, const struct feed_options *options, struct error *err);

/** Stops the thread, waiting at most for one publication that is under way. NULL is fine. */
void feed_close(struct feed *feed);

/** What it knows at this moment. Any thread. */
struct feed_state feed_state_get(struct feed *feed);

/** Waits until the first publication or `timeout_ms` have passed; whether there was one. Any thread. */
bool feed_wait(struct feed *feed, uint32_t timeout_ms);

#endif
