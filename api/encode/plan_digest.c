#include "api/encode/plan_digest.h"

#include "routing/plan/plan_record.h"

#include <sodium.h>
#include <string.h>

static void put32(crypto_hash_sha256_state *state, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 24)};
    crypto_hash_sha256_update(state, bytes, sizeof bytes);
}

static void put64(crypto_hash_sha256_state *state, int64_t value)
{
    put32(state, (uint32_t)(uint64_t)value);
    put32(state, (uint32_t)((uint64_t)value >> 32));
}

static void put_length(crypto_hash_sha256_state *state, bool is_long, uint64_t mm)
{
    put32(state, (uint32_t)mm);
    if (is_long) put32(state, (uint32_t)(mm >> 32));
}

static void put_text(crypto_hash_sha256_state *state, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    put32(state, (uint32_t)length);
    if (length) crypto_hash_sha256_update(state, (const unsigned char *)text, length);
}

/* Arcs by their numbers: the network's version, a digest of its own, fixes what they mean. */
static void put_arcs(crypto_hash_sha256_state *state, const struct leg *leg)
{
    unsigned char run[1024];
    put32(state, leg->arc_count);
    for (uint32_t done = 0; done < leg->arc_count;) {
        uint32_t count = leg->arc_count - done < sizeof run / 4 ? leg->arc_count - done : (uint32_t)(sizeof run / 4);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t arc = leg->arcs[done + i];
            run[4 * i] = (unsigned char)arc;
            run[4 * i + 1] = (unsigned char)(arc >> 8);
            run[4 * i + 2] = (unsigned char)(arc >> 16);
            run[4 * i + 3] = (unsigned char)(arc >> 24);
        }
        crypto_hash_sha256_update(state, run, 4 * (size_t)count);
        done += count;
    }
}

static void put_leg(crypto_hash_sha256_state *state, const struct rules_input *input, const struct leg *leg, bool is_long)
{
    put32(state, (uint32_t)leg->kind);
    put32(state, leg->from), put32(state, leg->to);
    put64(state, leg->depart_ms), put64(state, leg->arrive_ms);
    put_length(state, is_long, leg->distance_mm), put32(state, leg->drive_ms), put32(state, leg->wait_ms);
    put32(state, leg->first_offset_mm), put32(state, leg->last_offset_mm);
    put_arcs(state, leg);
    put32(state, leg->gate_count);
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *g = &leg->gates[i];
        put_text(state, input->checkpoints[g->checkpoint].id), put_text(state, input->zones[g->zone].id);
        put32(state, (uint32_t)g->direction), put64(state, g->at_ms);
        put32(state, g->wait_ms), put32(state, g->inspection_ms), put32(state, g->green_channel);
        put32(state, g->credential_count);
        for (uint32_t k = 0; k < g->credential_count; k++) put32(state, g->credentials[k]);
    }
    put32(state, leg->zone_count);
    for (uint32_t i = 0; i < leg->zone_count; i++) {
        const struct zone_contact *z = &leg->zones[i];
        put_text(state, input->zones[z->zone].id);
        put32(state, z->rule), put64(state, z->enter_ms), put64(state, z->leave_ms);
        put_length(state, is_long, z->distance_mm);
    }
}

void plan_digest(const struct view *view, const struct plan *plan, char out[PLAN_DIGEST_SIZE])
{
    const bool is_long = plan_is_long(plan); /* the digests of all others are on papers already */
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    put_text(&state, is_long ? "baochang plan 2" : "baochang plan 1");
    put_text(&state, view->base->network.version);
    put64(&state, view->rules->version);
    put32(&state, plan->issuable);
    put32(&state, plan->duration_ms), put_length(&state, is_long, plan->distance_mm), put32(&state, plan->toll_fen);
    put32(&state, plan->waypoint_count);
    for (uint32_t i = 0; i < plan->waypoint_count; i++) {
        const struct waypoint *w = &plan->waypoints[i];
        put32(&state, (uint32_t)w->requested.lon_e7), put32(&state, (uint32_t)w->requested.lat_e7);
        put32(&state, (uint32_t)w->snapped.lon_e7), put32(&state, (uint32_t)w->snapped.lat_e7);
        put32(&state, w->road), put32(&state, w->offset_mm), put32(&state, w->call);
    }
    put32(&state, plan->leg_count);
    for (uint32_t i = 0; i < plan->leg_count; i++) put_leg(&state, view->rules->input, &plan->legs[i], is_long);
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, digest);
    memcpy(out, "sha256:", 7);
    sodium_bin2hex(out + 7, PLAN_DIGEST_SIZE - 7, digest, sizeof digest);
}
