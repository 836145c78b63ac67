#include "api/handlers/session.h"

#include "api/json/writer.h"
#include "api/process/admit.h"

static void text_or_null(struct json_writer *w, const char *key, const char *text)
{
    writer_key(w, key), writer_text(w, text[0] ? text : NULL);
}

void session_read(struct exchange *x)
{
    const struct caller *caller = exchange_caller(x);
    struct json_writer w;
    struct buffer out;
    buffer_init(&out, 4096);
    writer_init(&w, &out);
    writer_open_object(&w);
    writer_key(&w, "holder"), writer_text(&w, caller->key.holder);
    writer_key(&w, "role"), writer_text(&w, role_name(caller->role));
    text_or_null(&w, "county", caller->key.county);
    text_or_null(&w, "company", caller->key.company);
    writer_key(&w, "expires_at"), writer_time(&w, caller->key.expires_ms);
    writer_close_object(&w);
    exchange_header_add(x, "Cache-Control", "no-store");
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}
