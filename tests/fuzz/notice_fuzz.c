/* The notice reader: whatever comes, every span it gives lies in the text. */
#include "data/rules/notice.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct notice_span span, size_t size)
{
    if (span.begin > span.end || span.end > size) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct notice notice;
    arena_init(&arena, 64 << 20);
    if (notice_read((const char *)data, size, &arena, &notice, NULL) == STATUS_OK) {
        for (uint32_t i = 0; i < notice.item_count; i++) {
            const struct notice_item *item = &notice.items[i];
            inside(item->head, size), inside(item->item, size), inside(item->cause, size), inside(item->road, size);
            inside(item->from, size), inside(item->to, size), inside(item->towards, size), inside(item->district, size);
            if (item->scope == 0 || item->action == 0 || item->road.end == 0) abort();
        }
        for (uint32_t i = 0; i < notice.rest_count; i++) inside(notice.rest[i].span, size);
    }
    arena_clear(&arena);
    return 0;
}
