#include "routing/network/network_build.h"

#include "geo/geodesic.h"
#include "geo/projection.h"
#include "routing/network/component.h"
#include "routing/network/network_rows.h"
#include "routing/network/turn_graph_build.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { END_APART_MM = 1000, TIME_MAX_MS = 1 << 30 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* What is being built. Arrays are written through the mutable pointers of `m`. */
struct assembly {
    struct network_builder *b;
    struct network n;
    struct {
#define X(type, name, count) type *name;
        NETWORK_ARRAYS(X)
#undef X
    } m;
    int64_t *node_ids;  /* ascending */
    uint32_t *node_of;  /* node_ids[i] → node */
    struct point_e7 *points_of; /* by index in node_ids */
    uint32_t *from, *to;        /* by road: index in node_ids, later the node */
    uint32_t *degree;
    uint32_t *table;            /* hash table of texts, then of limit rows */
    uint32_t table_size;
};

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_ids(const void *left, const void *right)
{
    return compare_i64(*(const int64_t *)left, *(const int64_t *)right);
}

/* Index of an id that is in node_ids, or UINT32_MAX. */
static uint32_t id_index(const struct assembly *a, int64_t id)
{
    const int64_t *found =
        a->n.node_count == 0 ? NULL : bsearch(&id, a->node_ids, a->n.node_count, sizeof id, compare_ids);
    return found == NULL ? UINT32_MAX : (uint32_t)(found - a->node_ids);
}

/* Two roads that claim to meet must meet. The place of a node is that of its road with the lowest id. */
static enum status place_end(struct assembly *a, uint32_t *owner, uint32_t road, uint32_t end, struct point_e7 at,
                             struct error *err)
{
    if (owner[end] == UINT32_MAX) {
        owner[end] = road;
        a->points_of[end] = at;
        return STATUS_OK;
    }
    if (point_e7_equal(a->points_of[end], at) || geodesic_distance_mm(a->points_of[end], at) <= END_APART_MM)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, MESSAGE_ROAD_END, (long long)a->b->roads[road].row.id,
                     (long long)a->b->roads[owner[end]].row.id, (long long)a->node_ids[end]);
}

static enum status find_nodes(struct assembly *a, struct error *err)
{
    struct network_builder *b = a->b;
    size_t ends = 2 * b->road_count;
    enum status status = STATUS_OK;
    uint32_t *owner = malloc(ends * sizeof *owner);
    a->node_ids = malloc(ends * sizeof *a->node_ids);
    a->points_of = malloc(ends * sizeof *a->points_of);
    a->from = malloc(b->road_count * sizeof *a->from);
    a->to = malloc(b->road_count * sizeof *a->to);
    if (owner == NULL || a->node_ids == NULL || a->points_of == NULL || a->from == NULL || a->to == NULL) {
        status = no_memory(err);
        goto done;
    }
    for (size_t r = 0; r < b->road_count; r++) {
        a->node_ids[2 * r] = b->roads[r].row.from_node;
        a->node_ids[2 * r + 1] = b->roads[r].row.to_node;
    }
    qsort(a->node_ids, ends, sizeof *a->node_ids, compare_ids);
    uint32_t count = 0;
    for (size_t i = 0; i < ends; i++)
        if (count == 0 || a->node_ids[i] != a->node_ids[count - 1]) a->node_ids[count++] = a->node_ids[i];
    a->n.node_count = count;
    memset(owner, 0xFF, ends * sizeof *owner);
    for (uint32_t r = 0; r < b->road_count && status == STATUS_OK; r++) {
        const struct stored_road *road = &b->roads[r];
        a->from[r] = id_index(a, road->row.from_node);
        a->to[r] = id_index(a, road->row.to_node);
        status = place_end(a, owner, r, a->from[r], b->points[road->shape], err);
        if (status == STATUS_OK)
            status = place_end(a, owner, r, a->to[r], b->points[road->shape + road->row.shape_count - 1], err);
    }
done:
    free(owner);
    return status;
}

/* Position on a Hilbert curve of order 16 over the extent. */
static uint32_t hilbert(uint32_t x, uint32_t y)
{
    uint32_t d = 0;
    for (uint32_t s = 1u << 15; s > 0; s >>= 1) {
        uint32_t rx = (x & s) != 0, ry = (y & s) != 0;
        d += s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx == 1) {
                x = 65535 - x;
                y = 65535 - y;
            }
            uint32_t swap = x;
            x = y;
            y = swap;
        }
    }
    return d;
}

static int compare_u64(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Numbers nodes along the curve; ties by id, since node_ids ascends. */
static enum status number_nodes(struct assembly *a, struct error *err)
{
    uint32_t count = a->n.node_count;
    uint64_t *keys = malloc(count * sizeof *keys);
    a->node_of = malloc(count * sizeof *a->node_of);
    if (keys == NULL || a->node_of == NULL) {
        free(keys);
        return no_memory(err);
    }
    struct box_e7 box = box_e7_of(a->points_of, count);
    int64_t width = (int64_t)box.max_lon_e7 - box.min_lon_e7 + 1, height = (int64_t)box.max_lat_e7 - box.min_lat_e7 + 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t x = (uint32_t)(((int64_t)a->points_of[i].lon_e7 - box.min_lon_e7) * 65536 / width);
        uint32_t y = (uint32_t)(((int64_t)a->points_of[i].lat_e7 - box.min_lat_e7) * 65536 / height);
        keys[i] = (uint64_t)hilbert(x, y) << 32 | i;
    }
    qsort(keys, count, sizeof *keys, compare_u64);
    for (uint32_t i = 0; i < count; i++) a->node_of[(uint32_t)keys[i]] = i;
    free(keys);
    for (size_t r = 0; r < a->b->road_count; r++) {
        a->from[r] = a->node_of[a->from[r]];
        a->to[r] = a->node_of[a->to[r]];
    }
    return STATUS_OK;
}

/* ---- texts and limits, each kept once ---- */

static void table_reset(struct assembly *a)
{
    memset(a->table, 0xFF, a->table_size * sizeof *a->table);
}

/* Offset of a text in n.text, which it is added to if it is new; there is always room, because every text of the rows
 * was stored once in b->text. */
static uint32_t intern_text(struct assembly *a, const char *text)
{
    if (*text == '\0') return 0;
    size_t length = strlen(text);
    uint32_t slot = (uint32_t)(XXH3_64bits(text, length) % a->table_size);
    for (; a->table[slot] != UINT32_MAX; slot = (slot + 1) % a->table_size)
        if (strcmp(a->m.text + a->table[slot], text) == 0) return a->table[slot];
    a->table[slot] = a->n.text_size;
    memcpy(a->m.text + a->n.text_size, text, length + 1);
    a->n.text_size += (uint32_t)length + 1;
    return a->table[slot];
}

static uint32_t intern_limits(struct assembly *a, const uint32_t *row)
{
    uint32_t slot = (uint32_t)(XXH3_64bits(row, LIMIT_COUNT * sizeof *row) % a->table_size);
    for (; a->table[slot] != UINT32_MAX; slot = (slot + 1) % a->table_size)
        if (memcmp(a->m.limits + (size_t)a->table[slot] * LIMIT_COUNT, row, LIMIT_COUNT * sizeof *row) == 0)
            return a->table[slot];
    a->table[slot] = a->n.limits_count;
    memcpy(a->m.limits + (size_t)a->n.limits_count * LIMIT_COUNT, row, LIMIT_COUNT * sizeof *row);
    return a->n.limits_count++;
}

/* Sizes of the two pools, by interning into working memory; leaves the results in from_text … of each road. */
struct pools {
    char *text;
    uint32_t *limits;
    uint32_t *name, *ref, *row; /* by road */
};

static void pools_clear(struct pools *p)
{
    free(p->text);
    free(p->limits);
    free(p->name);
    free(p->ref);
    free(p->row);
}

static enum status fill_pools(struct assembly *a, struct pools *p, struct error *err)
{
    static const uint32_t none[LIMIT_COUNT];
    struct network_builder *b = a->b;
    size_t roads = b->road_count;
    a->table_size = (uint32_t)(4 * roads + 16);
    a->table = malloc(a->table_size * sizeof *a->table);
    p->text = malloc(b->text_size + 1);
    p->limits = malloc((roads + 1) * LIMIT_COUNT * sizeof *p->limits);
    p->name = malloc(roads * sizeof *p->name);
    p->ref = malloc(roads * sizeof *p->ref);
    p->row = malloc(roads * sizeof *p->row);
    if (a->table == NULL || p->text == NULL || p->limits == NULL || p->name == NULL || p->ref == NULL || p->row == NULL)
        return no_memory(err);
    a->m.text = p->text;
    a->m.limits = p->limits;
    a->m.text[0] = '\0';
    a->n.text_size = 1;
    table_reset(a);
    for (size_t r = 0; r < roads; r++) {
        p->name[r] = intern_text(a, b->text + b->roads[r].name);
        p->ref[r] = intern_text(a, b->text + b->roads[r].ref);
    }
    table_reset(a);
    a->n.limits_count = 0;
    intern_limits(a, none);
    for (size_t r = 0; r < roads; r++) p->row[r] = intern_limits(a, b->roads[r].row.limits);
    return STATUS_OK;
}

/* ---- arrays ---- */

static enum status allocate(struct assembly *a, struct error *err)
{
    struct network *n = &a->n;
    n->road_count = (uint32_t)a->b->road_count;
    n->shape_count = (uint32_t)a->b->point_count;
    for (size_t r = 0; r < a->b->road_count; r++) n->arc_count += a->b->roads[r].row.forward + a->b->roads[r].row.backward;
    if (n->arc_count == 0) return error_set(err, STATUS_INVALID, MESSAGE_NETWORK_EMPTY);
    size_t size = network_place(n, NULL);
    n->memory = aligned_alloc(64, size);
    if (n->memory == NULL) return no_memory(err);
    memset(n->memory, 0, size);
    network_place(n, n->memory);
#define X(type, name, count) a->m.name = (type *)n->name;
    NETWORK_ARRAYS(X)
#undef X
    return STATUS_OK;
}

static void fill_nodes(struct assembly *a)
{
    const struct network_builder *b = a->b;
    size_t row = 0;
    for (uint32_t i = 0; i < a->n.node_count; i++) {
        node_id node = a->node_of[i];
        a->m.node_source_id[node] = a->node_ids[i];
        a->m.node_point[node] = a->points_of[i];
        while (row < b->node_count && b->nodes[row].id < a->node_ids[i]) row++;
        if (row < b->node_count && b->nodes[row].id == a->node_ids[i]) a->m.node_flags[node] = b->nodes[row].flags;
    }
}

static void fill_roads(struct assembly *a, const struct pools *p)
{
    const struct network_builder *b = a->b;
    uint32_t at = 0;
    for (uint32_t r = 0; r < a->n.road_count; r++) {
        const struct stored_road *road = &b->roads[r];
        a->m.road_source_id[r] = road->row.id;
        a->m.road_class[r] = (uint8_t)road->row.class;
        a->m.road_flags[r] = road->row.flags;
        a->m.road_layer[r] = road->row.layer;
        a->m.road_name[r] = p->name[r];
        a->m.road_ref[r] = p->ref[r];
        a->m.road_station_id[r] = road->row.station_id;
        a->m.road_limits[r] = p->row[r];
        a->m.road_first_shape[r] = at;
        memcpy(a->m.shape_point + at, b->points + road->shape, road->row.shape_count * sizeof *b->points);
        at += road->row.shape_count;
        a->m.road_arc[2 * (size_t)r] = a->m.road_arc[2 * (size_t)r + 1] = NO_ARC;
    }
    a->m.road_first_shape[a->n.road_count] = at;
    memcpy(a->m.text, p->text, a->n.text_size);
    memcpy(a->m.limits, p->limits, (size_t)a->n.limits_count * LIMIT_COUNT * sizeof *p->limits);
}

static enum status fill_plane(struct assembly *a, struct error *err)
{
    struct network *n = &a->n;
    struct projection *projection = NULL;
    char text[PROJECTION_TEXT_MAX];
    struct box_e7 extent_e7 = box_e7_of(n->shape_point, n->shape_count);
    struct box extent = box_from_e7(&extent_e7);
    enum status status = projection_choose(&extent, text, sizeof text, err);
    if (status != STATUS_OK) return status;
    if (strlen(text) >= sizeof n->projection) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    memcpy(n->projection, text, strlen(text) + 1);
    status = projection_open(text, &projection, err);
    if (status != STATUS_OK) return status;
    status = projection_forward(projection, n->shape_point, n->shape_count, a->m.shape_plane, err);
    projection_close(projection);
    if (status == STATUS_OK) n->plane_extent = box_mm_of(n->shape_plane, n->shape_count);
    return status;
}

/* Length, and the time that follows from it: ms = mm · 3.6 / (km/h), rounded. */
static enum status measure(struct assembly *a, struct error *err)
{
    struct network *n = &a->n;
    for (uint32_t r = 0; r < n->road_count; r++) {
        uint32_t first = n->road_first_shape[r];
        int64_t length = geodesic_line_mm(n->shape_point + first, n->road_first_shape[r + 1] - first);
        if (length < 1) length = 1;
        if (length > TIME_MAX_MS)
            return error_set(err, STATUS_INVALID, MESSAGE_ROAD_LENGTH, (long long)n->road_source_id[r]);
        a->m.road_length_mm[r] = (uint32_t)length;
    }
    for (arc_id arc = 0; arc < n->arc_count; arc++) {
        uint64_t speed = n->arc_speed_kmh[arc];
        uint64_t time = ((uint64_t)network_arc_length_mm(n, arc) * 36 + 5 * speed) / (10 * speed);
        if (time > TIME_MAX_MS)
            return error_set(err, STATUS_INVALID, MESSAGE_ROAD_LENGTH, (long long)n->road_source_id[n->arc_road[arc]]);
        a->m.arc_time_ms[arc] = time < 1 ? 1 : (uint32_t)time;
    }
    return STATUS_OK;
}

static void add_arc(struct assembly *a, uint32_t road, bool backward, arc_id *next)
{
    const struct road_row *row = &a->b->roads[road].row;
    node_id tail = backward ? a->to[road] : a->from[road];
    arc_id arc = next[tail]++;
    a->m.arc_tail[arc] = tail;
    a->m.arc_head[arc] = backward ? a->from[road] : a->to[road];
    a->m.arc_road[arc] = road;
    a->m.arc_reversed[arc] = backward;
    a->m.arc_speed_kmh[arc] = backward ? row->speed_backward_kmh : row->speed_forward_kmh;
    a->m.arc_access_lorry[arc] = backward ? row->access_lorry_backward : row->access_lorry_forward;
    a->m.arc_access_light[arc] = backward ? row->access_light_backward : row->access_light_forward;
    a->m.road_arc[2 * (size_t)road + backward] = arc;
}

/* Arcs by tail; within a tail roads ascend because they are added in that order. */
static enum status fill_arcs(struct assembly *a, struct error *err)
{
    struct network *n = &a->n;
    arc_id *next = malloc((size_t)n->node_count * sizeof *next);
    a->degree = calloc(n->node_count, sizeof *a->degree);
    if (next == NULL || a->degree == NULL) {
        free(next);
        return no_memory(err);
    }
    for (uint32_t r = 0; r < n->road_count; r++) {
        const struct road_row *row = &a->b->roads[r].row;
        if (row->forward) a->m.node_first_arc[a->from[r] + 1]++;
        if (row->backward) a->m.node_first_arc[a->to[r] + 1]++;
        if (!row->forward && !row->backward) continue;
        a->degree[a->from[r]]++;
        a->degree[a->to[r]]++;
    }
    for (node_id v = 0; v < n->node_count; v++) {
        a->m.node_first_arc[v + 1] += a->m.node_first_arc[v];
        next[v] = a->m.node_first_arc[v];
        if (a->degree[v] == 1) a->m.node_flags[v] |= NODE_DEAD_END;
    }
    for (uint32_t r = 0; r < n->road_count; r++) {
        if (a->b->roads[r].row.forward) add_arc(a, r, false, next);
        if (a->b->roads[r].row.backward) add_arc(a, r, true, next);
    }
    for (arc_id arc = 0; arc < n->arc_count; arc++) a->m.node_first_in[n->arc_head[arc] + 1]++;
    for (node_id v = 0; v < n->node_count; v++) {
        a->m.node_first_in[v + 1] += a->m.node_first_in[v];
        next[v] = a->m.node_first_in[v];
    }
    for (arc_id arc = 0; arc < n->arc_count; arc++) a->m.in_arc[next[n->arc_head[arc]]++] = arc;
    free(next);
    return STATUS_OK;
}

/* ---- turn restrictions ---- */

struct sequences {
    struct turn_sequence *items;
    size_t count, room;
};

/* Adds every chain of directed roads that the row's ids fit. */
static enum status resolve_turn(const struct assembly *a, const struct stored_turn *turn, struct sequences *out,
                                struct error *err)
{
    const struct network *n = &a->n;
    road_index roads[TURN_SEQUENCE_MAX];
    uint32_t count = turn->row.via_road_count + 2;
    for (uint32_t i = 0; i < count; i++) {
        int64_t id = i == 0 ? turn->row.from_road : i + 1 == count ? turn->row.to_road : turn->via[i - 1];
        roads[i] = network_road_find(n, id);
        if (roads[i] == NO_ROAD) return STATUS_OK;
    }
    node_id via = NO_NODE;
    if (count == 2) {
        uint32_t index = id_index(a, turn->row.via_node);
        if (index == UINT32_MAX) return STATUS_OK;
        via = a->node_of[index];
    }
    struct turn_sequence sequence = {
        .count = (uint8_t)count, .only = turn->row.only, .subjects = turn->row.subjects};
    for (uint32_t choice = 0; choice < 1u << count; choice++) { /* bit i: road i is driven backwards */
        uint32_t i = 0;
        for (; i < count; i++) {
            arc_id arc = n->road_arc[2 * (size_t)roads[i] + (choice >> i & 1)];
            if (arc == NO_ARC || (i > 0 && !turn_exists(n, sequence.arcs[i - 1], arc))) break;
            sequence.arcs[i] = arc;
        }
        if (i < count || (via != NO_NODE && n->arc_head[sequence.arcs[0]] != via)) continue;
        enum status status =
            rows_reserve((void **)&out->items, &out->room, out->count, 1, sizeof sequence, 4 * (size_t)TURN_ROWS_MAX, err);
        if (status != STATUS_OK) return status;
        out->items[out->count++] = sequence;
    }
    return STATUS_OK;
}

static enum status build_turns(struct assembly *a, struct turn_graph *turns, struct network_build_report *report,
                               struct error *err)
{
    struct sequences sequences = {0};
    struct turn_automaton automaton = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < a->b->turn_count; i++) {
        size_t before = sequences.count;
        if ((status = resolve_turn(a, &a->b->turns[i], &sequences, err)) != STATUS_OK) goto done;
        if (sequences.count > before)
            report->turn_restrictions_used++;
        else
            report->turn_restrictions_unresolved++;
    }
    status = turn_automaton_init(&automaton, a->n.arc_count, sequences.items, sequences.count, err);
    if (status != STATUS_OK) goto done;
    status = turn_graph_build(&a->n, a->degree, &automaton, turns, err);
done:
    turn_automaton_clear(&automaton);
    free(sequences.items);
    return status;
}

/* ---- */

static enum status sign(struct network *n, const struct turn_graph *turns, struct error *err)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) return no_memory(err);
    struct turn_graph sized = *turns;
    uint32_t counts[] = {n->node_count, n->arc_count,  n->road_count,     n->shape_count,   n->limits_count,
                         n->text_size,  turns->arc_count, turns->node_count, turns->turn_count};
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, counts, sizeof counts);
    XXH3_128bits_update(state, n->projection, sizeof n->projection);
    XXH3_128bits_update(state, n->memory, network_place(n, NULL));
    XXH3_128bits_update(state, turns->memory, turn_graph_place(&sized, NULL));
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(state));
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest.digest; i++) {
        n->version[2 * i] = hex[digest.digest[i] >> 4];
        n->version[2 * i + 1] = hex[digest.digest[i] & 15];
    }
    n->version[32] = '\0';
    XXH3_freeState(state);
    return STATUS_OK;
}

enum status network_build(struct network_builder *b, struct network *out, struct turn_graph *turns,
                          struct network_build_report *report, struct error *err)
{
    struct network_build_report unread;
    struct assembly a = {.b = b};
    struct pools pools = {0};
    uint32_t components = 0;
    enum status status;
    if (report == NULL) report = &unread;
    memset(report, 0, sizeof *report);
    memset(out, 0, sizeof *out);
    memset(turns, 0, sizeof *turns);
    if ((status = rows_sort(b, err)) != STATUS_OK) goto done;
    if ((status = find_nodes(&a, err)) != STATUS_OK) goto done;
    if ((status = number_nodes(&a, err)) != STATUS_OK) goto done;
    if ((status = fill_pools(&a, &pools, err)) != STATUS_OK) goto done;
    if ((status = allocate(&a, err)) != STATUS_OK) goto done;
    fill_nodes(&a);
    fill_roads(&a, &pools);
    if ((status = fill_arcs(&a, err)) != STATUS_OK) goto done;
    if ((status = fill_plane(&a, err)) != STATUS_OK) goto done;
    if ((status = measure(&a, err)) != STATUS_OK) goto done;
    if ((status = build_turns(&a, turns, report, err)) != STATUS_OK) goto done;
    if ((status = component_mark(&a.n, turns, a.m.arc_component, &components, err)) != STATUS_OK) goto done;
    if ((status = component_through_ramps(&a.n, turns, a.m.road_flags, err)) != STATUS_OK) goto done;
    report->islands = components - 1;
    for (arc_id arc = 0; arc < a.n.arc_count; arc++) report->island_arcs += a.n.arc_component[arc] != 0;
    if ((status = sign(&a.n, turns, err)) != STATUS_OK) goto done;
    *out = a.n;
    a.n.memory = NULL;
done:
    if (status != STATUS_OK) turn_graph_clear(turns);
    free(a.n.memory);
    free(a.node_ids);
    free(a.node_of);
    free(a.points_of);
    free(a.from);
    free(a.to);
    free(a.degree);
    free(a.table);
    pools_clear(&pools);
    rows_clear(b);
    return status;
}
