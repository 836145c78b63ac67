/* The keys that count, in memory: who a caller is, without asking the database for each request.
 *
 * One thread with one connection LISTENs for changes, reads all keys again after each, and looks every five seconds in
 * case a notification was lost: a revoked key stops working within milliseconds. While the database is away the keys
 * that are known go on for KEYRING_STALE_MS (reading does, too), then every key is refused with 503. */
#ifndef DATA_KEYRING_H
#define DATA_KEYRING_H

#include "data/keys/keys.h"

enum { KEYRING_MAX = 100000, KEYRING_STALE_MS = 600000 };

/* Who holds a key. Texts are copies. */
struct key_holder {
    char id[KEY_ID_SIZE], role[16], holder[208], county[24], company[72]; /* "" where there is no scope */
    int64_t expires_ms;
};

struct keyring;

/** Starts the thread and returns at once. The pepper is read now, or, while its file is missing, again at each change
 *  of keys. `conninfo` and `pepper_path` are copied. NO_MEMORY. */
MUST_USE enum status keyring_open(struct keyring **out, const char *conninfo, const char *pepper_path,
                                  struct error *err);
void keyring_close(struct keyring *keyring);

/** Waits until the keys have been read once, or `timeout_ms`; whether they have. */
bool keyring_wait(struct keyring *keyring, unsigned timeout_ms);

/** Whose key it is. UNAUTHORISED for what is no key, is not known, is revoked or has expired at `now_ms` (UTC): all
 *  alike, so that nothing can be learnt from the answer. UNAVAILABLE while keys cannot be judged. Compares in constant
 *  time; about a microsecond; never waits for the database. Any thread. */
MUST_USE enum status keyring_find(struct keyring *keyring, const char *text, int64_t now_ms, struct key_holder *out,
                                  struct error *err);

#endif
