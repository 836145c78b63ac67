/* What the server, its event threads and the exchange functions share. Not for handlers.
 *
 * An exchange lives in a slot of its event thread from the end of its head to its answer. Slots are never freed while
 * the server lives, only used again; a generation that goes up at each release tells a late message from a due one.
 * Messages to a thread (an answer from a worker, a resume) name the slot by index and generation, and come through a
 * locked list and an eventfd. */
#ifndef API_EVENT_THREAD_H
#define API_EVENT_THREAD_H

#include "api/http/connection.h"
#include "api/process/access_log.h"
#include "api/process/exchange.h"
#include "api/process/pool.h"
#include "api/process/server.h"

#include <pthread.h>
#include <stdatomic.h>

struct event;
struct event_base;
struct event_thread;
struct http_listener;

enum { LISTENERS_MAX = 16, EXTRA_HEADERS_MAX = 16 };

struct thread_message {
    struct thread_message *next;
    uint32_t index;
    uint64_t generation;
    void (*again)(struct exchange *x); /* NULL: the answer stands in the slot; otherwise the message is malloc'ed */
};

enum exchange_state {
    EXCHANGE_FREE,
    EXCHANGE_READING, /* the body comes */
    EXCHANGE_RUNNING, /* in a handler on the event thread */
    EXCHANGE_PARKED,  /* waits for exchange_resume */
    EXCHANGE_STREAMING, /* its answer has begun and goes on */
    EXCHANGE_WORKING, /* queued in or running on the pool, which owns it */
    EXCHANGE_ANSWERED
};

enum outcome { OUTCOME_NONE, OUTCOME_ANSWERED, OUTCOME_PARKED, OUTCOME_HANDED, OUTCOME_STREAMED };

struct exchange_answer {
    int status;
    const char *content_type;
    const void *data;
    size_t length;
    void *memory; /* data's, to be freed; NULL when static */
    unsigned extra_count;
    const char *extra_name[EXTRA_HEADERS_MAX], *extra_value[EXTRA_HEADERS_MAX];
};

struct exchange_private {
    struct event_thread *thread;
    uint32_t index;
    uint64_t generation;
    enum exchange_state state;          /* of the owner; see struct exchange */
    struct http_connection *connection; /* event thread only; NULL: the client has left */
    bool handed;                        /* event thread only: a worker has it until its message comes */
    bool head_only;                     /* HEAD */
    uint64_t charged;                   /* units of work so far */
    size_t body_counted;                /* bytes this exchange holds of the server's budget */
    int64_t received_us;
    struct http_head head;
    struct http_target target;
    struct route_match match;
    struct arena arena;
    struct buffer body;
    struct exchange_answer answer;
    struct exchange_stream_hooks stream;
    uint64_t streamed; /* bytes */
    bool stream_ends, stream_cut;
    struct pool_job job;
    void (*work)(struct exchange *x);
    struct thread_message message; /* for the answer: cannot fail for want of memory */
    struct exchange *next_free;
};

struct slot {
    struct exchange x;
    struct exchange_private private;
};

struct worker_local {
    unsigned number;
    void *local;
};

struct server {
    struct server_options options;
    struct http_limits limits;
    struct router *router;
    struct pool *pool;
    struct limiter *limiter; /* NULL: off */
    unsigned port, thread_count, worker_count;
    struct worker_local *worker_locals;
    _Atomic size_t body_bytes;
    _Atomic uint64_t busy_logged, fault_logged; /* second << 32 | lines in it: see exchange.c */
    atomic_uint log_suppressed;
    atomic_bool stopping, started, cut;
    int64_t _Atomic stop_deadline_ms;
    struct event_thread *threads;
};

struct event_thread {
    struct server *server;
    unsigned number;
    void *local;
    struct event_base *base;
    struct http_host host;
    struct http_listener *listeners[LISTENERS_MAX];
    unsigned listener_count;
    struct event *inbox_event, *sweep_event;
    int inbox_fd;
    pthread_mutex_t inbox_lock;
    struct thread_message *inbox_first, **inbox_last;
    pthread_t thread;
    bool running, stop_seen;
    struct slot **slots;
    uint32_t slot_count;
    struct exchange *free_slots;
    enum outcome outcome; /* what the running handler did with its exchange */
    unsigned open;        /* slots in use */
    uint64_t id_state;
    time_t date_second;
    char date[40];
    _Atomic unsigned connections, exchanges; /* for the gauges */
    _Atomic int64_t turned_ms;               /* when the sweep last ran */
    uint64_t accepted;                       /* of host.accepted, what has been counted */
    struct access_log *log; /* NULL: off */
    struct buffer head;     /* of the answer being written */
};

/** Prepares thread `number` of `server`; `fds` are its listening sockets, taken over only on success when `owned`. */
MUST_USE enum status event_thread_init(struct event_thread *thread, struct server *server, unsigned number,
                                       const int *fds, unsigned fd_count, bool owned, struct error *err);
void event_thread_clear(struct event_thread *thread);

/** Writes the head of a stream. Event thread. */
void event_thread_stream(struct exchange *x, const char *content_type);

/* For a handler that returned without an answer: answers 500, logs and counts. */
void exchange_silent(struct exchange *x);

/** The body of the pthread. */
void *event_thread_main(void *thread);

/** Makes the thread look at its inbox and at server->stopping. Any thread. */
void event_thread_wake(struct event_thread *thread);

/** Puts a message into the inbox. Any thread. */
void event_thread_post(struct event_thread *thread, struct thread_message *message);

#endif
