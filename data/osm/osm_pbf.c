#include "data/osm/osm_pbf.h"

#include <readosm.h>
#include <stdlib.h>
#include <unistd.h>

struct pbf {
    const struct osm_handlers *handlers;
    struct error *err;
    enum status failed;
    struct osm_member *members;
    size_t member_capacity;
};

/* The library's tag has the same two members in the same order. */
static struct osm_tags tags_of(const readosm_tag *tags, int count)
{
    _Static_assert(sizeof(readosm_tag) == sizeof(struct osm_tag), "a tag is two pointers");
    return (struct osm_tags){(const struct osm_tag *)(const void *)tags, count > 0 ? (size_t)count : 0};
}

static int result(struct pbf *p, enum status s)
{
    p->failed = s;
    return s == STATUS_OK ? READOSM_OK : READOSM_ABORT;
}

static int on_node(const void *user, const readosm_node *n)
{
    struct pbf *p = (struct pbf *)user;
    const struct osm_node node = {n->id, n->longitude, n->latitude, tags_of(n->tags, n->tag_count)};

    return result(p, p->handlers->node(p->handlers->context, &node, p->err));
}

static int on_way(const void *user, const readosm_way *w)
{
    struct pbf *p = (struct pbf *)user;
    _Static_assert(sizeof(long long) == sizeof(int64_t), "ids are 64 bits");
    const struct osm_way way = {w->id, (const int64_t *)(const void *)w->node_refs,
                                w->node_ref_count > 0 ? (size_t)w->node_ref_count : 0, tags_of(w->tags, w->tag_count)};

    return result(p, p->handlers->way(p->handlers->context, &way, p->err));
}

static int on_relation(const void *user, const readosm_relation *r)
{
    struct pbf *p = (struct pbf *)user;
    size_t count = r->member_count > 0 ? (size_t)r->member_count : 0;

    if (count > p->member_capacity) {
        struct osm_member *members = realloc(p->members, count * sizeof *members);

        if (!members) return result(p, error_set(p->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY));
        p->members = members;
        p->member_capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        p->members[i] = (struct osm_member){r->members[i].member_type == READOSM_MEMBER_NODE  ? OSM_MEMBER_NODE
                                            : r->members[i].member_type == READOSM_MEMBER_WAY ? OSM_MEMBER_WAY
                                                                                              : OSM_MEMBER_RELATION,
                                            r->members[i].id, r->members[i].role ? r->members[i].role : ""};
    const struct osm_relation relation = {r->id, p->members, count, tags_of(r->tags, r->tag_count)};

    return result(p, p->handlers->relation(p->handlers->context, &relation, p->err));
}

static const char *reason(int code)
{
    switch (code) {
    case READOSM_INVALID_PBF_HEADER: return "not a PBF file, or one that ends early";
    case READOSM_UNZIP_ERROR: return "a block cannot be unpacked (only zlib is known)";
    case READOSM_READ_ERROR: return "read error";
    default: return "malformed PBF";
    }
}

enum status osm_pbf_read(const char *path, const struct osm_handlers *handlers, struct error *err)
{
    struct pbf p = {.handlers = handlers, .err = err};
    const void *handle = NULL;
    enum status s = STATUS_OK;
    int code;

    if (access(path, R_OK) != 0) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, "cannot be read");
    code = readosm_open(path, &handle);
    if (code == READOSM_OK)
        code = readosm_parse(handle, &p, handlers->node ? on_node : NULL, handlers->way ? on_way : NULL,
                             handlers->relation ? on_relation : NULL);
    if (p.failed != STATUS_OK) s = p.failed; /* the callback has filled the error */
    else if (code == READOSM_INSUFFICIENT_MEMORY) s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else if (code != READOSM_OK) s = error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, path, reason(code));
    readosm_close(handle);
    free(p.members);
    return s;
}
