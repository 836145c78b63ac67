#include "api/process/write_once.h"

#include "api/public_url.h"

#include <sodium.h>
#include <string.h>

enum status write_once_key(const struct exchange *x, struct write_once *once, struct error *err)
{
    once->key = exchange_header(x, "idempotency-key");
    if (once->key && (once->key[0] == '\0' || strlen(once->key) > 200)) return error_set(err, STATUS_INVALID, MESSAGE_KEY_LENGTH);
    return STATUS_OK;
}

/* What a repeated request must be equal in. */
static void digest_of(const struct exchange *x, char out[65])
{
    unsigned char hash[32];
    crypto_hash_sha256_state state;
    const char *method = http_method_name(x->method);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)method, strlen(method) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)x->head->target, x->head->target_length);
    crypto_hash_sha256_update(&state, (const unsigned char *)"", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)x->body, x->body_length);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(out, 65, hash, sizeof hash);
}

enum status write_once_find(const struct exchange *x, struct write_once *once, struct write_tx *tx, struct buffer *body,
                            struct error *err)
{
    char digest[65];
    if (once->key == NULL) return STATUS_OK;
    digest_of(x, digest);
    enum status status = rule_answer_find(tx, once->key, digest, &once->answer, body, err);
    once->replayed = status == STATUS_OK && once->answer.status != 0;
    return status;
}

enum status write_once_keep(struct write_once *once, struct write_tx *tx, struct buffer *body, struct error *err)
{
    if (once->key == NULL || once->replayed) return STATUS_OK;
    buffer_char(body, '\0');
    if (body->failed) return error_set(err, body->failed, MESSAGE_NO_MEMORY);
    body->length--;
    return rule_answer_keep(tx, once->key, &once->answer, body->data, err);
}

enum status write_once_transact(struct exchange *x, struct write_once *once, struct write_tx *tx, bool undo,
                                enum status (*act)(void *context, struct error *err), void *context, struct buffer *body,
                                struct error *err)
{
    enum status status = write_once_find(x, once, tx, body, err);
    if (status == STATUS_OK && !once->replayed) status = act(context, err);
    if (status == STATUS_OK && body->failed) status = error_set(err, body->failed, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) status = write_once_keep(once, tx, body, err);
    if (status == STATUS_OK && !undo) return write_commit(tx, err);
    write_abort(tx);
    return status;
}

void write_once_reply(struct exchange *x, const struct write_once *once, const char *folder, const char *type, struct buffer *body)
{
    const struct kept_answer *answer = &once->answer;
    if (answer->tag[0]) exchange_header_add(x, "ETag", arena_printf(x->arena, "\"%s\"", answer->tag));
    if (answer->status == 201) public_location(x, arena_printf(x->arena, "%s/%s", folder, answer->object));
    exchange_reply(x, answer->status, type, body);
}
