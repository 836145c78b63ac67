#include "api/handlers/matrix.h"

#include "api/encode/encode_route.h"
#include "api/handlers/asked.h"
#include "api/parse/parse_table.h"
#include "routing/planner/planner_table.h"

#include <stddef.h>

struct matrix {
    uint32_t *durations;
    uint64_t *distances;
    struct waypoint *sources, *targets;
};

/* rows × columns of thousandths, durations or distances; what is out of reach is null. */
static void encode_cells(struct json_writer *w, const struct matrix *m, bool durations, uint32_t rows, uint32_t columns)
{
    writer_open_array(w);
    for (uint32_t r = 0; r < rows; r++) {
        writer_open_array(w);
        for (uint32_t c = 0; c < columns; c++) {
            size_t at = (size_t)r * columns + c;
            if (durations ? m->durations[at] == UINT32_MAX : m->distances[at] == UINT64_MAX) writer_null(w);
            else writer_milli(w, durations ? (int64_t)m->durations[at] : (int64_t)m->distances[at]);
        }
        writer_close_array(w);
    }
    writer_close_array(w);
}

static void encode_side(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *points,
                        const struct call *calls, uint32_t count)
{
    writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) encode_named_waypoint(w, encoder, &points[i], calls[i].name);
    writer_close_array(w);
}

static enum status matrix_room(struct exchange *x, const struct table_question *q, struct matrix *m,
                               struct error *err)
{
    size_t cells = (size_t)q->source_count * q->target_count;
    *m = (struct matrix){0};
    if (q->want_durations) m->durations = arena_zero(x->arena, cells, sizeof *m->durations);
    if (q->want_distances) m->distances = arena_zero(x->arena, cells, sizeof *m->distances);
    m->sources = arena_zero(x->arena, q->source_count, sizeof *m->sources);
    m->targets = arena_zero(x->arena, q->target_count, sizeof *m->targets);
    if ((q->want_durations && m->durations == NULL) || (q->want_distances && m->distances == NULL) ||
        m->sources == NULL || m->targets == NULL)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

enum status matrix_answer(struct exchange *x, const struct view *view, struct table_question *q, struct buffer *out,
                          struct error *err)
{
    struct app_local *local = x->local;
    struct json_writer w;
    struct matrix m;
    TRY(matrix_room(x, q, &m, err));
    q->constraints.cancelled = handler_cancelled(x);
    TRY(handler_check_names(view, &q->constraints, err));
    exchange_charge(x, (uint64_t)q->source_count * q->target_count);
    TRY(planner_table(local->planner, view, &q->constraints, q->sources, q->source_count, q->targets, q->target_count,
                      m.durations, m.distances, m.sources, m.targets, err));
    struct route_encoder encoder = {.view = view, .form = &q->form, .age = app_rules_age(x->app)};
    encode_decision(&encoder);
    writer_init(&w, out);
    writer_open_object(&w);
    encode_versions(&w, &encoder);
    if (m.durations)
        writer_key(&w, "durations_s"), encode_cells(&w, &m, true, q->source_count, q->target_count);
    if (m.distances)
        writer_key(&w, "distances_m"), encode_cells(&w, &m, false, q->source_count, q->target_count);
    writer_key(&w, "sources"), encode_side(&w, &encoder, m.sources, q->sources, q->source_count);
    writer_key(&w, "targets"), encode_side(&w, &encoder, m.targets, q->targets, q->target_count);
    writer_close_object(&w);
    return STATUS_OK;
}

static enum status answer(struct exchange *x, const struct view *view, void *question, struct buffer *out, struct error *err)
{
    return matrix_answer(x, view, question, out, err);
}

static enum status read(struct exchange *x, const struct parse_setting *setting, void *question, struct error *err)
{
    return parse_table_text(x->body, x->body_length, setting, question, err);
}

void matrix_post(struct exchange *x)
{
    static const struct asked_kind asked = {.size = sizeof(struct table_question), .demand = offsetof(struct table_question, demand),
                                            .form = offsetof(struct table_question, form), .read = read, .answer = answer};
    asked_post(x, &asked);
}
