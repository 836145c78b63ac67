#include "data/demo/demo.h"

#include "data/demo/demo_details.h"
#include "data/demo/demo_expressway.h"
#include "data/demo/demo_noding.h"
#include "data/demo/demo_streets.h"
#include "data/demo/demo_surface.h"
#include "data/demo/demo_villages.h"

enum status demo_generate(struct demo_model *m, struct error *err)
{
    struct demo_plaza plazas[DEMO_PLAZAS_MAX];
    size_t plaza_count = 0;
    enum status s = demo_draw_surface(m, err);

    if (s == STATUS_OK) s = demo_draw_expressways(m, plazas, &plaza_count, err);
    if (s == STATUS_OK) s = demo_draw_connectors(m, plazas, plaza_count, err);
    if (s == STATUS_OK) s = demo_draw_streets(m, err);
    if (s == STATUS_OK) s = demo_draw_villages(m, err);
    if (s == STATUS_OK) s = demo_node_lines(m, err);
    if (s == STATUS_OK) s = demo_add_details(m, err);
    return s;
}
