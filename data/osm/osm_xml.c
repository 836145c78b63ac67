#include "data/osm/osm_xml.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum object { NOTHING, NODE, WAY, RELATION };

struct xml {
    const struct osm_handlers *handlers;
    const char *name;
    struct error *err;
    enum status failed;
    XML_Parser parser;
    enum object object; /* whose children are read */
    bool root_seen;
    int64_t id;
    double lon_deg, lat_deg;
    /* parts of the object; texts are offsets, because the pool moves */
    size_t (*tags)[2], tag_count, tag_capacity;
    int64_t *refs;
    size_t ref_count, ref_capacity;
    struct part {
        enum osm_member_type type;
        int64_t id;
        size_t role;
    } *members;
    size_t member_count, member_capacity;
    char *text;
    size_t text_length, text_capacity;
    struct osm_tag *out_tags;
    struct osm_member *out_members;
    size_t out_tag_capacity, out_member_capacity;
};

static void fail(struct xml *x, enum status s)
{
    if (x->failed == STATUS_OK) x->failed = s;
    XML_StopParser(x->parser, XML_FALSE);
}

static void nonsense(struct xml *x, const char *what)
{
    char text[160];

    if (x->failed != STATUS_OK) return;
    snprintf(text, sizeof text, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser), what);
    fail(x, error_set(x->err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, x->name, text));
}

/* Room for one more element, or NULL with the failure set. */
static void *room(struct xml *x, void *data, size_t *capacity, size_t count, size_t size, size_t most, const char *what)
{
    size_t wanted = *capacity ? *capacity * 2 : 64;
    void *bigger;

    if (count < *capacity) return data;
    if (count >= most) {
        fail(x, error_set(x->err, STATUS_TOO_LARGE, MESSAGE_IMPORT_TOO_LARGE, what));
        return NULL;
    }
    bigger = realloc(data, wanted * size);
    if (!bigger) {
        fail(x, error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY));
        return NULL;
    }
    *capacity = wanted;
    return bigger;
}

static bool keep_text(struct xml *x, const char *text, size_t *offset)
{
    size_t length = strlen(text) + 1;

    if (x->text_length + length > OSM_TEXT_MAX) {
        fail(x, error_set(x->err, STATUS_TOO_LARGE, MESSAGE_IMPORT_TOO_LARGE, "text of one object"));
        return false;
    }
    while (x->text_length + length > x->text_capacity) {
        char *bigger = room(x, x->text, &x->text_capacity, x->text_capacity, 1, OSM_TEXT_MAX + 1, "text of one object");

        if (!bigger) return false;
        x->text = bigger;
    }
    memcpy(x->text + x->text_length, text, length);
    *offset = x->text_length;
    x->text_length += length;
    return true;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (strcmp(attributes[i], name) == 0) return attributes[i + 1];
    return NULL;
}

static bool integer(const char *text, int64_t *out)
{
    char *end;
    long long value;

    if (!text || !*text) return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || *end) return false;
    *out = value;
    return true;
}

static bool decimal(const char *text, double *out)
{
    char *end;

    if (!text || !*text || strspn(text, "+-0123456789.eE") != strlen(text)) return false; /* no hex, no inf, no blanks */
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

static void begin_object(struct xml *x, enum object object, const XML_Char **attributes)
{
    const char *deleted = attribute(attributes, "action"), *visible = attribute(attributes, "visible");

    x->tag_count = x->ref_count = x->member_count = x->text_length = 0;
    if (!integer(attribute(attributes, "id"), &x->id)) {
        nonsense(x, "an object without a whole-number id");
        return;
    }
    x->object = object;
    if ((deleted && strcmp(deleted, "delete") == 0) || (visible && strcmp(visible, "false") == 0)) x->object = NOTHING;
    if (x->object == NODE && (!decimal(attribute(attributes, "lon"), &x->lon_deg) || !decimal(attribute(attributes, "lat"), &x->lat_deg)))
        nonsense(x, "a node without lon and lat");
}

static void add_tag(struct xml *x, const XML_Char **attributes)
{
    const char *key = attribute(attributes, "k"), *value = attribute(attributes, "v");
    void *bigger;

    if (!key || !value) {
        nonsense(x, "a tag without k and v");
        return;
    }
    bigger = room(x, x->tags, &x->tag_capacity, x->tag_count, sizeof *x->tags, OSM_TAGS_MAX, "tags of one object");
    if (!bigger) return;
    x->tags = bigger;
    if (keep_text(x, key, &x->tags[x->tag_count][0]) && keep_text(x, value, &x->tags[x->tag_count][1])) x->tag_count++;
}

static void add_ref(struct xml *x, const XML_Char **attributes)
{
    void *bigger = room(x, x->refs, &x->ref_capacity, x->ref_count, sizeof *x->refs, OSM_REFS_MAX, "nodes of one way");

    if (!bigger) return;
    x->refs = bigger;
    if (integer(attribute(attributes, "ref"), &x->refs[x->ref_count])) x->ref_count++;
    else nonsense(x, "a node reference that is no number");
}

static void add_member(struct xml *x, const XML_Char **attributes)
{
    const char *type = attribute(attributes, "type"), *role = attribute(attributes, "role");
    void *bigger = room(x, x->members, &x->member_capacity, x->member_count, sizeof *x->members, OSM_MEMBERS_MAX,
                        "members of one relation");
    struct part *p;

    if (!bigger) return;
    x->members = bigger;
    p = &x->members[x->member_count];
    if (!type || !integer(attribute(attributes, "ref"), &p->id)) {
        nonsense(x, "a member without type and ref");
        return;
    }
    p->type = strcmp(type, "node") == 0 ? OSM_MEMBER_NODE : strcmp(type, "way") == 0 ? OSM_MEMBER_WAY : OSM_MEMBER_RELATION;
    if (keep_text(x, role ? role : "", &p->role)) x->member_count++;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct xml *x = user;

    if (x->failed != STATUS_OK) return;
    if (!x->root_seen) {
        x->root_seen = true;
        if (strcmp(name, "osm") != 0) nonsense(x, "the document's element is not <osm>");
        return;
    }
    if (strcmp(name, "node") == 0) begin_object(x, NODE, attributes);
    else if (strcmp(name, "way") == 0) begin_object(x, WAY, attributes);
    else if (strcmp(name, "relation") == 0) begin_object(x, RELATION, attributes);
    else if (x->object != NOTHING && strcmp(name, "tag") == 0) add_tag(x, attributes);
    else if (x->object == WAY && strcmp(name, "nd") == 0) add_ref(x, attributes);
    else if (x->object == RELATION && strcmp(name, "member") == 0) add_member(x, attributes);
}

/* Pointers into the text pool, now that it no longer moves. */
static bool resolve(struct xml *x, struct osm_tags *tags)
{
    if (x->tag_count > x->out_tag_capacity) {
        struct osm_tag *bigger = realloc(x->out_tags, x->tag_capacity * sizeof *bigger);

        if (!bigger) return false;
        x->out_tags = bigger;
        x->out_tag_capacity = x->tag_capacity;
    }
    if (x->member_count > x->out_member_capacity) {
        struct osm_member *bigger = realloc(x->out_members, x->member_capacity * sizeof *bigger);

        if (!bigger) return false;
        x->out_members = bigger;
        x->out_member_capacity = x->member_capacity;
    }
    for (size_t i = 0; i < x->tag_count; i++)
        x->out_tags[i] = (struct osm_tag){x->text + x->tags[i][0], x->text + x->tags[i][1]};
    for (size_t i = 0; i < x->member_count; i++)
        x->out_members[i] = (struct osm_member){x->members[i].type, x->members[i].id, x->text + x->members[i].role};
    *tags = (struct osm_tags){x->out_tags, x->tag_count};
    return true;
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct xml *x = user;
    const struct osm_handlers *h = x->handlers;
    enum object object = x->object;
    enum status s = STATUS_OK;
    struct osm_tags tags;

    if (x->failed != STATUS_OK) return;
    if ((object != NODE || strcmp(name, "node") != 0) && (object != WAY || strcmp(name, "way") != 0) &&
        (object != RELATION || strcmp(name, "relation") != 0))
        return;
    x->object = NOTHING;
    if (!resolve(x, &tags)) {
        fail(x, error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY));
        return;
    }
    if (object == NODE && h->node)
        s = h->node(h->context, &(struct osm_node){x->id, x->lon_deg, x->lat_deg, tags}, x->err);
    if (object == WAY && h->way) s = h->way(h->context, &(struct osm_way){x->id, x->refs, x->ref_count, tags}, x->err);
    if (object == RELATION && h->relation)
        s = h->relation(h->context, &(struct osm_relation){x->id, x->out_members, x->member_count, tags}, x->err);
    if (s != STATUS_OK) fail(x, s);
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public, int subset)
{
    (void)name, (void)system, (void)public, (void)subset;
    nonsense(user, "a document type declaration");
}

static enum status begin(struct xml *x, const char *name, const struct osm_handlers *handlers, struct error *err)
{
    *x = (struct xml){.handlers = handlers, .name = name, .err = err, .parser = XML_ParserCreate(NULL)};
    if (!x->parser) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return STATUS_OK;
}

/* After a piece of input: the callbacks' failure, or the parser's. */
static enum status outcome(struct xml *x, enum XML_Status parsed)
{
    char text[160];

    if (x->failed != STATUS_OK) return x->failed;
    if (parsed == XML_STATUS_OK) return STATUS_OK;
    if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY) return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    snprintf(text, sizeof text, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser),
             XML_ErrorString(XML_GetErrorCode(x->parser)));
    return error_set(x->err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, x->name, text);
}

static void end(struct xml *x)
{
    if (x->parser) XML_ParserFree(x->parser);
    free(x->tags);
    free(x->refs);
    free(x->members);
    free(x->text);
    free(x->out_tags);
    free(x->out_members);
}

enum status osm_xml_parse(const char *name, const char *text, size_t length, const struct osm_handlers *handlers,
                          struct error *err)
{
    struct xml x;
    enum status s = begin(&x, name, handlers, err);

    while (s == STATUS_OK) {
        int piece = length > 1 << 20 ? 1 << 20 : (int)length;
        bool last = (size_t)piece == length;

        s = outcome(&x, XML_Parse(x.parser, text, piece, last));
        text += piece;
        length -= (size_t)piece;
        if (last) break;
    }
    end(&x);
    return s;
}

enum status osm_xml_read(const char *path, const struct osm_handlers *handlers, struct error *err)
{
    enum { PIECE = 1 << 18 };
    struct xml x = {0};
    gzFile file = gzopen(path, "rb");
    enum status s;

    if (!file) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, strerror(errno));
    gzbuffer(file, PIECE);
    s = begin(&x, path, handlers, err);
    while (s == STATUS_OK) {
        void *space = XML_GetBuffer(x.parser, PIECE);
        int count = space ? gzread(file, space, PIECE) : -1, code;

        if (!space) {
            s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        } else if (count < 0) {
            s = error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, path, gzerror(file, &code));
        } else {
            s = outcome(&x, XML_ParseBuffer(x.parser, count, count == 0));
            if (count == 0) break;
        }
    }
    if (gzclose(file) != Z_OK && s == STATUS_OK) /* a gzip file that ends early */
        s = error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, path, "the compressed data ends early");
    end(&x);
    return s;
}
