#include "data/keys/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char prefix[] = "bck_";
enum { ID_AT = 4, ID_LENGTH = 16, SECRET_AT = ID_AT + ID_LENGTH + 1, SECRET_LENGTH = 43 };

/* ---- pepper ------------------------------------------------------------------------------------------------ */

static enum status pepper_failure(const char *path, const char *why, struct error *err)
{
    return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, why);
}

/* Several may start at once: who links the complete file first wins, and everyone reads it. */
static enum status pepper_make(const char *path, struct error *err)
{
    unsigned char bytes[PEPPER_BYTES];
    char hex[2 * PEPPER_BYTES + 2], beside[4096 + 16];
    if ((size_t)snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid()) >= sizeof beside)
        return pepper_failure(path, strerror(ENAMETOOLONG), err);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return pepper_failure(path, strerror(errno), err);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
    hex[2 * PEPPER_BYTES] = '\n';
    enum status status = STATUS_OK;
    if (write(fd, hex, sizeof hex - 1) != (ssize_t)sizeof hex - 1 || fsync(fd) != 0)
        status = pepper_failure(path, strerror(errno), err);
    close(fd);
    if (status == STATUS_OK && link(beside, path) != 0 && errno != EEXIST)
        status = pepper_failure(path, strerror(errno), err);
    unlink(beside);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(hex, sizeof hex);
    return status;
}

enum status pepper_read(const char *path, bool create, struct pepper *out, struct error *err)
{
    if (sodium_init() < 0) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && create) {
        enum status status = pepper_make(path, err);
        if (status != STATUS_OK) return status;
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) return pepper_failure(path, strerror(errno), err);
    char hex[2 * PEPPER_BYTES + 2];
    ssize_t length = read(fd, hex, sizeof hex);
    close(fd);
    size_t bytes = 0;
    bool good = (length == 2 * PEPPER_BYTES || (length == 2 * PEPPER_BYTES + 1 && hex[2 * PEPPER_BYTES] == '\n')) &&
                sodium_hex2bin(out->bytes, sizeof out->bytes, hex, 2 * PEPPER_BYTES, NULL, &bytes, NULL) == 0 &&
                bytes == PEPPER_BYTES;
    sodium_memzero(hex, sizeof hex);
    return good ? STATUS_OK : pepper_failure(path, "64 hexadecimal digits expected", err);
}

/* ---- the key ----------------------------------------------------------------------------------------------- */

bool key_parse(const char *text, char id[KEY_ID_SIZE], unsigned char secret[KEY_SECRET_BYTES])
{
    if (strlen(text) != KEY_TEXT_SIZE - 1 || memcmp(text, prefix, ID_AT) != 0 || text[SECRET_AT - 1] != '_') return false;
    if (strspn(text + ID_AT, "0123456789abcdef") < ID_LENGTH) return false;
    size_t bytes = 0;
    if (sodium_base642bin(secret, KEY_SECRET_BYTES, text + SECRET_AT, SECRET_LENGTH, NULL, &bytes, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 || bytes != KEY_SECRET_BYTES)
        return false;
    memcpy(id, text + ID_AT, ID_LENGTH);
    id[ID_LENGTH] = '\0';
    return true;
}

void key_hash(const struct pepper *pepper, const char *id, const unsigned char secret[KEY_SECRET_BYTES],
              unsigned char out[KEY_HASH_BYTES])
{
    unsigned char text[KEY_SECRET_BYTES + ID_LENGTH];
    memcpy(text, secret, KEY_SECRET_BYTES);
    memcpy(text + KEY_SECRET_BYTES, id, ID_LENGTH);
    crypto_generichash(out, KEY_HASH_BYTES, text, sizeof text, pepper->bytes, sizeof pepper->bytes);
    sodium_memzero(text, sizeof text);
}

static const char create_sql[] =
    "INSERT INTO baochang.access_key (id, hash, role, holder, county, company, expires_at)"
    " VALUES ($1, decode($2, 'hex'), $3, $4, $5, $6, $7)";

enum status key_create(struct pg *pg, const struct pepper *pepper, const struct key_wish *wish, char text[KEY_TEXT_SIZE],
                       struct error *err)
{
    unsigned char name[ID_LENGTH / 2], secret[KEY_SECRET_BYTES], hash[KEY_HASH_BYTES];
    char id[KEY_ID_SIZE], hex[2 * KEY_HASH_BYTES + 1], secret_text[SECRET_LENGTH + 1];
    randombytes_buf(name, sizeof name);
    randombytes_buf(secret, sizeof secret);
    sodium_bin2hex(id, sizeof id, name, sizeof name);
    key_hash(pepper, id, secret, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    const char *values[] = {id, hex, wish->role, wish->holder, wish->county, wish->company, wish->expires};
    enum status status = pg_query(pg, create_sql, 7, values, NULL, err);
    if (status == STATUS_OK) {
        sodium_bin2base64(secret_text, sizeof secret_text, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        snprintf(text, KEY_TEXT_SIZE, "%s%s_%s", prefix, id, secret_text);
        sodium_memzero(secret_text, sizeof secret_text);
    }
    sodium_memzero(secret, sizeof secret);
    return status;
}

enum status key_revoke(struct pg *pg, const char *id, struct error *err)
{
    struct pg_result rows = {0};
    enum status status =
        pg_query(pg, "UPDATE baochang.access_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", 1, &id, &rows, err);
    if (status == STATUS_OK && rows.affected == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_KEY_NOT_FOUND);
    pg_result_clear(&rows);
    return status;
}

static const char list_sql[] =
    "SELECT COALESCE(string_agg(concat_ws(E'\\t', id, role, regexp_replace(holder, '[[:cntrl:]]', ' ', 'g'),"
    " COALESCE(county, '-'), COALESCE(company, '-'),"
    " to_char(expires_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),"
    " CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END) || E'\\n', ''"
    " ORDER BY created_at, id), '') FROM baochang.access_key";

enum status key_list(struct pg *pg, struct buffer *out, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, list_sql, 0, NULL, &rows, err);
    if (status == STATUS_OK) {
        buffer_text(out, pg_text(&rows, 0, 0));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
