#include "api/handlers/sheets.h"

#include "api/handlers/common.h"
#include "api/plan_keep.h"
#include "api/sheet/sheet.h"

#include <stdlib.h>
#include <string.h>

const char *const sheet_png_keys[] = {"width", NULL};

/* Work units of drawing one: as much as a search over the whole of a prefecture. */
enum { SHEET_BYTES_MAX = 32 << 20, SHEET_CHARGE = 50000 };

static enum status width_read(const struct exchange *x, unsigned *out, struct error *err)
{
    const char *text = exchange_query(x, "width");
    *out = SHEET_PNG_WIDTH;
    if (text == NULL) return STATUS_OK;
    size_t length = strspn(text, "0123456789");
    *out = length > 0 && length <= 5 && text[length] == '\0' ? (unsigned)strtoul(text, NULL, 10) : 0;
    if (*out >= SHEET_PNG_WIDTH_MIN && *out <= SHEET_PNG_WIDTH_MAX) return STATUS_OK;
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, "width", (double)SHEET_PNG_WIDTH_MIN, (double)SHEET_PNG_WIDTH_MAX);
    error_pointer(err, "/width");
    return STATUS_OUT_OF_RANGE;
}

/* The plan, its question and what lies under it, as one job. */
static enum status job_make(struct exchange *x, const struct stored_plan *stored, const struct view *view, struct sheet_plan *plan,
                            struct route_question *question, struct sheet_job *job, struct error *err)
{
    struct app_local *local = x->local;
    const struct app_options *options = app_options_get(x->app);
    const struct parse_setting setting = handler_setting(x);
    TRY(sheet_plan_read(stored->answer, stored->answer_length, 0, &local->systems, x->arena, plan, err));
    TRY(plan_question(stored, INT64_MIN, &setting, question, NULL, err));
    *job = (struct sheet_job){.plan = plan, .vehicle = &question->route.vehicle, .loop = question->route.loop, .language = x->language,
                              .ground = {.network = &view->base->network, .rules = view->rules->input,
                                         .vehicle = &question->route.vehicle, .region = options->name,
                                         .attribution = options->attribution, .schematic = options->schematic}};
    return STATUS_OK;
}

/* The form is the tail of the route's pattern. */
static enum sheet_form form_of(const struct exchange *x, const char **type)
{
    const char *tail = strrchr(x->route->pattern, '.');
    bool pdf = strcmp(tail, ".pdf") == 0, svg = strcmp(tail, ".svg") == 0;
    *type = pdf ? "application/pdf" : svg ? "image/svg+xml" : "image/png";
    return pdf ? SHEET_PDF : svg ? SHEET_SVG : SHEET_PNG;
}

static void read_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan stored;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct sheet_plan plan;
    struct sheet_job job;
    struct buffer out;
    struct route_question *question = arena_zero(x->arena, 1, sizeof *question);
    const char *type;
    unsigned width = SHEET_PNG_WIDTH;
    enum sheet_form form = form_of(x, &type);
    enum status status = question ? width_read(x, &width, &err) : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) status = plan_of_caller(x, exchange_param(x, "id"), &stored, &err);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &hold);
    if (view == NULL) return;
    buffer_init(&out, SHEET_BYTES_MAX);
    status = job_make(x, &stored, view, &plan, question, &job, &err);
    exchange_charge(x, SHEET_CHARGE);
    if (status == STATUS_OK) {
        job.png_width = width;
        status = sheet_write(&job, form, &out, &err);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, type, &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
    view_release(view);
}

void sheet_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, read_work);
}
