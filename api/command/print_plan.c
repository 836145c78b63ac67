#include "api/command/print_plan.h"

#include "api/encode/encode_route.h"
#include "api/encode/instructions.h"
#include "api/wire/time_text.h"

#include <string.h>

static const char *pick(enum language language, const char *zh, const char *en)
{
    return language == LANGUAGE_EN ? en : zh;
}

/* Day, hour and minute are enough: "11-20 08:30". */
static void print_time(struct buffer *out, int64_t time_ms)
{
    char text[TIME_TEXT_SIZE];
    if (time_format(time_ms, text) < 16) return;
    text[10] = ' ';
    buffer_bytes(out, text + 5, 11);
}

static void print_duration(struct buffer *out, uint64_t ms)
{
    uint64_t minutes = (ms + 30000) / 60000;
    if (minutes >= 60) buffer_printf(out, "%llu h %02llu min", (unsigned long long)(minutes / 60), (unsigned long long)(minutes % 60));
    else buffer_printf(out, "%llu min", (unsigned long long)minutes);
}

static void print_km(struct buffer *out, uint64_t mm)
{
    buffer_printf(out, "%llu.%llu km", (unsigned long long)(mm / 1000000), (unsigned long long)(mm / 100000 % 10));
}

static void print_place(struct buffer *out, const struct network *n, const struct route_request *request,
                        const struct waypoint *w, enum language language)
{
    const struct call *call = w->call < request->call_count ? &request->calls[w->call] : request->has_base ? &request->base : NULL;
    if (call && call->name && !w->rest) buffer_printf(out, "%s ", call->name);
    buffer_printf(out, "(%.5f, %.5f) %s", w->snapped.lon_e7 * 1e-7, w->snapped.lat_e7 * 1e-7,
                  road_label(n, w->road, language));
    if (w->moved) buffer_printf(out, "%s %u m", pick(language, "，移动了", ", moved by"), w->distance_mm / 1000);
}

static void print_leg(struct buffer *out, const struct view *view, const struct leg *leg, enum language language)
{
    const struct rules_input *input = view->rules->input;
    for (uint32_t i = 0; i < leg->step_count; i++) {
        buffer_text(out, "    ");
        instruction_write(out, view, leg, &leg->steps[i], language);
        buffer_text(out, "  ");
        print_km(out, leg->steps[i].distance_mm);
        buffer_char(out, '\n');
    }
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *gate = &leg->gates[i];
        buffer_text(out, gate->direction == GATE_ENTER ? pick(language, "  ▸ 驶入 ", "  ▸ enter ") : pick(language, "  ▸ 驶出 ", "  ▸ leave "));
        buffer_printf(out, "%s: %s  ", input->zones[gate->zone].name, input->checkpoints[gate->checkpoint].name);
        print_time(out, gate->at_ms);
        buffer_printf(out, "  %s %u s", pick(language, "查验", "inspection"), gate->inspection_ms / 1000);
        if (gate->green_channel) buffer_text(out, pick(language, "，绿色通道", ", green channel"));
        buffer_char(out, '\n');
    }
    for (uint32_t i = 0; i < leg->zone_count; i++) {
        const struct zone_contact *contact = &leg->zones[i];
        buffer_printf(out, "  ◦ %s [%s] ", input->zones[contact->zone].name, rule_kind_code(contact->kind));
        print_km(out, contact->distance_mm);
        buffer_printf(out, "  %s\n", message_text(contact->why, language));
    }
    for (uint32_t i = 0; i < leg->limit_count; i++) {
        const struct limit_met *met = &leg->limits[i];
        const char *unit = met->kind == LIMIT_AXLES ? "" : met->kind <= LIMIT_LENGTH ? " m" : " t";
        double scale = met->kind == LIMIT_AXLES ? 1 : 1000;
        buffer_printf(out, "  ≤ %s %.2f%s (%.2f%s)  %s\n", language == LANGUAGE_EN ? limit_kind_code(met->kind) : limit_kind_zh(met->kind),
                      met->limit / scale, unit, met->vehicle / scale, unit,
                      road_label(&view->base->network, met->road, language));
    }
}

void print_plan(struct buffer *out, const struct view *view, const struct route_request *request,
                const struct plan *plan, enum language language)
{
    const struct network *n = &view->base->network;
    print_km(out, plan->distance_mm);
    buffer_text(out, ", ");
    print_duration(out, plan->duration_ms);
    if (plan->toll_fen)
        buffer_printf(out, "%s %u.%02u CNY", pick(language, "，通行费", ", tolls"), plan->toll_fen / 100,
                      plan->toll_fen % 100);
    if (!plan->issuable) buffer_text(out, pick(language, "  【违反规则，不得签发】", "  [breaks rules: cannot be issued]"));
    buffer_printf(out, "\n%s %lld, %s %.12s\n", pick(language, "规则版本", "rules"), (long long)view->rules->version,
                  pick(language, "路网", "network"), n->version);
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const struct leg *leg = &plan->legs[i];
        buffer_printf(out, "\n%u. %s  ", i + 1, leg_kind_code(leg->kind));
        print_time(out, leg->depart_ms);
        buffer_text(out, " → ");
        print_time(out, leg->arrive_ms);
        buffer_text(out, "  ");
        print_km(out, leg->distance_mm);
        buffer_text(out, "\n   ");
        print_place(out, n, request, &plan->waypoints[leg->from], language);
        buffer_text(out, " → ");
        print_place(out, n, request, &plan->waypoints[leg->to], language);
        buffer_char(out, '\n');
        print_leg(out, view, leg, language);
    }
    if (plan->warning_count || plan->judged_at_departure) buffer_char(out, '\n');
    for (uint32_t i = 0; i < plan->warning_count; i++)
        buffer_printf(out, "! %s\n", pick(language, plan->warnings[i].zh, plan->warnings[i].en));
    if (plan->judged_at_departure) buffer_printf(out, "! %s\n", message_text(MESSAGE_JUDGED_AT_DEPARTURE, language));
}

void print_no_plan(struct buffer *out, const struct view *view, const struct answer *answer, enum language language)
{
    const struct rules_input *input = view->rules->input;
    struct error err = ERROR_INIT;
    encode_cause(answer->cause, &err);
    buffer_printf(out, "%s: %s\n", status_code(answer->cause), pick(language, err.zh, err.en));
    for (uint32_t i = 0; i < answer->conflict_count; i++) {
        const struct conflict *c = &answer->conflicts[i];
        const char *name = c->checkpoint < input->checkpoint_count ? input->checkpoints[c->checkpoint].name
                           : c->zone < input->zone_count           ? input->zones[c->zone].name
                           : c->closure < input->closure_count     ? input->closures[c->closure].name
                                                                   : road_label(&view->base->network, c->road, language);
        buffer_printf(out, "  - %s (%.5f, %.5f): %s\n", name, c->point.lon_e7 * 1e-7, c->point.lat_e7 * 1e-7,
                      pick(language, c->needed_zh, c->needed_en));
    }
    if (answer->relaxed == NULL) return;
    buffer_text(out, pick(language, "若解除以上规则，最近的路线为 ", "without these rules the nearest route would be "));
    print_km(out, answer->relaxed->distance_mm);
    buffer_text(out, ", ");
    print_duration(out, answer->relaxed->duration_ms);
    buffer_char(out, '\n');
}
