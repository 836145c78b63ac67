#include "data/demo/demo_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void demo_model_init(struct demo_model *m, uint64_t seed, unsigned scale)
{
    *m = (struct demo_model){.seed = seed, .scale = scale};
    arena_init(&m->arena, (size_t)1 << 30);
}

void demo_model_clear(struct demo_model *m)
{
#define X(type, one, many, maximum) free(m->many);
    DEMO_ARRAYS(X)
#undef X
    arena_clear(&m->arena);
    *m = (struct demo_model){0};
}

static void *grown(void *data, size_t *capacity, size_t count, size_t size, size_t maximum)
{
    size_t wanted = *capacity ? *capacity * 2 : 64;
    void *bigger;

    if (count < *capacity) return data;
    if (count >= maximum) return NULL;
    if (wanted > maximum) wanted = maximum;
    bigger = realloc(data, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

#define X(type, one, many, maximum)                                                               \
    enum status demo_add_##one(struct demo_model *m, type one, struct error *err)                 \
    {                                                                                             \
        void *data = grown(m->many, &m->one##_capacity, m->one##_count, sizeof(type), (maximum)); \
        if (!data) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);                    \
        m->many = data;                                                                           \
        m->many[m->one##_count++] = one;                                                          \
        return STATUS_OK;                                                                         \
    }
DEMO_ARRAYS(X)
#undef X

enum status demo_draw(struct demo_model *m, struct demo_line line, const struct demo_point *points, size_t count,
                      struct error *err)
{
    enum status s = STATUS_OK;

    line.first_point = m->point_count;
    line.point_count = count;
    if (!line.name) line.name = "";
    if (!line.ref) line.ref = "";
    for (size_t i = 0; s == STATUS_OK && i < count; i++) s = demo_add_point(m, points[i], err);
    return s == STATUS_OK ? demo_add_line(m, line, err) : s;
}

const char *demo_text(struct demo_model *m, const char *format, ...)
{
    char text[256];
    va_list arguments;
    const char *copy;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    copy = arena_strdup(&m->arena, text);
    return copy ? copy : "";
}
