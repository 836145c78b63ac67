#include "data/rules/notice_store.h"

#include "data/pg/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the notice as text; "" when it is longer than any name. */
static const char *piece(const char *text, struct notice_span span, char *out, size_t size)
{
    size_t length = span.end - span.begin;
    if (length >= size) length = 0;
    memcpy(out, text + span.begin, length);
    out[length] = '\0';
    return out;
}

enum status notice_resolve(struct write_tx *tx, const char *text, const struct notice_item *item, const char *day,
                           struct notice_place *out, struct error *err)
{
    char road[STATION_NAME_SIZE], from[STATION_NAME_SIZE], to[STATION_NAME_SIZE];
    bool whole = item->from.end == item->from.begin;
    const char *values[] = {piece(text, item->road, road, sizeof road), piece(text, item->from, from, sizeof from),
                            piece(text, item->to, to, sizeof to), day};
    *out = (struct notice_place){0};
    if (!whole && (from[0] == '\0' || to[0] == '\0')) return STATUS_OK; /* too long for a name: unknown, not the whole road */
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT route, from_station, to_station FROM baochang.notice_resolve($1, $2, $3, $4::date)",
                                  4, values, &rows, err);
    if (status == STATUS_OK && rows.count == 1) {
        out->road_known = !pg_is_null(&rows, 0, 0);
        out->from_known = !pg_is_null(&rows, 0, 1);
        out->to_known = !pg_is_null(&rows, 0, 2);
        snprintf(out->route, sizeof out->route, "%s", pg_text(&rows, 0, 0));
        snprintf(out->from, sizeof out->from, "%s", pg_text(&rows, 0, 1));
        snprintf(out->to, sizeof out->to, "%s", pg_text(&rows, 0, 2));
    }
    pg_result_clear(&rows);
    return status;
}

enum status notice_create(struct write_tx *tx, const char *text, const char *replaces, const char *not_understood,
                          char id[DESK_ID_SIZE], struct error *err)
{
    const struct write_actor *a = tx->actor;
    const char *values[] = {text, a->id, a->holder, a->scope, replaces, not_understood};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "INSERT INTO baochang.notice (text, actor, holder, scope, replaces, not_understood)"
                                  " SELECT $1, $2, $3, $4, $5, $6::jsonb WHERE $5::text IS NULL OR EXISTS (SELECT FROM baochang.notice n"
                                  "  WHERE n.id = $5 AND baochang.jurisdiction_covers($4, n.scope)) RETURNING id",
                                  6, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) {
        status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
        error_pointer(err, "/replaces");
    }
    if (status == STATUS_OK) snprintf(id, DESK_ID_SIZE, "%s", pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    return status;
}

enum status notice_link(struct write_tx *tx, const char *notice, const char *closure, const struct notice_item *item,
                        struct error *err)
{
    char spans[4][16];
    const uint32_t ends[4] = {item->item.begin, item->item.end, item->head.begin, item->head.end};
    const char *values[6] = {notice, closure};
    for (int i = 0; i < 4; i++) {
        snprintf(spans[i], sizeof spans[i], "%u", ends[i]);
        values[2 + i] = spans[i];
    }
    return pg_query(tx->pg,
                    "INSERT INTO baochang.notice_closure (notice_id, closure_id, item_begin, item_end, head_begin, head_end)"
                    " VALUES ($1, $2, $3::int, $4::int, $5::int, $6::int)",
                    6, values, NULL, err);
}

enum status notice_read_json(struct pg *pg, const char *id, const char *scope, struct buffer *out, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT baochang.notice_json(n)::text, (SELECT version::text FROM baochang.rules_state)"
                                  " FROM baochang.notice n WHERE n.id = $1 AND baochang.jurisdiction_covers($2, n.scope)",
                                  2, (const char *[]){id, scope}, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_printf(out, "{\"rules_version\":%s,", pg_text(&rows, 0, 1));
        buffer_text(out, pg_text(&rows, 0, 0) + 1); /* the rest of the object, after its brace */
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- acts on all of them ----------------------------------------------------------------------------------- */

/* Does `act` to every closure of a notice whose state allows it. */
static enum status carry(struct write_tx *tx, const char *notice, enum desk_act act, const struct rule_words *words,
                         unsigned *done, struct desk_state *last, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT closure_id FROM baochang.notice_closure WHERE notice_id = $1 ORDER BY closure_id", 1,
                                  &notice, &rows, err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        const char *id = pg_text(&rows, i, 0);
        status = rule_look(tx, DESK_CLOSURE, id, last, err);
        if (status == STATUS_NOT_FOUND) { /* a draft that was deleted */
            status = STATUS_OK;
            continue;
        }
        if (status == STATUS_OK) status = rule_may(last, DESK_CLOSURE, act, err);
        if (status == STATUS_CONFLICT) { /* settled on its own meanwhile */
            status = STATUS_OK;
            continue;
        }
        if (status == STATUS_OK) status = rule_act(tx, DESK_CLOSURE, id, act, words, err);
        if (status == STATUS_OK) ++*done;
    }
    pg_result_clear(&rows);
    return status;
}

enum status notice_act_on(struct write_tx *tx, const char *id, enum desk_act act, const struct rule_words *words,
                          struct error *err)
{
    struct pg_result rows = {0};
    struct desk_state last = {.state = "empty"};
    unsigned done = 0, ended = 0;
    char replaced[DESK_ID_SIZE];
    enum status status = pg_query(tx->pg,
                                  "SELECT COALESCE(n.replaces, '') FROM baochang.notice n"
                                  " WHERE n.id = $1 AND baochang.jurisdiction_covers($2, n.scope)",
                                  2, (const char *[]){id, tx->actor->scope}, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    snprintf(replaced, sizeof replaced, "%s", status == STATUS_OK ? pg_text(&rows, 0, 0) : "");
    pg_result_clear(&rows);
    if (status == STATUS_OK) status = carry(tx, id, act, words, &done, &last, err);
    if (status == STATUS_OK && done == 0)
        return standing_forbids(err, last.state, desk_act_name(act));
    if (status != STATUS_OK || act != DESK_APPROVE || replaced[0] == '\0') return status;
    /* what binds of the old one ends in the same moment; what is still being handled is rejected */
    const struct rule_words why = {.opinion = "replaced by a newer notice 由新公告替代"};
    status = carry(tx, replaced, DESK_LIFT, &why, &ended, &last, err);
    return status == STATUS_OK ? carry(tx, replaced, DESK_REJECT, &why, &ended, &last, err) : status;
}
