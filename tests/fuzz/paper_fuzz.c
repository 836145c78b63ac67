/* Any bytes as a plan on paper: refused, or read into numbers within their bounds. */
#include "api/paper/paper.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct zone zone = {.id = "z", .name = "z"};
static const struct checkpoint checkpoint = {.id = "k", .name = "k"};
static const struct rules_input rules = {.zone_count = 1, .zones = &zone, .checkpoint_count = 1, .checkpoints = &checkpoint};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct crs_cache systems = {.quick = true};
    struct arena arena;
    struct paper paper;
    json_t *document;
    if (reader_parse((const char *)data, size, &document, &err) != STATUS_OK) return 0;
    struct json_at root = {.value = document};
    arena_init(&arena, 64 << 20);
    if (paper_read(&root, &rules, &systems, &arena, &paper, &err) == STATUS_OK) {
        if (paper.plan_count == 0 || paper.plan_count > PAPER_PLANS_MAX) abort();
        for (uint32_t i = 0; i < paper.plan_count; i++)
            for (uint32_t k = 0; k < paper.plans[i].leg_count; k++) {
                const struct paper_leg *leg = &paper.plans[i].legs[k];
                for (uint32_t g = 0; g < leg->leg.gate_count; g++)
                    if (leg->gates[g].passage.zone != 0 || leg->gates[g].passage.checkpoint != 0) abort();
            }
    }
    json_decref(document);
    crs_cache_clear(&systems);
    arena_clear(&arena);
    return 0;
}
