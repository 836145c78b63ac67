/* The snapshot file: what is written comes back, and nothing else is believed. */
#include "data/network/snapshot.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/query.h"
#include "tests/unit/network_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <cmocka.h>

enum { DIGEST_AT = 24, DIGEST_SIZE = 16, HEADER_SIZE = 256 };

static char folder[64];
static char path[96];
static unsigned char *good; /* the bytes of a good snapshot */
static size_t good_size;
static struct fixture fixture;

static unsigned seed;

static uint32_t random_next(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void file_write(const unsigned char *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void file_read(void)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct stat st;
    assert_int_equal(fstat(fileno(f), &st), 0);
    good_size = (size_t)st.st_size;
    good = malloc(good_size);
    assert_non_null(good);
    assert_int_equal(fread(good, 1, good_size, f), good_size);
    fclose(f);
}

/* Makes the digest right again, as a forger would. */
static void forge(unsigned char *bytes, size_t size)
{
    memset(bytes + DIGEST_AT, 0, DIGEST_SIZE);
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, bytes, size);
    XXH128_hash_t digest = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    memcpy(bytes + DIGEST_AT, &digest.high64, 8);
    memcpy(bytes + DIGEST_AT + 8, &digest.low64, 8);
}

static int setup(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    const char *text = getenv("SEED");
    seed = text ? (unsigned)strtoul(text, NULL, 10) : 20261127;
    printf("seed %u\n", seed);
    snprintf(folder, sizeof folder, "/tmp/baochang-snapshot.XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    snprintf(path, sizeof path, "%s/network.snapshot", folder);
    fixture_init(&fixture);
    fixture_grid(&fixture, 6, 5, 300, ROAD_PRIMARY);
    FIXTURE_ROAD(&fixture, .id = 9000001, .from = 0, .to = 4005, .class = ROAD_MOTORWAY, .oneway = true, .name = "沪陕高速",
                 .ref = "G40", .limits = {4500}, .bend_count = 1, .bends = {{700, 900}});
    fixture_turn(&fixture, 10, 1, 11, false, TURN_ALL);
    fixture_turn_over(&fixture, 10, (const int64_t[]){20}, 1, 30, false, TURN_LORRY);
    fixture_build(&fixture);
    const struct turn_graph *g = &fixture.turns;
    const struct digraph graph = {g->node_count, g->turn_count, g->first_out, g->head};
    uint32_t *order = malloc(g->node_count * sizeof *order);
    struct hierarchy *hierarchy = NULL;
    if (order == NULL || order_nested_dissection(&graph, NULL, 1, order, &err) != STATUS_OK ||
        hierarchy_new(&graph, order, &hierarchy, &err) != STATUS_OK ||
        snapshot_write(path, &fixture.network, g, hierarchy, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.en);
        return 1;
    }
    free(order);
    hierarchy_free(hierarchy);
    file_read();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    free(good);
    fixture_clear(&fixture);
    return 0;
}

static void what_is_written_comes_back(void **state)
{
    (void)state;
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    file_write(good, good_size);
    assert_int_equal(snapshot_open(path, &base, &err), STATUS_OK);
    const struct network *a = &fixture.network, *b = &base->network;
    assert_string_equal(a->version, b->version);
    assert_string_equal(a->projection, b->projection);
    assert_memory_equal(&a->plane_extent, &b->plane_extent, sizeof a->plane_extent);
#define X(type, name, count)                  \
    {                                         \
        const struct network *n = a;          \
        assert_memory_equal(a->name, b->name, (size_t)(count) * sizeof(type)); \
    }
    NETWORK_ARRAYS(X)
#undef X
    const struct turn_graph *c = &fixture.turns, *d = &base->turns;
#define X(type, name, count)                  \
    {                                         \
        const struct turn_graph *g = c;       \
        if (count) assert_memory_equal(c->name, d->name, (size_t)(count) * sizeof(type)); \
    }
    TURN_GRAPH_ARRAYS(X)
#undef X
    assert_int_equal(base->hierarchy->node_count, c->node_count);
    assert_int_equal(base->hierarchy->edge_count, c->turn_count);
    assert_non_null(base->spatial);
    snapshot_close(base);
}

static void the_same_network_gives_the_same_bytes(void **state)
{
    (void)state;
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    file_write(good, good_size);
    assert_int_equal(snapshot_open(path, &base, &err), STATUS_OK);
    char again[112];
    snprintf(again, sizeof again, "%s.again", path);
    assert_int_equal(snapshot_write(again, &base->network, &base->turns, base->hierarchy, &err), STATUS_OK);
    snapshot_close(base);
    FILE *f = fopen(again, "rb");
    assert_non_null(f);
    unsigned char *bytes = malloc(good_size + 1);
    assert_int_equal(fread(bytes, 1, good_size + 1, f), good_size);
    fclose(f);
    assert_memory_equal(bytes, good, good_size);
    free(bytes);
    unlink(again);
}

/* Opens what is in the file; it must be refused with a reason. */
static void refused(void)
{
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    enum status status = snapshot_open(path, &base, &err);
    assert_int_equal(status, STATUS_CORRUPT);
    assert_null(base);
    assert_true(strlen(err.en) > strlen("snapshot") && strlen(err.zh) > 0);
}

static void every_flipped_byte_is_noticed(void **state)
{
    (void)state;
    unsigned char *bytes = malloc(good_size);
    /* the whole header, then a byte every so often, as the file is some hundred kilobytes */
    for (size_t at = 0; at < good_size; at += at < HEADER_SIZE ? 1 : 61 + random_next() % 300) {
        memcpy(bytes, good, good_size);
        bytes[at] ^= (unsigned char)(1u << random_next() % 8);
        file_write(bytes, good_size);
        refused();
    }
    free(bytes);
}

static void a_file_cut_short_or_grown_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < good_size; size += size < 2 * HEADER_SIZE ? 16 : 997 + random_next() % 5000) {
        file_write(good, size);
        refused();
    }
    unsigned char *bytes = calloc(1, good_size + 64);
    memcpy(bytes, good, good_size);
    file_write(bytes, good_size + 64);
    refused();
    free(bytes);
}

/* Uses a network that was accepted in the way the engine does: nothing may lie outside the arrays (ASan looks on). */
static uint64_t walk(const struct base *base)
{
    const struct network *n = &base->network;
    const struct turn_graph *g = &base->turns;
    uint64_t sum = 0;
    for (arc_id a = 0; a < n->arc_count; a++) {
        road_index r = n->arc_road[a];
        arc_id opposite = network_opposite(n, a);
        sum += n->arc_time_ms[a] + network_limits(n, r)[LIMIT_COUNT - 1] + strlen(network_road_name(n, r)) +
               strlen(network_road_ref(n, r)) + network_arc_length_mm(n, a);
        if (opposite != NO_ARC) sum += n->arc_time_ms[opposite];
        sum += strlen(road_class_code((enum road_class)n->road_class[r]));
        for (uint32_t s = n->road_first_shape[r]; s < n->road_first_shape[r + 1]; s++)
            sum += (uint64_t)n->shape_plane[s].x_mm;
        for (arc_id b = n->node_first_arc[n->arc_head[a]]; b < n->node_first_arc[n->arc_head[a] + 1]; b++)
            sum += n->arc_head[b];
    }
    for (arc_node v = 0; v < g->node_count; v++)
        for (turn_id t = g->first_out[v]; t < g->first_out[v + 1]; t++)
            sum += g->cost_ms[t] + n->arc_time_ms[g->node_arc[g->head[t]]];
    for (uint32_t v = 0; v < base->hierarchy->node_count; v++) {
        uint32_t parent = hierarchy_parent(base->hierarchy, v);
        if (parent != NOTHING) sum += hierarchy_arc_find(base->hierarchy, v, parent);
    }
    return sum;
}

static void a_forged_file_is_refused_or_harmless(void **state)
{
    (void)state;
    unsigned char *bytes = malloc(good_size);
    unsigned accepted = 0;
    uint64_t sum = 0;
    for (int i = 0; i < 1500; i++) {
        memcpy(bytes, good, good_size);
        unsigned changes = 1 + random_next() % 3;
        for (unsigned k = 0; k < changes; k++) {
            /* a header field or a word anywhere gets an extreme or a near value */
            size_t at = (i % 3 == 0 ? random_next() % HEADER_SIZE : random_next() % good_size) & ~(size_t)3;
            uint32_t word;
            memcpy(&word, bytes + at, 4);
            const uint32_t values[] = {0, 1, UINT32_MAX, UINT32_MAX - 1, 0x80000000u, word + 1, word - 1, random_next()};
            word = values[random_next() % 8];
            memcpy(bytes + at, &word, 4);
        }
        forge(bytes, good_size);
        file_write(bytes, good_size);
        struct base *base = NULL;
        struct error err = ERROR_INIT;
        if (snapshot_open(path, &base, &err) != STATUS_OK) {
            assert_null(base);
            continue;
        }
        accepted++;
        sum += walk(base);
        snapshot_close(base);
    }
    free(bytes);
    print_message("%u of 1500 forged files were networks of another kind (%llu)\n", accepted, (unsigned long long)sum % 10);
}

static void what_was_there_stays_when_writing_fails(void **state)
{
    (void)state;
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    file_write(good, good_size);
    assert_int_equal(snapshot_open(path, &base, &err), STATUS_OK);
    /* as on a full disk: the kernel takes so many bytes and no more */
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (size_t room = 0; room < good_size; room += good_size / 5 + 1) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){room, before.rlim_max}), 0);
        assert_int_equal(snapshot_write(path, &base->network, &base->turns, base->hierarchy, &err), STATUS_IO);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    DIR *left = opendir(folder);
    assert_non_null(left);
    int files = 0;
    while (readdir(left) != NULL) files++;
    closedir(left);
    assert_int_equal(files, 3); /* ".", ".." and the snapshot */
    snapshot_close(base);
    assert_int_equal(snapshot_open(path, &base, &err), STATUS_OK);
    snapshot_close(base);
    assert_int_equal(snapshot_open("/nowhere/at/all", &base, &err), STATUS_IO);
}

static void a_new_file_does_not_disturb_who_has_the_old_one_open(void **state)
{
    (void)state;
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    file_write(good, good_size);
    assert_int_equal(snapshot_open(path, &base, &err), STATUS_OK);
    uint64_t before = walk(base);
    assert_int_equal(snapshot_write(path, &base->network, &base->turns, base->hierarchy, &err), STATUS_OK);
    assert_int_equal(unlink(path), 0);
    assert_true(walk(base) == before);
    snapshot_close(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(the_same_network_gives_the_same_bytes),
        cmocka_unit_test(every_flipped_byte_is_noticed),
        cmocka_unit_test(a_file_cut_short_or_grown_is_refused),
        cmocka_unit_test(a_forged_file_is_refused_or_harmless),
        cmocka_unit_test(what_was_there_stays_when_writing_fails),
        cmocka_unit_test(a_new_file_does_not_disturb_who_has_the_old_one_open),
    };
    return cmocka_run_group_tests_name("snapshot", tests, setup, teardown);
}
