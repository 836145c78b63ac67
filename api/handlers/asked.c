#include "api/handlers/asked.h"

#include <string.h>

struct asked {
    const struct asked_kind *kind;
    struct rules_hold hold;
    void *question;
};

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct app_local *local = x->local;
    struct asked *asked = x->user;
    struct wire_form *form = (struct wire_form *)((char *)asked->question + asked->kind->form);
    char name[CRS_NAME_SIZE];
    memcpy(name, form->crs.name, sizeof name);
    if (wire_crs_open(&local->systems, name, &form->crs, &err) != STATUS_OK) { /* the one in it may be the event thread's */
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &asked->hold);
    if (view == NULL) return;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    if (asked->kind->answer(x, view, asked->question, &out, &err) == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
    view_release(view);
}

/* Holds the request back on its event thread until the rules are there, then hands it over. */
static void hold_and_submit(struct exchange *x)
{
    struct asked *asked = x->user;
    handler_submit(x, &asked->hold, hold_and_submit, work);
}

/* WOULD_BLOCK is left to the caller, any other failure is answered. */
static enum status read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct asked *asked = x->user;
    struct parse_setting setting = handler_setting_past(x);
    asked->question = arena_zero(x->arena, 1, asked->kind->size);
    enum status status = asked->question ? asked->kind->read(x, &setting, asked->question, &err)
                                         : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK)
        memcpy(&asked->hold.demand, (char *)asked->question + asked->kind->demand, sizeof asked->hold.demand);
    else if (status != STATUS_WOULD_BLOCK)
        exchange_problem(x, &err);
    return status;
}

static void read_and_work(struct exchange *x)
{
    if (read(x) == STATUS_OK) work(x);
}

void asked_post(struct exchange *x, const struct asked_kind *kind)
{
    if (!handler_ready(x)) return;
    struct asked *asked = x->user = arena_zero(x->arena, 1, sizeof *asked);
    if (asked == NULL) {
        struct error err = ERROR_INIT;
        error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        exchange_problem(x, &err);
        return;
    }
    asked->kind = kind;
    enum status status = x->body_length > BODY_QUICK_MAX ? STATUS_WOULD_BLOCK : read(x);
    if (status == STATUS_WOULD_BLOCK) exchange_submit(x, read_and_work);
    else if (status == STATUS_OK) hold_and_submit(x);
}
