#include "api/sheet/sheet.h"

#include "api/wire/time_text.h"

#include <cairo/cairo-pdf.h>
#include <cairo/cairo-svg.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 7, CELL_MAX = 3 * SHEET_TEXT_MAX };

/* Millimetres. */
static const double WIDTH = 210, HEIGHT = 297, MARGIN = 12, FOOT = 17, MAP_HIGH = 112, MAP_LOW = 84, PAD = 1.8, PICTURE_HIGHEST = 1500;
static const double MEMORY_WANTED = 48e6;

/* The pen's way down the pages. */
struct flow {
    const struct sheet_job *job;
    struct canvas canvas;
    double y, bottom, map_height;
    unsigned page, pages;      /* pages: 0 while they are counted */
    bool endless;              /* a picture: one page, however high */
    enum status status;
    struct error *err;
};

__attribute__((format_arg(2), format_arg(3)))
static const char *pick(const struct flow *f, const char *zh, const char *en)
{
    return canvas_pick(&f->canvas, zh, en);
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

/* "11-20 08:30". */
static void time_words(int64_t at_ms, char out[TIME_TEXT_SIZE])
{
    char text[TIME_TEXT_SIZE];
    out[0] = '\0';
    if (at_ms == INT64_MAX || time_format(at_ms, text) < 16) return;
    snprintf(out, TIME_TEXT_SIZE, "%.5s %.5s", text + 5, text + 11);
}

static void duration_words(const struct flow *f, double seconds, char *out, size_t size)
{
    long minutes = lround(seconds / 60);
    if (minutes >= 60) snprintf(out, size, pick(f, "%ld 小时 %02ld 分", "%ld h %02ld min"), minutes / 60, minutes % 60);
    else snprintf(out, size, pick(f, "%ld 分钟", "%ld min"), minutes);
}

static const char *call_words(const struct flow *f, uint32_t call)
{
    const struct sheet_plan *p = f->job->plan;
    const struct sheet_call *c = p->calls[call].name[0] ? &p->calls[call] : &p->calls[sheet_call_same(p, call)];
    return c->name[0] ? c->name : c->road[0] ? c->road : pick(f, "（未命名地点）", "(unnamed place)");
}

static const char *rest_words(const struct flow *f, uint32_t call)
{
    return f->job->plan->calls[call].rest ? pick(f, "（休息）", " (rest)") : "";
}

/* ---- pages ---------------------------------------------------------------------------------------------------------- */

static void foot(struct flow *f)
{
    const struct sheet_plan *p = f->job->plan;
    const struct text_style style = {.size_pt = 6.5, .colour = INK_FAINT};
    char text[600], as_of[TIME_TEXT_SIZE];
    double y = f->endless ? f->y + 4 : HEIGHT - FOOT + 2;
    time_format(p->as_of_ms == INT64_MAX ? INT64_MIN : p->as_of_ms, as_of);
    canvas_line(&f->canvas, MARGIN, y, WIDTH - MARGIN, y, RULE_LINE, 0.25);
    snprintf(text, sizeof text, pick(f, "决策号 %s　　摘要 %s", "decision %s    digest %s"), p->decision_id, p->digest);
    canvas_text(&f->canvas, &style, MARGIN, y + 1.2, WIDTH - 2 * MARGIN, text);
    snprintf(text, sizeof text, pick(f, "规则版本 %" PRId64 "（%s）　　路网版本 %s%s%s", "rules version %" PRId64 " (%s)    network %s%s%s"),
             p->rules_version, as_of, p->network_version, f->job->ground.region && *f->job->ground.region ? "　　" : "",
             f->job->ground.region ? f->job->ground.region : "");
    canvas_text(&f->canvas, &style, MARGIN, y + 4.4, WIDTH - 2 * MARGIN, text);
    if (f->endless) {
        f->y = y + 9;
        return;
    }
    snprintf(text, sizeof text, pick(f, "第 %u 页，共 %u 页", "page %u of %u"), f->page, f->pages);
    canvas_text(&f->canvas, &(struct text_style){.size_pt = 6.5, .colour = INK_FAINT, .align = ALIGN_RIGHT}, MARGIN, y + 4.4,
                WIDTH - 2 * MARGIN, text);
}

/* Makes room: a new page when this one has not got it. True when it did. */
static bool room(struct flow *f, double height)
{
    if (f->endless || f->y + height <= f->bottom) return false;
    foot(f);
    if (f->page == SHEET_PAGES_MAX) {
        if (f->status == STATUS_OK) f->status = error_set(f->err, STATUS_TOO_LARGE, MESSAGE_SHEET_PAGES, SHEET_PAGES_MAX);
        f->y = MARGIN;
        return false;
    }
    if (!f->canvas.dry) cairo_show_page(f->canvas.cr);
    f->page++;
    f->y = MARGIN;
    return true;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

struct column {
    const char *zh, *en;
    double width;
    bool bold;
};

struct table {
    struct flow *flow;
    const struct column *columns;
    unsigned count;
    void (*mark)(struct canvas *canvas, double x, double y, uint32_t number); /* drawn in the first column */
};

static void heads(struct table *t)
{
    struct flow *f = t->flow;
    double x = MARGIN;
    canvas_box(&f->canvas, MARGIN, f->y, WIDTH - 2 * MARGIN, 5, 0xEEF2F2);
    for (unsigned i = 0; i < t->count; x += t->columns[i++].width)
        canvas_text(&f->canvas, &(struct text_style){.size_pt = 7, .colour = INK_FAINT}, x + PAD, f->y + 0.8, t->columns[i].width - 2,
                    pick(f, t->columns[i].zh, t->columns[i].en));
    f->y += 5;
}

static void table_begin(struct table *t, const char *title, uint32_t rows)
{
    struct flow *f = t->flow;
    char text[120];
    snprintf(text, sizeof text, "%s  %" PRIu32, title, rows);
    f->y += 3.5;
    room(f, 6 + 5 + 8);
    canvas_text(&f->canvas, &(struct text_style){.size_pt = 10.5, .bold = true, .colour = INK}, MARGIN, f->y, 0, text);
    f->y += 5.5;
    heads(t);
}

static void row(struct table *t, uint32_t number, uint32_t colour, const char *const *cells)
{
    struct flow *f = t->flow;
    double height = 5.4, x = MARGIN;
    for (unsigned i = 0; i < t->count; i++) {
        const struct text_style style = {.size_pt = t->columns[i].bold ? 9.5 : 8, .bold = t->columns[i].bold, .colour = INK};
        height = fmax(height, canvas_text_height(&f->canvas, &style, t->columns[i].width - 2, cells[i]) + 1.8);
    }
    if (room(f, height)) heads(t);
    if (colour) canvas_box(&f->canvas, MARGIN, f->y + 0.5, 1.1, height - 1, colour);
    if (t->mark && !f->canvas.dry) t->mark(&f->canvas, MARGIN + 4.2, f->y + fmin(height, 5.8) / 2, number);
    for (unsigned i = 0; i < t->count; x += t->columns[i++].width) {
        const struct text_style style = {.size_pt = t->columns[i].bold ? 9.5 : 8, .bold = t->columns[i].bold, .colour = INK};
        canvas_text(&f->canvas, &style, x + PAD, f->y + (t->columns[i].bold ? 0.75 : 1.1), t->columns[i].width - 2, cells[i]);
    }
    f->y += height;
    canvas_line(&f->canvas, MARGIN, f->y, WIDTH - MARGIN, f->y, RULE_LINE, 0.15);
}

/* Codes of credential types, ", " between them, as their names where the rules know them. */
static void credential_words(const struct flow *f, const char *codes, char *out, size_t size)
{
    const struct rules_input *rules = f->job->ground.rules;
    size_t at = 0;
    out[0] = '\0';
    for (const char *code = codes; *code && at < size;) {
        size_t length = strcspn(code, ",");
        const char *name = NULL;
        for (uint32_t i = 0; rules && i < rules->credential_type_count; i++) {
            const struct credential_type *type = &rules->credential_types[i];
            if (strlen(type->code) == length && memcmp(type->code, code, length) == 0) name = pick(f, type->name_zh, type->name_en);
        }
        int n = name ? snprintf(out + at, size - at, "%s%s", at ? ", " : "", name)
                     : snprintf(out + at, size - at, "%s%.*s", at ? ", " : "", (int)length, code);
        at += n > 0 ? (size_t)n : 0;
        code += length + strspn(code + length, ", ");
    }
    if (codes[0] == '\0') snprintf(out, size, "—");
}

static void gates(struct flow *f)
{
    static const struct column columns[] = {{"", "", 9, false}, {"预计到达", "expected", 27, true}, {"卡点", "checkpoint", 56, true},
                                            {"方向与区域", "direction and zone", 50, false}, {"查验", "inspection", 20, false},
                                            {"凭证", "credentials", 24, false}};
    const struct sheet_plan *p = f->job->plan;
    struct table t = {f, columns, 6, sheet_gate_mark};
    uint32_t count = 0, number = 0;
    for (uint32_t l = 0; l < p->leg_count; l++) count += p->legs[l].gate_count;
    if (count == 0) {
        f->y += 3.5;
        room(f, 6);
        canvas_text(&f->canvas, &(struct text_style){.size_pt = 9, .colour = INK}, MARGIN, f->y, 0,
                    pick(f, "全程不经过卡点。", "The plan passes no checkpoint."));
        f->y += 5;
        return;
    }
    table_begin(&t, pick(f, "卡点（按经过次序）", "Checkpoints, in order"), count);
    for (uint32_t l = 0; l < p->leg_count; l++)
        for (uint32_t i = 0; i < p->legs[l].gate_count; i++) {
            const struct sheet_gate *g = &p->legs[l].gates[i];
            char at[TIME_TEXT_SIZE], way[CELL_MAX], inspection[120], shown[CELL_MAX];
            time_words(g->at_ms, at);
            snprintf(way, sizeof way, "%s %s", g->enter ? pick(f, "驶入", "into") : pick(f, "驶出", "out of"), g->zone_name);
            snprintf(inspection, sizeof inspection, "%.0f s%s", g->inspection_s, g->green ? pick(f, " 绿色通道", " green") : "");
            if (g->wait_s > 0) {
                size_t length = strlen(inspection);
                snprintf(inspection + length, sizeof inspection - length, pick(f, "，等待 %.0f s", ", wait %.0f s"), g->wait_s);
            }
            credential_words(f, g->credentials, shown, sizeof shown);
            row(&t, ++number, 0, (const char *[]){"", at, g->name, way, inspection, shown});
        }
}

static void legs(struct flow *f)
{
    static const struct column columns[] = {{"", "", 8, false}, {"从", "from", 50, true}, {"到", "to", 50, true}, {"出发", "leaves", 24, false},
                                            {"到达", "arrives", 24, false}, {"里程", "distance", 16, false}, {"停等", "waits", 14, false}};
    const struct sheet_plan *p = f->job->plan;
    struct table t = {f, columns, 7, NULL};
    table_begin(&t, pick(f, "路段", "Legs"), p->leg_count);
    for (uint32_t i = 0; i < p->leg_count; i++) {
        const struct sheet_leg *leg = &p->legs[i];
        char number[12], from[CELL_MAX], to[CELL_MAX], leaves[TIME_TEXT_SIZE], arrives[TIME_TEXT_SIZE], distance[24], waits[32] = "—", letter[4];
        snprintf(number, sizeof number, "%" PRIu32, i + 1);
        sheet_call_letter(sheet_call_same(p, leg->from), letter);
        snprintf(from, sizeof from, "%s  %s%s", letter, call_words(f, leg->from), rest_words(f, leg->from));
        sheet_call_letter(sheet_call_same(p, leg->to), letter);
        snprintf(to, sizeof to, "%s  %s%s", letter, call_words(f, leg->to), rest_words(f, leg->to));
        time_words(leg->depart_ms, leaves), time_words(leg->arrive_ms, arrives);
        snprintf(distance, sizeof distance, "%.1f km", leg->distance_m / 1000);
        if (leg->wait_s > 0) snprintf(waits, sizeof waits, "%.0f min", leg->wait_s / 60);
        row(&t, 0, sheet_leg_colour(i), (const char *[]){number, from, to, leaves, arrives, distance, waits});
    }
}

static void zones(struct flow *f)
{
    static const char *const zh[] = {
#define X(name, code, zh_, en_) [RULE_##name] = zh_,
        RULE_KIND_LIST(X)
#undef X
    }, *const en[] = {
#define X(name, code, zh_, en_) [RULE_##name] = en_,
        RULE_KIND_LIST(X)
#undef X
    };
    static const struct column columns[] = {{"路段", "leg", 10, false}, {"区域", "zone", 54, false}, {"规则", "rule", 24, true},
                                            {"驶入—驶出", "from – until", 38, false}, {"里程", "distance", 16, false}, {"准予通行的理由", "why it was allowed", 44, false}};
    const struct sheet_plan *p = f->job->plan;
    struct table t = {f, columns, 6, NULL};
    uint32_t count = 0;
    for (uint32_t l = 0; l < p->leg_count; l++) count += p->legs[l].zone_count;
    if (count == 0) return;
    table_begin(&t, pick(f, "涉及区域", "Zones touched"), count);
    for (uint32_t l = 0; l < p->leg_count; l++)
        for (uint32_t i = 0; i < p->legs[l].zone_count; i++) {
            const struct sheet_zone *z = &p->legs[l].zones[i];
            char leg[12], enter[TIME_TEXT_SIZE], leave[TIME_TEXT_SIZE], while_[80], distance[24];
            snprintf(leg, sizeof leg, "%" PRIu32, l + 1);
            time_words(z->enter_ms, enter), time_words(z->leave_ms, leave);
            snprintf(while_, sizeof while_, "%s – %s", enter, leave[0] ? leave : pick(f, "止于区内", "ends inside"));
            snprintf(distance, sizeof distance, "%.1f km", z->distance_m / 1000);
            row(&t, 0, sheet_rule_colour(z->kind), (const char *[]){leg, z->name, pick(f, zh[z->kind], en[z->kind]), while_, distance, z->why});
        }
}

static void limits(struct flow *f)
{
    static const struct column columns[] = {{"路段", "leg", 12, false}, {"限制", "limit", 40, false}, {"限值", "value", 30, true},
                                            {"车辆", "vehicle", 34, false}, {"余量", "margin", 26, false}, {"道路", "road", 44, false}};
    const struct sheet_plan *p = f->job->plan;
    struct table t = {f, columns, 6, NULL};
    uint32_t count = 0;
    for (uint32_t l = 0; l < p->leg_count; l++) count += p->legs[l].limit_count;
    if (count == 0) return;
    table_begin(&t, pick(f, "通行限制", "Limits met"), count);
    for (uint32_t l = 0; l < p->leg_count; l++)
        for (uint32_t i = 0; i < p->legs[l].limit_count; i++) {
            const struct sheet_limit *met = &p->legs[l].limits[i];
            bool axles = strcmp(met->kind, "axles") == 0, metres = strcmp(met->kind, "height") == 0 ||
                         strcmp(met->kind, "width") == 0 || strcmp(met->kind, "length") == 0;
            const char *unit = axles ? "" : metres ? " m" : " t";
            char leg[12], limit[40], vehicle[80], margin[40];
            snprintf(leg, sizeof leg, "%" PRIu32, l + 1);
            snprintf(limit, sizeof limit, "%.*f%s", axles ? 0 : 2, met->limit, unit);
            snprintf(vehicle, sizeof vehicle, "%.*f%s%s", axles ? 0 : 2, met->vehicle, unit, met->assumed ? pick(f, "（推定）", " (assumed)") : "");
            snprintf(margin, sizeof margin, "%.*f%s", axles ? 0 : 2, met->limit - met->vehicle, unit);
            row(&t, 0, 0, (const char *[]){leg, met->name, limit, vehicle, margin, met->road});
        }
}

static void warnings(struct flow *f)
{
    static const struct column columns[] = {{"内容", "text", 186, false}};
    struct table t = {f, columns, 1, NULL};
    if (f->job->plan->warning_count == 0) return;
    table_begin(&t, pick(f, "提示", "Notes"), f->job->plan->warning_count);
    for (uint32_t i = 0; i < f->job->plan->warning_count; i++) row(&t, 0, 0, (const char *[]){f->job->plan->warnings[i]});
}

/* ---- head ------------------------------------------------------------------------------------------------------------- */

static void vehicle(struct flow *f, double across)
{
    const struct vehicle *v = f->job->vehicle;
    char text[300];
    if (v == NULL) return;
    const struct text_style plate = {.size_pt = 12, .bold = true, .colour = 0xFFFFFF};
    const char *number = v->plate[0] ? v->plate : pick(f, "未登记车牌", "no plate given");
    double width = canvas_text_width(&f->canvas, &plate, number) + 5;
    canvas_frame(&f->canvas, MARGIN, f->y, width, 7, 1, v->plate[0] ? 0x1B4F8F : INK_FAINT, 0, 0);
    canvas_text(&f->canvas, &plate, MARGIN + 2.5, f->y + 1.1, 0, number);
    snprintf(text, sizeof text, pick(f, "%" PRIu32 " 轴　总质量 %.1f t　轴重 %.1f t　高 %.2f m　宽 %.2f m　长 %.2f m%s%s%s",
                                     "%" PRIu32 " axles   gross %.1f t   axle %.1f t   height %.2f m   width %.2f m   length %.2f m%s%s%s"),
             v->axles, v->gross_kg / 1e3, v->axle_load_kg / 1e3, v->height_mm / 1e3, v->width_mm / 1e3, v->length_mm / 1e3,
             v->hazmat ? pick(f, "　危险货物", "   DANGEROUS GOODS") : "", v->livestock ? pick(f, "　活畜禽", "   livestock") : "",
             v->assumed ? pick(f, "　（未提供的按法定最大值计）", "   (what was not given: legal maximum)") : "");
    double height = canvas_text_height(&f->canvas, &(struct text_style){.size_pt = 9}, across - width - 3, text);
    canvas_text(&f->canvas, &(struct text_style){.size_pt = 9, .colour = INK}, MARGIN + width + 3, f->y + fmax(0, (7 - height) / 2),
                across - width - 3, text);
    f->y += fmax(9, height + 2);
}

static void head(struct flow *f)
{
    const struct sheet_plan *p = f->job->plan;
    const double code = 27, left = WIDTH - 2 * MARGIN - code - 6;
    const char *verdict = p->issuable ? pick(f, "合规　可签发", "lawful, may be issued") : pick(f, "违反规则　不得签发", "BREAKS RULES: must not be issued");
    char text[(SHEET_TEXT_MAX + 8) * 6], seal[2 * SHEET_TEXT_MAX + 40];
    size_t at = 0;
    const struct text_style title = {.size_pt = 10, .bold = true, .colour = INK_FAINT}, tag = {.size_pt = 9, .bold = true, .colour = 0xFFFFFF};
    const char *name = f->job->loop ? pick(f, "闭环货运通行方案", "Freight plan, closed loop") : pick(f, "货运通行方案", "Freight plan");
    double y = f->y, width = canvas_text_width(&f->canvas, &title, name), tagged = canvas_text_width(&f->canvas, &tag, verdict) + 5;
    canvas_text(&f->canvas, &title, MARGIN, y + 0.7, 0, name);
    canvas_frame(&f->canvas, MARGIN + width + 4, y, tagged, 5.6, 2.8, p->issuable ? 0x1F6B3A : 0xA4262C, 0, 0);
    canvas_text(&f->canvas, &tag, MARGIN + width + 6.5, y + 0.75, 0, verdict);
    text[0] = '\0';
    for (uint32_t i = 0; i < p->call_count && at < sizeof text - 1; i++) {
        bool many = p->call_count > 5; /* the legs below have them all */
        if (many && i > 1 && i + 2 < p->call_count) continue;
        int n = snprintf(text + at, sizeof text - at, "%s%s%s", i == 0 ? "" : many && i + 2 == p->call_count ? " → … → " : " → ", call_words(f, i),
                         rest_words(f, i));
        at += n > 0 ? (size_t)n : 0;
    }
    const struct text_style big = {.size_pt = 18, .bold = true, .colour = INK};
    double height = canvas_text(&f->canvas, &big, MARGIN, y + 7.2, left, text);
    snprintf(seal, sizeof seal, "BAOCHANG %s %s", p->decision_id, p->digest);
    if (f->status == STATUS_OK) f->status = canvas_code(&f->canvas, WIDTH - MARGIN - code, y, code, seal, f->err);
    f->y = y + 7.2 + height + 2.5;
    vehicle(f, left);
    f->y = fmax(f->y, y + code + 2.5);
    canvas_line(&f->canvas, MARGIN, f->y, WIDTH - MARGIN, f->y, INK, 0.5);
    f->y += 2.5;
}

static void facts(struct flow *f)
{
    const struct sheet_plan *p = f->job->plan;
    char leaves[TIME_TEXT_SIZE], arrives[TIME_TEXT_SIZE], lasts[40], distance[24], toll[32];
    time_words(p->legs[0].depart_ms, leaves);
    time_words(p->legs[p->leg_count - 1].arrive_ms, arrives);
    duration_words(f, p->duration_s, lasts, sizeof lasts);
    snprintf(distance, sizeof distance, "%.1f km", p->distance_m / 1000);
    snprintf(toll, sizeof toll, pick(f, "%.2f 元", "CNY %.2f"), p->toll_cny);
    const char *const cells[][2] = {{pick(f, "出发", "leaves"), leaves},
                                    {f->job->loop ? pick(f, "返回", "is back") : pick(f, "到达", "arrives"), arrives},
                                    {pick(f, "历时", "takes"), lasts}, {pick(f, "里程", "distance"), distance}, {pick(f, "通行费", "tolls"), toll}};
    double width = (WIDTH - 2 * MARGIN) / 5;
    for (unsigned i = 0; i < 5; i++) {
        canvas_text(&f->canvas, &(struct text_style){.size_pt = 7, .colour = INK_FAINT}, MARGIN + i * width, f->y, width, cells[i][0]);
        canvas_text(&f->canvas, &(struct text_style){.size_pt = 13, .bold = true, .colour = INK}, MARGIN + i * width, f->y + 3.2, 0, cells[i][1]);
    }
    f->y += 11.5;
}

static void map(struct flow *f)
{
    room(f, f->map_height);
    if (!f->canvas.dry && f->status == STATUS_OK)
        f->status = sheet_map_draw(&f->canvas, MARGIN, f->y, WIDTH - 2 * MARGIN, f->map_height, f->job->plan, &f->job->ground, f->err);
    f->y += f->map_height + 1;
    const struct sheet_ground *ground = &f->job->ground;
    char text[300] = "";
    bool other = strcmp(ground->network->version, f->job->plan->network_version) != 0, lines = false;
    for (uint32_t i = 0; i < f->job->plan->leg_count; i++) lines |= f->job->plan->legs[i].point_count > 1;
    if (!lines) snprintf(text, sizeof text, "%s", pick(f, "方案保存时不含线形，图中只有停靠点和卡点。", "The plan was kept without its lines: the map has calls and gates only."));
    else if (other) snprintf(text, sizeof text, pick(f, "底图为当前路网 %.12s，与方案所依路网不同。", "The roads are those of the current network %.12s, not of the plan's."), ground->network->version);
    else if (ground->rules && ground->rules->version != f->job->plan->rules_version)
        snprintf(text, sizeof text, pick(f, "图中区域为规则版本 %" PRId64 "，方案依据版本 %" PRId64 "。", "Zones on the map are of rules version %" PRId64 ", the plan is of %" PRId64 "."),
                 ground->rules->version, f->job->plan->rules_version);
    if (text[0]) f->y += canvas_text(&f->canvas, &(struct text_style){.size_pt = 8, .bold = true, .colour = 0x9A4B00}, MARGIN, f->y, WIDTH - 2 * MARGIN, text);
}

static enum status flow_run(struct flow *f, const struct sheet_job *job, cairo_t *cr, double units_mm, bool dry, struct error *err)
{
    f->job = job;
    f->err = err;
    f->page = 1;
    f->y = MARGIN;
    f->bottom = HEIGHT - FOOT;
    f->status = canvas_open(&f->canvas, cr, units_mm, job->language, err);
    if (f->status != STATUS_OK) return f->status;
    f->canvas.dry = dry;
    head(f);
    facts(f);
    map(f);
    gates(f);
    legs(f);
    zones(f);
    limits(f);
    warnings(f);
    foot(f);
    canvas_close(&f->canvas);
    f->pages = f->page;
    return f->status;
}

/* ---- surfaces ----------------------------------------------------------------------------------------------------------- */

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned length)
{
    struct buffer *out = closure;
    buffer_bytes(out, data, length);
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static enum status cairo_result(cairo_status_t result, const struct buffer *out, struct error *err)
{
    if (result == CAIRO_STATUS_SUCCESS) return STATUS_OK;
    if (out->failed == STATUS_TOO_LARGE) return error_set(err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, "sheet", out->maximum);
    if (result == CAIRO_STATUS_NO_MEMORY || out->failed) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    error_log(err, "cairo: %s", cairo_status_to_string(result));
    return STATUS_INTERNAL;
}

/* Counts pages, or the height of a picture: on paper of one dot. */
static enum status measure_at(struct flow *f, double map_height, const struct sheet_job *job, struct error *err)
{
    f->map_height = map_height;
    cairo_surface_t *dot = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(dot);
    enum status status = flow_run(f, job, cr, 72 / 25.4, true, err);
    if (status == STATUS_OK && cairo_status(cr) == CAIRO_STATUS_NO_MEMORY) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    cairo_destroy(cr);
    cairo_surface_destroy(dot);
    return status;
}

/* A lower map where that saves a page. */
static enum status measure(struct flow *f, const struct sheet_job *job, struct error *err)
{
    struct flow low = *f;
    enum status status = measure_at(f, MAP_HIGH, job, err);
    if (status != STATUS_OK || f->endless || f->pages == 1) return status;
    status = measure_at(&low, MAP_LOW, job, err);
    if (status == STATUS_OK && low.pages < f->pages) *f = low;
    return status;
}

static cairo_surface_t *surface_new(const struct sheet_job *job, enum sheet_form form, double height, double units_mm, struct buffer *out)
{
    cairo_surface_t *surface;
    char date[TIME_TEXT_SIZE];
    switch (form) {
    case SHEET_PDF:
        surface = cairo_pdf_surface_create_for_stream(write_bytes, out, WIDTH * units_mm, HEIGHT * units_mm);
        time_format(job->plan->as_of_ms == INT64_MAX ? 0 : job->plan->as_of_ms, date);
        date[19] = '\0'; /* without it the moment of printing would be in the file; an offset is not understood */
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, job->plan->decision_id);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "baochang");
        return surface;
    case SHEET_SVG: return cairo_svg_surface_create_for_stream(write_bytes, out, WIDTH * units_mm, height * units_mm);
    default: return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(WIDTH * units_mm), (int)lround(height * units_mm));
    }
}

/* cairo numbers its surfaces through the life of the process, and writes the number: id="surface123" becomes "sheet". */
static void surface_name_drop(struct buffer *out, size_t from)
{
    char *at = out->data ? strstr(out->data + from, "id=\"surface") : NULL;
    if (at == NULL) return;
    char *digits = at + strlen("id=\"surface");
    size_t count = strspn(digits, "0123456789");
    memmove(digits, digits + count, out->length - (size_t)(digits + count - out->data) + 1);
    out->length -= count;
}

enum status sheet_write(const struct sheet_job *job, enum sheet_form form, struct buffer *out, struct error *err)
{
    struct flow counted = {.endless = form != SHEET_PDF}, drawn = {.endless = form != SHEET_PDF};
    size_t begin = out->length;
    void *memory = malloc((size_t)MEMORY_WANTED);
    if (memory == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    free(memory);
    enum status status = measure(&counted, job, err);
    if (status != STATUS_OK) return status;
    if (counted.endless && counted.y > PICTURE_HIGHEST) return error_set(err, STATUS_TOO_LARGE, MESSAGE_SHEET_IMAGE);
    double units_mm = form == SHEET_PNG ? (job->png_width ? job->png_width : SHEET_PNG_WIDTH) / WIDTH : 72 / 25.4;
    cairo_surface_t *surface = surface_new(job, form, counted.y, units_mm, out);
    cairo_t *cr = cairo_create(surface);
    drawn.pages = counted.pages;
    drawn.map_height = counted.map_height;
    cairo_set_source_rgb(cr, 1, 1, 1);
    if (form != SHEET_PDF) cairo_paint(cr);
    status = flow_run(&drawn, job, cr, units_mm, false, err);
    cairo_status_t result = cairo_status(cr);
    cairo_destroy(cr);
    if (form == SHEET_PNG && status == STATUS_OK && result == CAIRO_STATUS_SUCCESS) result = cairo_surface_write_to_png_stream(surface, write_bytes, out);
    cairo_surface_finish(surface);
    if (result == CAIRO_STATUS_SUCCESS) result = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status == STATUS_OK) status = cairo_result(result, out, err);
    if (status == STATUS_OK && form == SHEET_SVG) surface_name_drop(out, begin);
    return status;
}
