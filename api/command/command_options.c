#include "api/command/command_options.h"

#include "api/process/config.h"

#include <stdio.h>
#include <string.h>

#define VALUE(name_, value_, key_, en_, zh_) {.name = name_, .value = value_, .key = key_, .en = en_, .zh = zh_}
#define MANY(name_, value_, key_, en_, zh_) {.name = name_, .value = value_, .key = key_, .repeats = true, .en = en_, .zh = zh_}
#define WORDS(name_, words_, key_, en_, zh_) {.name = name_, .value = words_, .words = words_, .key = key_, .en = en_, .zh = zh_}
#define FLAG(name_, key_, en_, zh_) {.name = name_, .key = key_, .en = en_, .zh = zh_}

static const struct command_option none[] = {{.name = NULL}};

static const struct command_option import_options[] = {
    FLAG("demo", NULL, "the schematic demo instead of a file", "导入示意路网"),
    VALUE("mapping", "FILE", NULL, "how the columns of a road layer are read", "路网图层的字段映射文件"),
    VALUE("source", "NAME", NULL, "the roads' source; the same one replaces them (default: the file's name)",
          "道路来源名称，同名则替换（默认为文件名）"),
    FLAG("replace", NULL, "removes the roads of every other source as well", "同时移除其他来源的道路"),
    FLAG("quiet", NULL, "no progress", "不显示进度"),
    VALUE("scale", "N", NULL, "size of the demo", "示意路网规模"),
    VALUE("seed", "S", NULL, "seed of the demo", "示意路网随机种子"),
    {.name = NULL}};

static const struct command_option route_options[] = {
    VALUE("from", "PLACE", NULL, "where it starts: LON,LAT or the name of a place in the database", "起点：“经度,纬度”或地名"),
    VALUE("to", "PLACE", NULL, "where it goes", "终点"),
    MANY("stop", "PLACE", NULL, "a call on the way, in this order", "途经点，按给出的次序"),
    MANY("service", "SECONDS", NULL, "time spent at the stop or destination named just before", "在前一停靠点的作业时间（秒）"),
    FLAG("loop", NULL, "back to the origin, or to --base", "闭环返回起点或 --base"),
    VALUE("base", "PLACE", NULL, "where a loop ends", "闭环的终点"),
    VALUE("depart", "TIME", "depart_at", "2026-11-20T08:00:00+08:00; default: now", "出发时间，默认为现在"),
    VALUE("wait", "SECONDS", "max_wait_s", "may wait this long before departure and at gates", "允许等待的时间（秒）"),
    WORDS("vehicle", "truck_2_axle|truck_3_axle|truck_4_axle|truck_5_axle|truck_6_axle", "vehicle.class", "class of the vehicle",
          "车型"),
    VALUE("height", "M", "vehicle.height_m", "height, metres", "车高（米）"),
    VALUE("width", "M", "vehicle.width_m", "width, metres", "车宽（米）"),
    VALUE("length", "M", "vehicle.length_m", "length, metres", "车长（米）"),
    VALUE("weight", "T", "vehicle.gross_weight_t", "gross weight, tonnes", "总质量（吨）"),
    VALUE("axle-load", "T", "vehicle.axle_load_t", "axle load, tonnes", "轴重（吨）"),
    VALUE("axles", "N", "vehicle.axles", "number of axles", "轴数"),
    FLAG("hazmat", "vehicle.hazmat", "carries dangerous goods", "运输危险货物"),
    FLAG("livestock", "vehicle.livestock", "carries livestock", "运输活畜禽"),
    VALUE("emission", "STAGE", "vehicle.emission", "emission stage", "排放阶段"),
    VALUE("plate", "PLATE", "vehicle.plate", "number plate", "车牌号"),
    VALUE("cargo", "KIND", "vehicle.cargo", "cargo", "货类"),
    MANY("credential", "TYPE@ISSUED", "credentials", "a credential the vehicle carries", "随车证件"),
    MANY("avoid-zone", "ID", "avoid.zones", "keep out of this zone", "避让区域"),
    MANY("avoid-class", "CLASS", "avoid.road_classes", "keep off roads of this class", "避让道路等级"),
    FLAG("avoid-tolls", "avoid.tolls", "keep off toll roads", "避让收费道路"),
    WORDS("prefer", "time|distance|cost", "prefer", "what is least", "优先目标"),
    WORDS("alternatives", "0|1|2|3", "alternatives", "further plans", "备选方案数"),
    WORDS("endpoints", "reject|nearest_outside", "endpoints", "what to do with a place that forbids calls", "端点位于禁停区时的处理"),
    VALUE("max-snap", "M", "max_snap_m", "farthest road from a place", "地点到道路的最大距离（米）"),
    VALUE("corridor", "M", "corridor_m", "half the width of the band around the plan", "走廊半宽（米）"),
    FLAG("report", NULL, "a plan that breaks rules when there is no lawful one", "无合规方案时给出违规方案（不得签发）"),
    FLAG("json", NULL, "prints the answer as POST /v1/route gives it", "输出与 POST /v1/route 相同的 JSON"),
    FLAG("geojson", NULL, "prints legs, calls and gates as GeoJSON", "输出 GeoJSON"),
    FLAG("gpx", NULL, "prints the plan as GPX tracks and waypoints", "输出 GPX"),
    VALUE("pdf", "FILE", NULL, "writes the printed sheet, A4", "写出 A4 打印件"),
    VALUE("svg", "FILE", NULL, "writes the sheet as a picture of lines", "写出矢量图"),
    VALUE("png", "FILE", NULL, "writes the sheet as a picture of dots", "写出图片"),
    WORDS("lang", "zh|en", NULL, "language of texts, as --language", "文本语言，同 --language"),
    {.name = NULL}};

static const struct command_option key_options[] = {
    WORDS("role", "viewer|company|officer|planner|approver|admin", NULL, "what the key may do", "角色"),
    VALUE("holder", "NAME", NULL, "who holds it", "持有人"),
    VALUE("county", "CODE", NULL, "limits it to one county", "限于某县区"),
    VALUE("company", "ID", NULL, "limits it to one company", "限于某企业"),
    VALUE("expires", "TIME", NULL, "end of its life; default: 365 days from now", "失效时间，默认 365 天后"),
    {.name = NULL}};

static const struct command_option check_options[] = {
    VALUE("request", "FILE", NULL, "the question of the plan", "方案的提问"),
    VALUE("rules", "FILE", NULL, "judges under these rules; default: those of the plan's version, from the database", "按此文件中的规则核对；默认取数据库中方案所依版本的规则"),
    FLAG("dump-rules", NULL, "prints the rules in force", "输出现行规则"),
    FLAG("audit", NULL, "checks the log of acts", "核验审计记录"),
    VALUE("head", "SEQ:HASH", NULL, "what an earlier check printed: rows cut off the end are found only with it",
          "以前核验时输出的值；只有凭它才能发现末尾被截去"),
    {.name = NULL}};

static const struct command_option export_options[] = {
    WORDS("format", "geojson|kml|gpx|gpkg|shp.zip|dxf|csv|fgb", NULL, "of the file; default: geojson", "文件格式，默认 geojson"),
    VALUE("out", "FILE", NULL, "where to; default: the output", "输出文件，默认标准输出"),
    VALUE("bbox", "W,S,E,N", NULL, "only what touches this box, in degrees", "只取与此范围相交的"),
    VALUE("at", "TIME", NULL, "only what is in effect at that moment", "只取该时刻有效的"),
    VALUE("state", "STATE", NULL, "only what is in this state", "只取此状态的"),
    VALUE("crs", "NAME", NULL, "EPSG:n, gcj02 or bd09; default: EPSG:4490", "坐标系，默认 EPSG:4490"),
    WORDS("names", "zh|en", NULL, "of columns; default: zh", "列名语言，默认 zh"),
    WORDS("encoding", "utf-8|gbk", NULL, "of a shapefile's texts", "Shapefile 文本编码"),
    {.name = NULL}};

const struct command_about command_table[] = {
    {"migrate", "", "the database's schema up to this program", "升级数据库结构", true, none, NULL, NULL},
    {"import", "FILE [--mapping=FILE] [--source=NAME] [--replace]\n--demo [--scale=N] [--seed=S] [--replace]",
     "roads from a file, or the demo, into the database", "导入路网或示意数据", true, import_options,
     "FILE: .osm.pbf, .osm, .osm.gz (OpenStreetMap); .shp, .gpkg, .geojson (with a mapping file).",
     "文件可为 OpenStreetMap 文件，或带映射文件的 Shapefile、GeoPackage、GeoJSON。"},
    {"prepare", "", "the network of the roads in the database, as a file", "生成路网快照", true, none, NULL, NULL},
    {"route", "--from=PLACE --to=PLACE [--stop=PLACE …] [--loop] [--vehicle=CLASS] … [NAME=VALUE …]",
     "one question under the rules in force", "按现行规则规划一次行程", true, route_options,
     "NAME=VALUE is any other member of GET /v1/route. Exit code 0: a plan; 1: none, or an error; 2: a wrong call.",
     "NAME=VALUE 可为 GET /v1/route 的其他参数。返回码 0：有方案；1：无方案或出错；2：用法有误。"},
    {"serve", "", "answer requests", "提供服务", true, none, NULL, NULL},
    {"key", "create --role=ROLE --holder=NAME [--county=CODE] [--company=ID] [--expires=TIME]\nlist\nrevoke ID",
     "create|list|revoke: who may change rules", "管理密钥", true, key_options, "A key is shown once.", "密钥只显示一次。"},
    {"check", "PLAN.json [--request=FILE] [--rules=FILE]\n--dump-rules >rules.json\n--audit [--head=SEQ:HASH]",
     "PLAN.json: whether a plan is lawful; --audit: whether the log is whole", "核对方案；核验审计记录", true, check_options,
     "PLAN.json is an answer of /v1/route, with its question in --request, or {\"request\": …, \"answer\": …}. It is judged by its "
     "lines and times under the rules of a file, or of the database: 0 lawful, 1 not, 2 cannot be said.",
     "PLAN.json 为 /v1/route 的应答，提问另由 --request 给出；按线形与时刻核对：0 合法，1 不合法，2 无法判定。"},
    {"export", "LAYER [--format=FORMAT] [--out=FILE] …", "a layer of the database as a file", "导出图层文件", true, export_options,
     "LAYER: zones, checkpoints, closures, facilities, jurisdictions, roads; drafts as well.",
     "LAYER 可为 zones、checkpoints、closures、facilities、jurisdictions、roads，含草案。"},
    {"zone", "lint FILE.geojson", "lint: what is wrong with zones, before they are drawn", "lint：起草前检查区域", true, none,
     "A Feature or a FeatureCollection as /v1/zones takes them; nothing is kept. Exit code 0: at most information; 1: warnings; "
     "2: errors; 3: could not be told.",
     "FILE 为 Feature 或 FeatureCollection，不保存任何内容。返回码 0：至多提示；1：有警告；2：有错误；3：无法判定。"},
    {"config", "show|sample|reference|help", "show|sample|reference|help: the options", "配置项", true, none, NULL, NULL},
    {"completion", "bash", "bash: the completion of the shell", "命令行补全脚本", false, none, NULL, NULL},
    {"man", "", "the manual page", "手册页", false, none, NULL, NULL},
};
const size_t command_count = sizeof command_table / sizeof *command_table;

const struct command_about *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_table[i].name, name) == 0) return &command_table[i];
    return NULL;
}

/* ---- usage -------------------------------------------------------------------------------------------------- */

enum { HEAD_WIDTH = 24 };

static void option_write(struct buffer *out, const struct command_option *option)
{
    char head[120];
    snprintf(head, sizeof head, "--%s%s%s", option->name, option->value ? "=" : "", option->value ? option->value : "");
    bool fits = strlen(head) <= HEAD_WIDTH;
    buffer_printf(out, "  %-*s", HEAD_WIDTH, head);
    if (!fits) buffer_printf(out, "\n  %-*s", HEAD_WIDTH, "");
    buffer_printf(out, "  %s%s  %s\n", option->en, option->repeats ? " (repeats)" : "", option->zh);
}

void command_usage(struct buffer *out, const struct command_about *command)
{
    const char *form = command->forms;
    for (const char *head = "usage: "; form; head = "       ") {
        size_t length = strcspn(form, "\n");
        buffer_printf(out, "%sbaochang %s%s%.*s%s\n", head, command->name, length ? " " : "", (int)length, form,
                      command->config ? " [--option=value …]" : "");
        form = form[length] ? form + length + 1 : NULL;
    }
    buffer_printf(out, "%s  %s\n", command->en, command->zh);
    if (command->options->name) buffer_char(out, '\n');
    for (const struct command_option *option = command->options; option->name; option++) option_write(out, option);
    if (command->note_en) buffer_printf(out, "\n%s\n%s\n", command->note_en, command->note_zh);
    if (command->config) buffer_text(out, "\nOptions of the configuration: baochang config help  配置项见 baochang config help\n");
}

int command_usage_print(const char *name)
{
    struct buffer page;
    buffer_init(&page, 1 << 20);
    command_usage(&page, command_find(name));
    if (page.failed == STATUS_OK) fwrite(page.data, 1, page.length, stderr);
    buffer_clear(&page);
    return 2;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static const struct command_option *find(const struct command_about *command, const char *name, size_t length)
{
    for (const struct command_option *option = command->options; option->name; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) return option;
    return NULL;
}

static enum status refuse(enum status status, enum message message, const char *name, struct error *err)
{
    error_set(err, status, message, name);
    return status;
}

enum status options_read(const char *command, int argc, char **argv, struct option_read *out, size_t capacity,
                         size_t *count, struct error *err)
{
    const struct command_about *about = command_find(command);
    *count = 0;
    for (int i = 1; i < argc; i++) {
        struct option_read *read = &out[*count];
        const char *name = argv[i] + 2;
        if (*count == capacity) return error_set(err, STATUS_TOO_LARGE, MESSAGE_OPTION_MANY, capacity);
        if (argv[i][0] != '-') {
            *read = (struct option_read){.value = argv[i]};
            ++*count;
            continue;
        }
        size_t length = argv[i][1] == '-' ? strcspn(name, "=") : 0;
        *read = (struct option_read){.option = find(about, name, length)};
        if (read->option == NULL) return refuse(STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, argv[i], err);
        if (read->option->value && name[length] == '=') read->value = name + length + 1;
        else if (read->option->value && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0) read->value = argv[++i];
        else if (read->option->value) return refuse(STATUS_MISSING_MEMBER, MESSAGE_OPTION_NEEDS_VALUE, read->option->name, err);
        else if (name[length]) return refuse(STATUS_INVALID, MESSAGE_OPTION_FLAG, read->option->name, err);
        for (size_t k = 0; k < *count && !read->option->repeats; k++)
            if (out[k].option == read->option) return refuse(STATUS_DUPLICATE_MEMBER, MESSAGE_OPTION_TWICE, read->option->name, err);
        ++*count;
    }
    return STATUS_OK;
}
