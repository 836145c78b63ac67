#include "api/handlers/layers.h"

#include "api/encode/encode_layers.h"
#include "api/handlers/common.h"
#include "api/json/reader.h"
#include "api/wire/time_text.h"
#include "data/registers/registers.h"

#include <string.h>

const char *const layer_keys[] = {"bbox", "at", NULL};

/* ---- query ------------------------------------------------------------------------------------------------- */

bool numbers_parse(const char *text, int count, double *out)
{
    const char *p = text;
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(p, ",");
        json_t *number = json_loadb(p, length, JSON_DECODE_ANY, NULL);
        bool good = json_is_number(number) && (i == count - 1 ? p[length] == '\0' : p[length] == ',');
        if (good) out[i] = json_number_value(number);
        json_decref(number);
        if (!good) return false;
        p += length + 1;
    }
    return true;
}

enum status bbox_parse(const char *text, struct box *out, struct error *err)
{
    double side[4];
    if (numbers_parse(text, 4, side)) {
        *out = (struct box){.min_lon_deg = side[0], .min_lat_deg = side[1], .max_lon_deg = side[2], .max_lat_deg = side[3]};
        if (box_valid(out)) return STATUS_OK;
    }
    error_set(err, STATUS_INVALID, MESSAGE_QUERY_BBOX);
    error_pointer(err, "/bbox");
    return STATUS_INVALID;
}

static enum status filter_parse(const struct exchange *x, struct layer_filter *filter, struct rules_moment *as_of, struct error *err)
{
    TRY(handler_as_of(x, as_of, err));
    *filter = (struct layer_filter){.at_ms = as_of->at_ms != INT64_MIN ? as_of->at_ms : time_now_ms(), .language = x->language};
    const char *bbox = exchange_query(x, "bbox"), *at = exchange_query(x, "at");
    if (bbox) {
        struct box box;
        TRY(bbox_parse(bbox, &box, err));
        struct point_e7 low = point_to_e7((struct point){box.min_lon_deg, box.min_lat_deg});
        struct point_e7 high = point_to_e7((struct point){box.max_lon_deg, box.max_lat_deg});
        filter->box = (struct box_e7){low.lon_e7, low.lat_e7, high.lon_e7, high.lat_e7};
        filter->has_box = true;
    }
    if (at && !time_parse(at, strlen(at), &filter->at_ms)) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        error_pointer(err, "/at");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* ---- layers of the view ------------------------------------------------------------------------------------ */

typedef enum status layer_encode(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                                 struct error *err);

static void read_layer(struct exchange *x, layer_encode *encode)
{
    struct error err = ERROR_INIT;
    struct layer_filter filter;
    struct rules_hold hold = RULES_HOLD_ANY;
    if (filter_parse(x, &filter, &hold.demand.as_of, &err) != STATUS_OK) {
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &hold);
    if (view == NULL) return;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    if (encode(&out, view, &filter, &err) == STATUS_OK) exchange_reply(x, 200, "application/geo+json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
    view_release(view);
}

static void zones_work(struct exchange *x)
{
    read_layer(x, encode_zones);
}

static void checkpoints_work(struct exchange *x)
{
    read_layer(x, encode_checkpoints);
}

static void closures_work(struct exchange *x)
{
    read_layer(x, encode_closures);
}

/* On workers: a prefecture's zones may have a hundred thousand points. */
void zones_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, zones_work);
}

void checkpoints_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, checkpoints_work);
}

void closures_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, closures_work);
}

void network_read(struct exchange *x)
{
    struct rules_hold hold = RULES_HOLD_ANY;
    if (!handler_ready(x)) return;
    struct view *view = handler_view(x, &hold, network_read);
    if (view == NULL) return;
    struct buffer out;
    buffer_init(&out, 1 << 20);
    encode_network(&out, x->app, view);
    exchange_header_add(x, "Cache-Control", "no-store");
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
    view_release(view);
}

/* ---- from the database ------------------------------------------------------------------------------------- */

static struct read_pool *reads(struct exchange *x, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    if (pool == NULL) (void)error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    return pool;
}

static void facilities_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct box box = {0};
    buffer_init(&out, ANSWER_MAX);
    const char *bbox = exchange_query(x, "bbox");
    enum status status = bbox ? bbox_parse(bbox, &box, &err) : STATUS_OK;
    struct read_pool *pool = status == STATUS_OK ? reads(x, &err) : NULL;
    const double sides[4] = {box.min_lon_deg, box.min_lat_deg, box.max_lon_deg, box.max_lat_deg};
    if (pool && register_places(pool, bbox ? sides : NULL, &out, &err) == STATUS_OK)
        exchange_reply(x, 200, "application/geo+json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void facilities_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, facilities_work);
}
