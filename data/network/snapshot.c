#include "data/network/snapshot.h"

#include "data/network/snapshot_check.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { FORMAT = 1, ALIGNMENT = 64, BYTE_ORDER_MARK = 0x01020304 };

struct snapshot_header {
    char magic[8]; /* "BAOCHANG" */
    uint32_t format, byte_order;
    uint64_t file_size;
    uint64_t digest_high, digest_low; /* of the header with these two zero, then the rest */
    uint64_t hierarchy_size;
    uint32_t node_count, arc_count, road_count, shape_count, limits_count, text_size;
    uint32_t turn_node_count, turn_count;
    struct box_mm plane_extent;
    char projection[96];
    char version[33];
    char reserved[31]; /* zero */
};
static_assert(sizeof(struct snapshot_header) == 256, "the header has no padding and is aligned");
static_assert(sizeof(struct snapshot_header) % ALIGNMENT == 0, "the first array is aligned");

/* ---- layout ------------------------------------------------------------------------------------------------ */

static uint64_t aligned(uint64_t size)
{
    return (size + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* Called for each array in the order of the file: its place in the struct, bytes, and where it starts. Counts are 32
 * bits wide and elements small, so nothing overflows 64 bits. */
typedef enum status (*array_visit)(void *context, const void **array, uint64_t offset, uint64_t bytes);

static enum status visit_arrays(struct network *n, struct turn_graph *g, uint64_t *end, array_visit visit,
                                void *context)
{
    uint64_t offset = sizeof(struct snapshot_header);
    enum status status = STATUS_OK;
#define X(type, name, count)                                                                             \
    if (status == STATUS_OK) {                                                                            \
        uint64_t bytes = (uint64_t)(count) * sizeof(type);                                                \
        if (visit) status = visit(context, (const void **)(void *)&owner->name, offset, bytes);           \
        offset += aligned(bytes);                                                                         \
    }
    struct network *owner_n = n;
    {
        struct network *owner = owner_n;
        NETWORK_ARRAYS(X)
    }
    {
        struct turn_graph *owner = g;
        TURN_GRAPH_ARRAYS(X)
    }
#undef X
    *end = offset;
    return status;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

struct sink {
    int fd;
    XXH3_state_t *digest;
    int error;
};

static enum status put(struct sink *sink, const void *data, uint64_t size)
{
    XXH3_128bits_update(sink->digest, data, size);
    const char *p = data;
    while (size > 0) {
        ssize_t n = write(sink->fd, p, size < (1u << 30) ? size : 1u << 30);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            sink->error = n < 0 ? errno : ENOSPC;
            return STATUS_IO;
        }
        p += n;
        size -= (uint64_t)n;
    }
    return STATUS_OK;
}

static enum status put_padded(struct sink *sink, const void *data, uint64_t size)
{
    static const char zeros[ALIGNMENT];
    enum status status = put(sink, data, size);
    return status == STATUS_OK ? put(sink, zeros, aligned(size) - size) : status;
}

static enum status put_array(void *context, const void **array, uint64_t offset, uint64_t bytes)
{
    (void)offset;
    return put_padded(context, *array, bytes);
}

static enum status io_error(struct error *err, const char *path, int number)
{
    char text[128];
    const char *why = strerror_r(number, text, sizeof text);
    return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, why);
}

/* So that the new name survives a power cut. */
static void sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof folder) return;
    memcpy(folder, path, length);
    folder[length] = '\0';
    int fd = open(slash ? (length ? folder : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

static void header_fill(struct snapshot_header *h, const struct network *n, const struct turn_graph *g,
                        uint64_t hierarchy_size)
{
    memset(h, 0, sizeof *h);
    memcpy(h->magic, "BAOCHANG", 8);
    h->format = FORMAT;
    h->byte_order = BYTE_ORDER_MARK;
    h->hierarchy_size = hierarchy_size;
    h->node_count = n->node_count;
    h->arc_count = n->arc_count;
    h->road_count = n->road_count;
    h->shape_count = n->shape_count;
    h->limits_count = n->limits_count;
    h->text_size = n->text_size;
    h->turn_node_count = g->node_count;
    h->turn_count = g->turn_count;
    h->plane_extent = n->plane_extent;
    snprintf(h->projection, sizeof h->projection, "%s", n->projection);
    snprintf(h->version, sizeof h->version, "%s", n->version);
}

static enum status write_content(struct sink *sink, const struct network *network, const struct turn_graph *turns,
                                 const void *region, uint64_t region_size)
{
    struct network n = *network; /* copies of the pointers only */
    struct turn_graph g = *turns;
    struct snapshot_header header;
    uint64_t arrays_end;
    enum status status = visit_arrays(&n, &g, &arrays_end, NULL, NULL);
    header_fill(&header, network, turns, region_size);
    header.file_size = arrays_end + aligned(region_size);
    XXH3_128bits_reset(sink->digest);
    if (status == STATUS_OK) status = put(sink, &header, sizeof header);
    if (status == STATUS_OK) status = visit_arrays(&n, &g, &arrays_end, put_array, sink);
    if (status == STATUS_OK) status = put_padded(sink, region, region_size);
    if (status != STATUS_OK) return status;
    XXH128_hash_t digest = XXH3_128bits_digest(sink->digest);
    header.digest_high = digest.high64;
    header.digest_low = digest.low64;
    if (pwrite(sink->fd, &header, sizeof header, 0) != (ssize_t)sizeof header || fsync(sink->fd) != 0) {
        sink->error = errno;
        return STATUS_IO;
    }
    return STATUS_OK;
}

enum status snapshot_write(const char *path, const struct network *network, const struct turn_graph *turns,
                           const struct hierarchy *hierarchy, struct error *err)
{
    struct sink sink = {.fd = -1, .digest = XXH3_createState()};
    size_t region_size = hierarchy_save_size(hierarchy);
    void *region = aligned_alloc(ALIGNMENT, aligned(region_size));
    char temporary[4096];
    bool made = false;
    enum status status = STATUS_OK;
    if (sink.digest == NULL || region == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.%d.new", path, (int)getpid()) >= sizeof temporary) {
        status = io_error(err, path, ENAMETOOLONG);
        goto done;
    }
    hierarchy_save(hierarchy, region);
    sink.fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (sink.fd < 0) {
        status = io_error(err, temporary, errno);
        goto done;
    }
    made = true;
    status = write_content(&sink, network, turns, region, region_size);
    if (close(sink.fd) != 0 && status == STATUS_OK) {
        sink.error = errno;
        status = STATUS_IO;
    }
    if (status == STATUS_OK && rename(temporary, path) != 0) {
        sink.error = errno;
        status = STATUS_IO;
    }
    if (status != STATUS_OK) {
        status = io_error(err, temporary, sink.error);
        goto done;
    }
    made = false;
    sync_folder(path);
done:
    if (made) unlink(temporary);
    XXH3_freeState(sink.digest);
    free(region);
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------------------- */

struct mapping {
    const unsigned char *bytes;
    size_t size;
};

static void unmap(void *owner)
{
    struct mapping *m = owner;
    if (m == NULL) return;
    if (m->bytes) munmap((void *)(uintptr_t)m->bytes, m->size);
    free(m);
}

static enum status map_file(const char *path, struct mapping *m, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return io_error(err, path, errno);
    struct stat st;
    enum status status = STATUS_OK;
    if (fstat(fd, &st) != 0) {
        status = io_error(err, path, errno);
    } else if (!S_ISREG(st.st_mode) || st.st_size == 0) {
        status = error_set(err, STATUS_CORRUPT, MESSAGE_SNAPSHOT_CORRUPT, path, "too short");
    } else {
        void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED) status = io_error(err, path, errno);
        else *m = (struct mapping){bytes, (size_t)st.st_size};
    }
    close(fd);
    return status;
}

static enum status point_array(void *context, const void **array, uint64_t offset, uint64_t bytes)
{
    (void)bytes;
    const struct mapping *m = context;
    *array = m->bytes + offset;
    return STATUS_OK;
}

/* Fills the structs from the mapped file. NULL, or what is wrong with it. */
static const char *read_content(const struct mapping *m, struct base *base)
{
    struct snapshot_header h;
    memcpy(&h, m->bytes, sizeof h);
    if (memcmp(h.magic, "BAOCHANG", 8) != 0) return "not a snapshot of baochang";
    if (h.byte_order != BYTE_ORDER_MARK) return "made on a machine of another byte order";
    if (h.format != FORMAT) return "made by another version of the program; run baochang prepare again";
    if (h.file_size != m->size) return "cut short or grown";

    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) return "out of memory";
    struct snapshot_header blank = h;
    blank.digest_high = blank.digest_low = 0;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, &blank, sizeof blank);
    XXH3_128bits_update(state, m->bytes + sizeof h, m->size - sizeof h);
    XXH128_hash_t digest = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    if (digest.high64 != h.digest_high || digest.low64 != h.digest_low) return "damaged: the digest differs";

    struct network *n = &base->network;
    n->node_count = h.node_count;
    n->arc_count = h.arc_count;
    n->road_count = h.road_count;
    n->shape_count = h.shape_count;
    n->limits_count = h.limits_count;
    n->text_size = h.text_size;
    n->plane_extent = h.plane_extent;
    memcpy(n->projection, h.projection, sizeof n->projection);
    memcpy(n->version, h.version, sizeof n->version);
    struct turn_graph *g = &base->turns;
    g->arc_count = h.arc_count;
    g->node_count = h.turn_node_count;
    g->turn_count = h.turn_count;
    if (g->node_count < g->arc_count) return "turn counts";
    uint64_t end;
    (void)visit_arrays(n, g, &end, point_array, (void *)(uintptr_t)m);
    if (h.hierarchy_size > m->size || end + aligned(h.hierarchy_size) != m->size) return "counts and size disagree";
    const char *fault = network_fault(n);
    return fault ? fault : turn_graph_fault(g, n);
}

/* From mapped bytes to a base that does not own them yet. */
static enum status base_read(const struct mapping *m, const char *name, struct base *base, struct error *err)
{
    if (m->size < sizeof(struct snapshot_header))
        return error_set(err, STATUS_CORRUPT, MESSAGE_SNAPSHOT_CORRUPT, name, "too short");
    const char *fault = read_content(m, base);
    if (fault) return error_set(err, STATUS_CORRUPT, MESSAGE_SNAPSHOT_CORRUPT, name, fault);
    struct snapshot_header header;
    memcpy(&header, m->bytes, sizeof header);
    const unsigned char *region = m->bytes + m->size - aligned(header.hierarchy_size);
    enum status status = hierarchy_open(region, header.hierarchy_size, &base->hierarchy, err);
    if (status != STATUS_OK) return status;
    if (base->hierarchy->node_count != base->turns.node_count ||
        base->hierarchy->edge_count != base->turns.turn_count)
        return error_set(err, STATUS_CORRUPT, MESSAGE_SNAPSHOT_CORRUPT, name, "the hierarchy is of another network");
    return spatial_new(&base->network, &base->spatial, err);
}

enum status snapshot_open(const char *path, struct base **out, struct error *err)
{
    *out = NULL;
    struct base *base = calloc(1, sizeof *base);
    struct mapping *m = calloc(1, sizeof *m);
    if (base == NULL || m == NULL) {
        free(base);
        free(m);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    base->owner = m;
    base->release = unmap;
    enum status status = map_file(path, m, err);
    if (status == STATUS_OK) status = base_read(m, path, base, err);
    if (status != STATUS_OK) {
        snapshot_close(base);
        return status;
    }
    *out = base;
    return STATUS_OK;
}

enum status snapshot_read(const void *bytes, size_t size, const char *name, struct base **out, struct error *err)
{
    *out = NULL;
    const struct mapping m = {bytes, size};
    struct base *base = calloc(1, sizeof *base);
    if (base == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = base_read(&m, name, base, err);
    if (status != STATUS_OK) {
        snapshot_close(base);
        return status;
    }
    *out = base;
    return STATUS_OK;
}

void snapshot_close(struct base *base)
{
    if (base == NULL) return;
    spatial_free(base->spatial);
    hierarchy_free(base->hierarchy);
    if (base->release) base->release(base->owner);
    free(base);
}
