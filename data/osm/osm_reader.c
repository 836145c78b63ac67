#include "data/osm/osm_reader.h"

#include "data/osm/osm_pbf.h"
#include "data/osm/osm_xml.h"

#include <string.h>
#include <strings.h>

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcasecmp(text + a - b, end) == 0;
}

bool osm_reader_takes(const char *path)
{
    return ends_with(path, ".pbf") || ends_with(path, ".osm") || ends_with(path, ".osm.gz") || ends_with(path, ".osm.xml");
}

enum status osm_read(const char *path, const struct osm_handlers *handlers, struct error *err)
{
    if (ends_with(path, ".pbf")) return osm_pbf_read(path, handlers, err);
    if (osm_reader_takes(path)) return osm_xml_read(path, handlers, err);
    return error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, path, ".osm, .osm.gz, .pbf");
}

const char *osm_tag_get(struct osm_tags tags, const char *key)
{
    for (size_t i = 0; i < tags.count; i++)
        if (strcmp(tags.items[i].key, key) == 0) return tags.items[i].value;
    return NULL;
}
