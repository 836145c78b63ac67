#include "api/process/router.h"

#include "geo/base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX = 200, CHILDREN_MAX = 256 };

enum kind { KIND_LITERAL, KIND_TAILED, KIND_PARAM, KIND_REST };

struct node {
    enum kind kind;
    char *text; /* the literal, or what follows the parameter */
    size_t text_length;
    struct node **children; /* literals first, then tailed, parameter, rest: the order of preference */
    size_t child_count;
    /* the rows that end here */
    const struct route *rows[HTTP_METHODS];
    unsigned allowed;
    unsigned name_count;
    char *names[ROUTE_PARAMS_MAX];
};

struct router {
    struct node *root;
    const struct route *routes;
    size_t count;
};

static void node_free(struct node *node)
{
    if (node == NULL) return;
    for (size_t i = 0; i < node->child_count; i++) node_free(node->children[i]);
    for (unsigned i = 0; i < node->name_count; i++) free(node->names[i]);
    free(node->children);
    free(node->text);
    free(node);
}

/* The child of that kind and text, made when it is not there. NULL when out of memory. */
static struct node *node_child(struct node *node, enum kind kind, const char *text, size_t length)
{
    size_t place = 0;
    for (; place < node->child_count; place++) {
        struct node *child = node->children[place];
        if (child->kind > kind) break;
        if (child->kind == kind && child->text_length == length && memcmp(child->text, text, length) == 0) return child;
    }
    if (node->child_count == CHILDREN_MAX) return NULL;
    struct node **grown = realloc(node->children, (node->child_count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    node->children = grown;
    struct node *child = calloc(1, sizeof *child);
    if (child) child->text = strndup(text, length);
    if (child == NULL || child->text == NULL) {
        free(child);
        return NULL;
    }
    child->kind = kind;
    child->text_length = length;
    memmove(grown + place + 1, grown + place, (node->child_count - place) * sizeof *grown);
    grown[place] = child;
    node->child_count++;
    return child;
}

struct names {
    unsigned count;
    const char *start[ROUTE_PARAMS_MAX];
    size_t length[ROUTE_PARAMS_MAX];
};

/* Reads one segment of a pattern and steps into the tree. Returns the reason it is bad, or NULL. */
static const char *segment_add(struct node **at, const char *text, size_t length, bool last, struct names *names)
{
    const char *open = memchr(text, '{', length);
    enum kind kind = KIND_LITERAL;
    if (open) {
        const char *close = memchr(text, '}', length);
        if (open != text || close == NULL || close == text + 1) return "a parameter is written {name} or {name}tail";
        size_t name_length = (size_t)(close - text) - 1;
        const char *name = text + 1;
        text = close + 1;
        length -= name_length + 2;
        if (memchr(text, '{', length)) return "one parameter to a segment";
        kind = length ? KIND_TAILED : KIND_PARAM;
        if (name_length > 3 && memcmp(name + name_length - 3, "...", 3) == 0) {
            if (!last || length) return "{name...} stands at the end";
            kind = KIND_REST;
            name_length -= 3;
        }
        if (names->count == ROUTE_PARAMS_MAX) return "too many parameters";
        names->start[names->count] = name;
        names->length[names->count++] = name_length;
    }
    *at = node_child(*at, kind, text, length);
    return *at ? NULL : "out of memory";
}

/* Puts one row into the tree. Returns the reason it cannot be, or NULL. */
static const char *row_add(struct router *router, const struct route *row)
{
    const char *p = row->pattern;
    if (p == NULL || p[0] != '/' || strlen(p) > PATTERN_MAX) return "the pattern starts with '/'";
    if (row->handler == NULL) return "no handler";
    if (row->name == NULL || *row->name == '\0' || row->name[strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return "the name is [a-z0-9_]+";
    if (row->roles == 0) return "no role may call it";
    if ((unsigned)row->method >= HTTP_METHODS || row->method == HTTP_HEAD) return "the method cannot be routed";
    bool bodied = row->method == HTTP_POST || row->method == HTTP_PUT || row->method == HTTP_PATCH;
    if (!bodied && row->media_type) return "the method has no body";
    if ((row->media_type == NULL) != (row->max_body == 0)) return "media type and body cap go together";
    for (const struct route *other = router->routes; other < row; other++)
        if (strcmp(other->name, row->name) == 0) return "the name is taken";

    struct node *at = router->root;
    struct names names = {0};
    const char *segment = p + 1;
    while (p[1] != '\0') {
        size_t length = strcspn(segment, "/");
        bool last = segment[length] == '\0';
        if (length == 0 && !last) return "empty segment";
        const char *why = segment_add(&at, segment, length, last, &names);
        if (why) return why;
        if (last) break;
        segment += length + 1;
    }
    if (at->allowed == 0) {
        for (unsigned i = 0; i < names.count; i++) {
            at->names[i] = strndup(names.start[i], names.length[i]);
            if (at->names[i] == NULL) return "out of memory";
            at->name_count = i + 1;
        }
    } else {
        for (unsigned i = 0; i < names.count; i++)
            if (strlen(at->names[i]) != names.length[i] || memcmp(at->names[i], names.start[i], names.length[i]) != 0)
                return "parameters of one path have one name";
    }
    if (at->rows[row->method]) return "path and method are taken";
    at->rows[row->method] = row;
    at->allowed |= 1u << row->method;
    if (row->method == HTTP_GET) at->allowed |= 1u << HTTP_HEAD;
    return NULL;
}

enum status router_new(struct router **out, const struct route *routes, size_t count, struct error *err)
{
    struct router *router = calloc(1, sizeof *router);
    if (router) router->root = calloc(1, sizeof *router->root);
    if (router == NULL || router->root == NULL) {
        router_free(router);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    router->routes = routes;
    router->count = count;
    for (size_t i = 0; i < count; i++) {
        const char *why = row_add(router, &routes[i]);
        if (why == NULL) continue;
        router_free(router);
        return error_set(err, STATUS_INVALID, MESSAGE_ROUTE_BAD, routes[i].pattern ? routes[i].pattern : "-", why);
    }
    *out = router;
    return STATUS_OK;
}

void router_free(struct router *router)
{
    if (router == NULL) return;
    node_free(router->root);
    free(router);
}

struct walk {
    const struct http_target *target;
    struct arena *arena;
    const char *values[ROUTE_PARAMS_MAX];
    enum status status;
};

static const char *join(struct walk *walk, unsigned from)
{
    size_t size = 0;
    for (unsigned i = from; i < walk->target->segment_count; i++) size += strlen(walk->target->segment[i]) + 1;
    char *joined = arena_take(walk->arena, size);
    if (joined == NULL) {
        walk->status = STATUS_NO_MEMORY;
        return "";
    }
    char *w = joined;
    for (unsigned i = from; i < walk->target->segment_count; i++) {
        size_t length = strlen(walk->target->segment[i]);
        memcpy(w, walk->target->segment[i], length);
        w += length;
        *w++ = '/';
    }
    w[-1] = '\0';
    return joined;
}

static const struct node *descend(struct walk *walk, const struct node *node, unsigned depth, unsigned params)
{
    if (depth == walk->target->segment_count) return node->allowed ? node : NULL;
    const char *segment = walk->target->segment[depth];
    size_t length = strlen(segment);
    for (size_t i = 0; i < node->child_count; i++) {
        const struct node *child = node->children[i], *found = NULL;
        switch (child->kind) {
        case KIND_LITERAL:
            if (child->text_length == length && memcmp(child->text, segment, length) == 0)
                found = descend(walk, child, depth + 1, params);
            break;
        case KIND_TAILED:
            if (length > child->text_length &&
                memcmp(segment + length - child->text_length, child->text, child->text_length) == 0) {
                found = descend(walk, child, depth + 1, params + 1);
                if (found) {
                    char *value = arena_copy(walk->arena, segment, length);
                    if (value) value[length - child->text_length] = '\0';
                    else walk->status = STATUS_NO_MEMORY;
                    walk->values[params] = value;
                }
            }
            break;
        case KIND_PARAM:
            if (length > 0) found = descend(walk, child, depth + 1, params + 1);
            if (found) walk->values[params] = segment;
            break;
        case KIND_REST:
            if (length > 0 || depth + 1 < walk->target->segment_count) found = child->allowed ? child : NULL;
            if (found) walk->values[params] = join(walk, depth);
            break;
        }
        if (found) return found;
    }
    return NULL;
}

enum status router_match(const struct router *router, enum http_method method, const struct http_target *target,
                         struct arena *arena, struct route_match *out)
{
    struct walk walk = {.target = target, .arena = arena};
    const struct node *node = descend(&walk, router->root, 0, 0);
    if (node == NULL) return STATUS_NOT_FOUND;
    if (walk.status != STATUS_OK) return walk.status;
    out->route = node->rows[method == HTTP_HEAD ? HTTP_GET : method];
    out->allowed = node->allowed;
    out->params.count = node->name_count;
    for (unsigned i = 0; i < node->name_count; i++) {
        out->params.name[i] = node->names[i];
        out->params.value[i] = walk.values[i];
    }
    return STATUS_OK;
}

size_t router_index(const struct router *router, const struct route *route)
{
    return (size_t)(route - router->routes);
}
