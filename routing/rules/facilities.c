#include "routing/rules/facilities.h"

#include <stdlib.h>

struct candidate {
    uint32_t facility;
    int64_t detour;
};

static int by_detour(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->detour != y->detour ? (x->detour < y->detour ? -1 : 1) : (x->facility > y->facility) - (x->facility < y->facility);
}

static int64_t apart(struct point_e7 a, struct point_e7 b)
{
    return llabs((int64_t)a.lon_e7 - b.lon_e7) + llabs((int64_t)a.lat_e7 - b.lat_e7);
}

uint32_t *facilities_near(const struct rules_input *input, uint32_t uses, const struct point_e7 *points, uint32_t point_count,
                          uint32_t max, struct arena *arena, uint32_t *count)
{
    struct candidate *all = arena_take(arena, (input->facility_count + 1) * sizeof *all);
    uint32_t *near = arena_take(arena, (input->facility_count + 1) * sizeof *near), found = 0;
    *count = 0;
    if (!all || !near) return NULL;
    for (uint32_t i = 0; i < input->facility_count; i++) {
        const struct facility *f = &input->facilities[i];
        int64_t detour = INT64_MAX;
        if (!(f->uses & uses)) continue;
        for (uint32_t k = 0; k + 1 < point_count; k++) {
            int64_t more = apart(points[k], f->point) + apart(f->point, points[k + 1]) - apart(points[k], points[k + 1]);
            if (more < detour) detour = more;
        }
        all[found++] = (struct candidate){i, detour};
    }
    qsort(all, found, sizeof *all, by_detour);
    *count = found < max ? found : max;
    for (uint32_t i = 0; i < *count; i++) near[i] = all[i].facility;
    return near;
}
