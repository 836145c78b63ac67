#include "routing/constraint/view.h"

#include <assert.h>
#include <stdlib.h>

enum status view_new(struct base *base, struct rules *rules, size_t bytes_max, struct view **out, struct error *err)
{
    struct view *v = calloc(1, sizeof *v);
    if (!v) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = metric_cache_new(view_metric_bytes(bytes_max), &v->metrics, err);
    if (status == STATUS_OK) status = metric_makings_new(v->metrics, &v->makings, err);
    if (status == STATUS_OK) status = bare_store_new(bytes_max / VIEW_BARE_SHARE, &v->bare, err);
    if (status != STATUS_OK) {
        metric_makings_free(v->makings);
        metric_cache_free(v->metrics);
        free(v);
        return status;
    }
    v->base = base;
    v->rules = rules_get(rules);
    atomic_init(&v->references, 1);
    *out = v;
    return STATUS_OK;
}

void view_inherit(struct view *v, const struct view *before)
{
    assert(v->base == before->base);
    metric_cache_inherit(v->metrics, before->metrics);
    struct bare_store *own = v->bare;
    v->bare = bare_store_get(before->bare);
    bare_store_release(own);
}

struct view *view_get(struct view *v)
{
    atomic_fetch_add(&v->references, 1);
    return v;
}

void view_release(struct view *v)
{
    if (!v || atomic_fetch_sub(&v->references, 1) != 1) return;
    metric_makings_free(v->makings);
    metric_cache_free(v->metrics);
    bare_store_release(v->bare);
    rules_release(v->rules);
    free(v);
}
