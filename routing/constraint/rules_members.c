#include "routing/constraint/rules_members.h"

#include <stdlib.h>
#include <string.h>

/* Above this many zones that differ (or a sixteenth of all) everything is joined anew. */
enum { FRESH_MIN = 16, FRESH_SHARE = 16 };

void rules_members_clear(struct rules_members *m)
{
    free(m->arc_first_member);
    free(m->member);
    free(m->stretches);
    free(m->zone_first_arc);
    free(m->zone_arc);
    free(m->zone_first_stretch);
    *m = (struct rules_members){0};
}

static enum status too_large(struct error *err)
{
    return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, (size_t)INT32_MAX);
}

/* Room for the counts in `m`. */
static enum status allocate(struct rules_members *m, uint32_t arc_count, struct error *err)
{
    m->arc_first_member = calloc((size_t)arc_count + 1, sizeof *m->arc_first_member);
    m->member = malloc(((size_t)m->member_count + 1) * sizeof *m->member);
    m->stretches = malloc(((size_t)m->stretch_count + 1) * sizeof *m->stretches);
    m->zone_arc = malloc(((size_t)m->member_count + 1) * sizeof *m->zone_arc);
    if (m->arc_first_member == NULL || m->member == NULL || m->stretches == NULL || m->zone_arc == NULL)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

static void copy_zone(struct rules_members *m, const struct zone_set *set, uint32_t zone)
{
    memcpy(m->zone_arc + m->zone_first_arc[zone], set->arcs, set->arc_count * sizeof *set->arcs);
    memcpy(m->stretches + m->zone_first_stretch[zone], set->stretches,
           set->first_stretch[set->arc_count] * sizeof *set->stretches);
}

static struct membership membership_of(const struct rules_members *m, const struct zone_set *set, uint32_t zone,
                                       uint32_t i)
{
    return (struct membership){zone, m->zone_first_stretch[zone] + set->first_stretch[i],
                               set->first_stretch[i + 1] - set->first_stretch[i]};
}

static enum status join_anew(uint32_t arc_count, struct zone_set *const *sets, uint32_t zone_count,
                             struct rules_members *m, struct error *err)
{
    uint64_t members = 0, stretches = 0;
    for (uint32_t z = 0; z < zone_count; z++) {
        m->zone_first_arc[z] = (uint32_t)members;
        m->zone_first_stretch[z] = (uint32_t)stretches;
        members += sets[z]->arc_count;
        stretches += sets[z]->first_stretch[sets[z]->arc_count];
        if (members > INT32_MAX || stretches > INT32_MAX) return too_large(err);
    }
    m->zone_first_arc[zone_count] = m->member_count = (uint32_t)members;
    m->zone_first_stretch[zone_count] = m->stretch_count = (uint32_t)stretches;
    enum status status = allocate(m, arc_count, err);
    if (status != STATUS_OK) return status;

    uint32_t *first = m->arc_first_member;
    for (uint32_t z = 0; z < zone_count; z++) {
        copy_zone(m, sets[z], z);
        for (uint32_t i = 0; i < sets[z]->arc_count; i++) first[sets[z]->arcs[i] + 1]++;
    }
    for (uint32_t a = 0; a < arc_count; a++) first[a + 1] += first[a];
    for (uint32_t z = 0; z < zone_count; z++) /* zones ascend, so those of an arc do; first[a] moves to the end of a */
        for (uint32_t i = 0; i < sets[z]->arc_count; i++)
            m->member[first[sets[z]->arcs[i]]++] = membership_of(m, sets[z], z, i);
    for (uint32_t a = arc_count; a > 0; a--) first[a] = first[a - 1];
    first[0] = 0;
    return STATUS_OK;
}

/* ---- on top of the version before ---- */

/* Which zones are those of before, in the same order. */
struct matching {
    uint32_t *now; /* [zone_count_before] the zone's index now, UINT32_MAX if it is gone or changed */
    uint32_t *was; /* [zone_count] its index before, UINT32_MAX if it is fresh */
    uint32_t fresh_count;
};

/* Side by side; where they part, by one step of look-ahead: inserted, removed or changed. */
static void match(struct matching *m, struct zone_set *const *sets, uint32_t count, struct zone_set *const *before,
                  uint32_t count_before)
{
    uint32_t z = 0, o = 0;
    memset(m->now, 0xFF, (size_t)count_before * sizeof *m->now);
    memset(m->was, 0xFF, (size_t)count * sizeof *m->was);
    m->fresh_count = count;
    while (z < count && o < count_before) {
        if (sets[z] == before[o]) {
            m->now[o] = z;
            m->was[z] = o;
            m->fresh_count--;
            z++;
            o++;
        } else if (z + 1 < count && sets[z + 1] == before[o]) {
            z++;
        } else if (o + 1 < count_before && sets[z] == before[o + 1]) {
            o++;
        } else {
            z++;
            o++;
        }
    }
}

struct fresh {
    arc_id arc;
    struct membership membership;
};

static int compare_fresh(const void *left, const void *right)
{
    const struct fresh *a = left, *b = right;
    if (a->arc != b->arc) return a->arc < b->arc ? -1 : 1;
    return (a->membership.zone > b->membership.zone) - (a->membership.zone < b->membership.zone);
}

/* By zone: arrays of kept zones are copied in runs, those of fresh ones from their sets. */
static void merge_zones(struct rules_members *m, const struct rules_members *before, const struct matching *matching,
                        struct zone_set *const *sets, uint32_t zone_count)
{
    for (uint32_t z = 0, end; z < zone_count; z = end) {
        uint32_t o = matching->was[z];
        end = z + 1;
        if (o == UINT32_MAX) {
            copy_zone(m, sets[z], z);
            continue;
        }
        while (end < zone_count && matching->was[end] == o + (end - z)) end++;
        uint32_t last = o + (end - z);
        memcpy(m->zone_arc + m->zone_first_arc[z], before->zone_arc + before->zone_first_arc[o],
               (before->zone_first_arc[last] - before->zone_first_arc[o]) * sizeof *m->zone_arc);
        memcpy(m->stretches + m->zone_first_stretch[z], before->stretches + before->zone_first_stretch[o],
               (before->zone_first_stretch[last] - before->zone_first_stretch[o]) * sizeof *m->stretches);
    }
}

/* By arc: the entries of before under their new numbers, with the fresh ones among them. `moved` [zones before] is by
 * how much the stretches of a zone have moved (modulo 2³²). */
static void merge_arcs(struct rules_members *m, const struct rules_members *before, uint32_t arc_count,
                       const struct matching *matching, const uint32_t *moved, const struct fresh *fresh,
                       uint32_t fresh_count)
{
    uint32_t out = 0, f = 0;
    for (uint32_t a = 0; a < arc_count; a++) {
        m->arc_first_member[a] = out;
        for (uint32_t i = before->arc_first_member[a]; i < before->arc_first_member[a + 1]; i++) {
            struct membership was = before->member[i];
            uint32_t zone = matching->now[was.zone];
            if (zone == UINT32_MAX) continue;
            while (f < fresh_count && fresh[f].arc == a && fresh[f].membership.zone < zone)
                m->member[out++] = fresh[f++].membership;
            m->member[out++] =
                (struct membership){zone, was.first_stretch + moved[was.zone], was.stretch_count};
        }
        while (f < fresh_count && fresh[f].arc == a) m->member[out++] = fresh[f++].membership;
    }
    m->arc_first_member[arc_count] = out;
}

static enum status join_on_top(uint32_t arc_count, struct zone_set *const *sets, uint32_t zone_count,
                               const struct rules_members *before, uint32_t zone_count_before,
                               const struct matching *matching, struct rules_members *m, struct error *err)
{
    uint64_t members = 0, stretches = 0, fresh_members = 0;
    for (uint32_t z = 0; z < zone_count; z++) {
        uint32_t o = matching->was[z];
        bool kept = o != UINT32_MAX;
        uint32_t arcs = kept ? before->zone_first_arc[o + 1] - before->zone_first_arc[o] : sets[z]->arc_count;
        m->zone_first_arc[z] = (uint32_t)members;
        m->zone_first_stretch[z] = (uint32_t)stretches;
        members += arcs;
        stretches += kept ? before->zone_first_stretch[o + 1] - before->zone_first_stretch[o]
                          : sets[z]->first_stretch[arcs];
        if (!kept) fresh_members += arcs;
        if (members > INT32_MAX || stretches > INT32_MAX) return too_large(err);
    }
    m->zone_first_arc[zone_count] = m->member_count = (uint32_t)members;
    m->zone_first_stretch[zone_count] = m->stretch_count = (uint32_t)stretches;
    enum status status = allocate(m, arc_count, err);
    struct fresh *fresh = malloc((fresh_members + 1) * sizeof *fresh);
    uint32_t *moved = calloc((size_t)zone_count_before + 1, sizeof *moved);
    if (status == STATUS_OK && (fresh == NULL || moved == NULL))
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) {
        uint32_t count = 0;
        for (uint32_t z = 0; z < zone_count; z++) {
            for (uint32_t i = 0; matching->was[z] == UINT32_MAX && i < sets[z]->arc_count; i++)
                fresh[count++] = (struct fresh){sets[z]->arcs[i], membership_of(m, sets[z], z, i)};
            if (matching->was[z] != UINT32_MAX)
                moved[matching->was[z]] = m->zone_first_stretch[z] - before->zone_first_stretch[matching->was[z]];
        }
        qsort(fresh, count, sizeof *fresh, compare_fresh);
        merge_zones(m, before, matching, sets, zone_count);
        merge_arcs(m, before, arc_count, matching, moved, fresh, count);
    }
    free(fresh);
    free(moved);
    return status;
}

enum status rules_members_join(uint32_t arc_count, struct zone_set *const *sets, uint32_t zone_count,
                               const struct rules_members *before, struct zone_set *const *sets_before,
                               uint32_t zone_count_before, struct rules_members *out, struct error *err)
{
    struct matching matching = {0};
    enum status status = STATUS_OK;
    *out = (struct rules_members){0};
    out->zone_first_arc = calloc((size_t)zone_count + 1, sizeof *out->zone_first_arc);
    out->zone_first_stretch = calloc((size_t)zone_count + 1, sizeof *out->zone_first_stretch);
    if (out->zone_first_arc == NULL || out->zone_first_stretch == NULL)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (before == NULL) return join_anew(arc_count, sets, zone_count, out, err);
    matching.now = malloc(((size_t)zone_count_before + 1) * sizeof *matching.now);
    matching.was = malloc(((size_t)zone_count + 1) * sizeof *matching.was);
    if (matching.now == NULL || matching.was == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        match(&matching, sets, zone_count, sets_before, zone_count_before);
        if (matching.fresh_count <= FRESH_MIN || matching.fresh_count <= zone_count / FRESH_SHARE)
            status = join_on_top(arc_count, sets, zone_count, before, zone_count_before, &matching, out, err);
        else
            status = join_anew(arc_count, sets, zone_count, out, err);
    }
    free(matching.now);
    free(matching.was);
    return status;
}
