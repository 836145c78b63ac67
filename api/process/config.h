/* Configuration: one table, from which come the struct, the file parser, the environment, the command line, `--help`,
 * the sample file and the reference page. To add an option, add a row and run `make pages`; tests fail when a row is
 * incomplete or a page old.
 *
 * A value comes from, later ones winning: the default, the file (`--config=PATH` or BAOCHANG_CONFIG; ini, no sections),
 * the environment (BAOCHANG_PORT), the command line (`--port=8081`; '-' and '_' are the same there, and a flag may
 * stand alone: `--access-log`).
 *
 *   struct config config;
 *   config_init(&config);
 *   if (config_load(&config, &argc, argv, &err) != STATUS_OK) …     // argv keeps what is not an option of the table
 *   … config.port …
 *   config_clear(&config);
 */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* GROUP(english, chinese)
 * TEXT(name, default, longest, reloadable, secret, help, chinese help)
 * NUMBER(name, unit, default, lowest, highest, reloadable, help, chinese help)
 * FLAG(name, default, reloadable, help, chinese help)
 * CHOICE(name, "default", "words|with|bars", reloadable, help, chinese help)       the value is the word's place
 *
 * Reloadable options take effect on SIGHUP, the others at the next start. Secret ones are never shown, and a password
 * in one is refused on the command line, where every user of the machine could read it. */
#define CONFIG_OPTIONS(GROUP, TEXT, NUMBER, FLAG, CHOICE)                                                            \
    GROUP("Listening", "监听")                                                                                       \
    TEXT(address, "127.0.0.1", 64, false, false,                                                                     \
         "Numeric address to listen on, IPv4 or IPv6.", "监听地址（数字形式，IPv4 或 IPv6）")                        \
    NUMBER(port, "", 8080, 0, 65535, false, "Port to listen on; 0 takes any free one and logs it.",                  \
           "监听端口；0 表示任取一个空闲端口并写入日志")                                                             \
    FLAG(socket_activation, true, false, "Use the sockets handed down by the service manager (LISTEN_FDS).",         \
         "使用服务管理器传入的套接字（LISTEN_FDS）")                                                                 \
    TEXT(public_url, "", 400, false, false,                                                                          \
         "Address under which clients reach the service, such as https://map.example.cn/baochang; empty: http:// and the Host they name.", \
         "客户端访问本服务的地址，如 https://map.example.cn/baochang（反向代理之后须设置）；空则为 http:// 加请求的 Host")  \
    TEXT(cors_origins, "", 4000, false, false,                                                                       \
         "Origins whose pages may read answers and send keys from a browser, with commas between them, such as https://map.example.cn; *: any; empty: none.", \
         "允许在浏览器中跨域访问本服务的网页来源，逗号隔开，如 https://map.example.cn；* 表示任何来源，空则一律不允许") \
    GROUP("Threads and load", "线程与负载")                                                                          \
    NUMBER(threads, "", 0, 0, 256, false, "Event threads; 0: one per core.", "事件线程数；0 表示每核一个")           \
    NUMBER(workers, "", 0, 0, 256, false, "Worker threads; 0: one per core.", "工作线程数；0 表示每核一个")          \
    NUMBER(queue_length, "", 1024, 1, 1000000, false, "Most jobs waiting for a worker.", "等待队列的最大长度")       \
    NUMBER(queue_deadline_ms, "ms", 1000, 1, 60000, false,                                                           \
           "Longest wait for a worker; a longer one is refused with 503 at once.",                                   \
           "等待工作线程的最长时间；预计更久的请求立即以 503 拒绝")                                                  \
    NUMBER(connections_max, "", 10000, 1, 1000000, false,                                                            \
           "Most connections at one time; beyond it new ones wait in the kernel.",                                   \
           "最大并发连接数；超出的连接在内核中等待")                                                                 \
    NUMBER(requests_per_connection_max, "", 1000, 1, 1000000000, false,                                              \
           "Requests after which a connection is closed.", "每个连接的最大请求数")                                   \
    NUMBER(pipelined_max, "", 32, 1, 1000, false, "Pipelined requests answered in one turn.",                        \
           "每轮处理的流水线请求数")                                                                                 \
    NUMBER(bodies_max_mib, "MiB", 256, 1, 1048576, false, "Memory for request bodies, over all connections.",        \
           "所有请求体可占用的内存总量")                                                                             \
    NUMBER(turn_ms, "ms", 50, 0, 6000, false,                                                                        \
           "Once event threads keep needing ten times this for one turn, what is read later in it gets 503; 0: never.", \
           "事件线程持续超出此单轮时长十倍后，各轮中超过此时长才读到的请求以 503 拒绝；0 表示从不")                  \
    NUMBER(rate_units, "units/s", 1000000, 0, 1000000000000, false,                                                  \
           "Work an address block or a key may ask for; a plain request is 100 units, a search one per arc. 0: any.", \
           "每个地址段或密钥每秒可请求的工作量；普通请求 100 单位，搜索每弧 1 单位；0 表示不限")                     \
    NUMBER(rate_burst, "units", 20000000, 1, 1000000000000, false, "Work that may be saved up and asked for at once.", \
           "可累积并一次用完的工作量")                                                                               \
    TEXT(trusted_proxies, "127.0.0.1,::1", 1000, false, false,                                                       \
         "Peers whose X-Forwarded-For is believed; without that header they are not limited.",                       \
         "可信代理地址：采信其 X-Forwarded-For；无此请求头时不限流")                                                 \
    GROUP("Deadlines", "时限")                                                                                       \
    NUMBER(head_ms, "ms", 5000, 100, 600000, false, "A request head must be complete in this time.",                 \
           "请求头部须在此时间内到齐")                                                                               \
    NUMBER(body_ms, "ms", 10000, 100, 600000, false, "A request body must be complete in this time.",                \
           "请求体须在此时间内到齐")                                                                                 \
    NUMBER(body_rate_min, "B/s", 1024, 0, 1000000000, false, "Slowest request body, after two seconds.",             \
           "请求体的最低速率（两秒之后起算）")                                                                       \
    NUMBER(idle_ms, "ms", 30000, 100, 3600000, false, "A connection without request is closed after this time.",     \
           "空闲连接保持的时间")                                                                                     \
    NUMBER(write_ms, "ms", 15000, 100, 600000, false, "A client must have taken its answer in this time.",           \
           "客户端须在此时间内收完应答")                                                                             \
    NUMBER(request_ms, "ms", 20000, 100, 600000, false, "A request is answered 504 after this time.",                \
           "单个请求的总时限，超过则以 504 应答")                                                                    \
    NUMBER(stop_ms, "ms", 28000, 0, 600000, false, "A stop waits this long for requests in flight.",                 \
           "停止服务时等待进行中请求的最长时间")                                                                     \
    GROUP("Events", "事件")                                                                                          \
    NUMBER(events_max, "", 1000, 0, 100000, false, "Clients that may listen at /v1/events at one time; count them in connections_max.", \
           "可同时收听 /v1/events 的客户端数；须计入 connections_max")                                               \
    NUMBER(events_heartbeat_ms, "ms", 15000, 100, 600000, false, "Longest silence of /v1/events before a sign of life.", \
           "/v1/events 无事件时发送心跳的间隔")                                                                      \
    GROUP("Data", "数据")                                                                                            \
    TEXT(database, "dbname=baochang", 1000, false, true,                                                             \
         "How to reach PostgreSQL: a libpq connection string or URI.", "PostgreSQL 连接串（libpq 形式或 URI）")      \
    TEXT(database_owner, "", 1000, false, true,                                                                      \
         "The same for the role that owns the schema, for `migrate`; empty: as database.",                           \
         "拥有库表的角色的连接串，供 migrate 使用；空则同 database")                                                 \
    TEXT(pepper_file, "baochang.pepper", 4000, false, false,                                                         \
         "File with the secret that keys are hashed with, made by the first `key create`; keep it from backups of "  \
         "the database.",                                                                                            \
         "密钥散列所用秘密值的文件，由首次 key create 生成；勿与数据库备份放在一起")                                  \
    TEXT(snapshot, "network.snapshot", 4000, false, false,                                                           \
         "File with the prepared road network, written by `prepare`; empty: no network, only the operator's pages.", \
         "路网快照文件，由 prepare 生成；留空则不载入路网，仅提供运维页面")                                          \
    NUMBER(rules_stale_ms, "ms", 60000, 1000, 86400000, false,                                                       \
           "Without contact to the database for longer than this, rules count as stale.",                            \
           "与数据库失去联系超过此时间，规则视为陈旧")                                                               \
    TEXT(export_dir, "", 4000, false, false,                                                                         \
         "Directory for exports that are made in the background (kind export of /v1/jobs), shared by the processes of a machine; empty: none are.", \
         "后台导出（/v1/jobs 的 export 类任务）所用目录，同一机器上的各进程共用；留空则不提供")                       \
    NUMBER(export_keep_h, "h", 24, 1, 8760, false, "Such an export is kept this long after its end.", "后台导出的文件保留时间") \
    GROUP("Routing", "路径规划")                                                                                     \
    NUMBER(metrics_mib, "MiB", 128, 1, 1048576, false, "Memory for customized metrics of vehicle groups, an eighth of it for what they begin from; up to three guides, each a third as large as a metric, come on top.", \
           "各类车辆定制权重可占用的内存，其中八分之一存放基础权重；另加至多三份引导权重，每份约为一份定制权重的三分之一") \
    FLAG(replan_on_publication, false, false, "Look at the active stored plans again after each publication; mark those that broke.", \
         "每次发布规则后复查有效的已存方案，并标记失效者")                                                           \
    GROUP("Region", "区域")                                                                                          \
    TEXT(region_name, "", 200, false, false, "Name of the region, shown on the map page.", "区域名称，显示在地图页") \
    TEXT(attribution, "", 400, false, false, "Source of the road data, shown on the map page.",                      \
         "路网数据来源，显示在地图页")                                                                               \
    FLAG(schematic, false, false, "The network is schematic (demo): say so wherever it is shown.",                   \
         "路网为示意（演示）：在所有显示处注明")                                                                     \
    TEXT(basemap, "", 1000, false, true,                                                                             \
         "Tiles beneath the map page: https://…/{z}/{x}/{y}, web grid, WGS 84 or CGCS2000 (Tianditu too); empty: none.", \
         "地图页底图瓦片：https://…/{z}/{x}/{y}，WGS 84 或 CGCS2000（如天地图）；留空不用")                             \
    CHOICE(basemap_crs, "wgs84", "wgs84|gcj02", false,                                                               \
           "Coordinates of that map: gcj02 is moved beneath the roads where it belongs (Amap, Tencent).",               \
           "该底图的坐标系；gcj02（高德、腾讯等）由地图页纠偏后叠放")                                                    \
    TEXT(basemap_attribution, "", 400, false, false, "Source of that map, shown on the map page.", "底图来源，显示在地图页") \
    GROUP("Speaking", "语言与日志")                                                                                  \
    CHOICE(language, "zh", "zh|en", false, "Language of texts when the client does not say.",                        \
           "客户端未指明时的文本语言")                                                                               \
    CHOICE(log_level, "info", "debug|info|warn|error", true, "Least level of log lines.", "日志级别")                \
    FLAG(core_dumps, false, false, "Allow core dumps; they hold keys and positions.",                                \
         "允许核心转储；其中会含有密钥与位置")                                                                       \
    FLAG(access_log, true, false, "One log line per request (at level info).", "每个请求记录一行日志（info 级）")

struct config {
#define CONFIG_NOTHING(...)
#define CONFIG_TEXT(name, ...) char *name;
#define CONFIG_NUMBER(name, ...) int64_t name;
#define CONFIG_FLAG(name, ...) bool name;
#define CONFIG_CHOICE(name, ...) unsigned name;
    CONFIG_OPTIONS(CONFIG_NOTHING, CONFIG_TEXT, CONFIG_NUMBER, CONFIG_FLAG, CONFIG_CHOICE)
#undef CONFIG_NOTHING
#undef CONFIG_TEXT
#undef CONFIG_NUMBER
#undef CONFIG_FLAG
#undef CONFIG_CHOICE
};

enum option_type { OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG, OPTION_CHOICE };

/** A row of the table, for tests and tools. */
struct option {
    const char *name; /* NULL: a group's heading, in help and help_zh */
    enum option_type type;
    const char *unit, *fallback, *words;
    int64_t lowest, highest; /* of a number; of a text, its longest length is in highest */
    bool reloadable, secret;
    const char *help, *help_zh;
    size_t offset; /* in struct config */
};

extern const struct option config_table[];
extern const size_t config_table_count;

/** Sets every option to nothing; config_load gives the defaults. */
void config_init(struct config *config);
void config_clear(struct config *config);

/** Loads all sources. `argv[0]` is skipped; options are taken out of argv and *argc goes down, what remains keeps its
 *  order, and everything after "--" remains. Unknown options remain too, for the command to know or refuse. Errors:
 *  INVALID and OUT_OF_RANGE naming the option, IO, NO_MEMORY; then config still needs config_clear. */
MUST_USE enum status config_load(struct config *config, int *argc, char **argv, struct error *err);

/** Sets one option from text, as any source does. Errors as above; UNKNOWN_MEMBER. */
MUST_USE enum status config_set(struct config *config, const char *name, const char *value, struct error *err);

/** Takes over from `fresh` what may change while running; returns how many other options differ (and are left). */
unsigned config_reload(struct config *config, struct config *fresh);

/** The options as `--help` lists them, as a sample file, as a Markdown page, and with the values in force (secrets
 *  masked). */
void config_help(struct buffer *out);
void config_sample(struct buffer *out);
void config_reference(struct buffer *out);
void config_show(const struct config *config, struct buffer *out);

#endif
