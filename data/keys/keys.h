/* Keys of callers: made once, shown once, kept as keyed hashes.
 *
 *   bck_0123456789abcdef_<43 characters>        the key: a public name, and 32 random bytes in base64url
 *
 * What the database holds is BLAKE2b-256 of the secret bytes and the name, keyed with the *pepper*: 32 bytes in a file
 * beside the service and never in the database, so that a copy of the database is of no use to make or test keys. */
#ifndef DATA_KEYS_H
#define DATA_KEYS_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_ID_SIZE = 17, KEY_TEXT_SIZE = 65, KEY_SECRET_BYTES = 32, KEY_HASH_BYTES = 32, PEPPER_BYTES = 32 };

struct pepper {
    unsigned char bytes[PEPPER_BYTES];
};

/** Reads the pepper (64 hexadecimal digits). IO when the file is not there or is none. With `create`, a file that is
 *  missing is made, readable by its owner alone. Any thread. */
MUST_USE enum status pepper_read(const char *path, bool create, struct pepper *out, struct error *err);

/** Takes a key apart. False for what has not the form of one. `id` gets 16 hexadecimal digits and '\0'. */
MUST_USE bool key_parse(const char *text, char id[KEY_ID_SIZE], unsigned char secret[KEY_SECRET_BYTES]);

/** What is stored. */
void key_hash(const struct pepper *pepper, const char *id, const unsigned char secret[KEY_SECRET_BYTES],
              unsigned char out[KEY_HASH_BYTES]);

struct key_wish {
    const char *role, *holder;
    const char *county, *company; /* scope, or NULL */
    const char *expires;          /* RFC 3339 */
};

/** Makes a key and stores its hash; `pg` belongs to the schema's owner. `text` receives the key, the only time it
 *  exists; the caller wipes it (sodium_memzero). Errors: INVALID with the database's reason, those of pg.h. */
MUST_USE enum status key_create(struct pg *pg, const struct pepper *pepper, const struct key_wish *wish,
                                char text[KEY_TEXT_SIZE], struct error *err);

/** Ends a key at once, in every process that serves. NOT_FOUND when there is none of that id that still counts. */
MUST_USE enum status key_revoke(struct pg *pg, const char *id, struct error *err);

/** Appends a table of all keys, without hashes: one line each, tab between id, role, holder, county, company, expiry,
 *  state. */
MUST_USE enum status key_list(struct pg *pg, struct buffer *out, struct error *err);

#endif
