#include "api/command/command_prepare.h"

#include "api/command/command_options.h"
#include "api/process/config.h"
#include "data/network/prepare.h"
#include "data/pg/migrate.h"
#include "geo/base/log.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    const char *zh, *en, *unit;
} stages[PREPARE_STAGE_COUNT] = {
    [PREPARE_LOAD] = {"读取道路", "roads read", "roads"},
    [PREPARE_BUILD] = {"构建路网", "network built", "arcs"},
    [PREPARE_ORDER] = {"结点排序", "nodes ordered", "turn-graph nodes"},
    [PREPARE_CONTRACT] = {"收缩层次", "hierarchy contracted", "upward arcs"},
    [PREPARE_WRITE] = {"写入快照", "snapshot written", "bytes"},
};

static void progress(void *context, enum prepare_stage stage, bool done, uint64_t count)
{
    const struct prepare_report *report = context;
    if (done)
        fprintf(stderr, "%s %s: %" PRIu64 " %s, %.2f s\n", stages[stage].zh, stages[stage].en, count,
                stages[stage].unit, report->stage_ms[stage] / 1e3);
    else if (count > 0)
        fprintf(stderr, "  %" PRIu64 " …\n", count);
}

int command_prepare(int argc, char **argv)
{
    int result = 1;
    struct config config;
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct prepare_report report = {0};
    config_init(&config);
    enum status status = config_load(&config, &argc, argv, &err);
    if (status == STATUS_OK && argc > 1) {
        result = command_usage_print("prepare");
        goto done;
    }
    if (status == STATUS_OK) {
        log_level_set((enum log_level)config.log_level);
        status = pg_open(&pg, config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    }
    if (status == STATUS_OK) status = migrate_ensure(pg, &err);
    if (status == STATUS_OK) status = prepare_network(pg, config.snapshot, progress, &report, &report, &err);
    if (status != STATUS_OK) {
        fprintf(stderr, "baochang prepare: %s %s\n", err.en, err.zh);
        if (err.log[0]) fprintf(stderr, "  %s\n", err.log);
        goto done;
    }
    fprintf(stderr,
            "路网 network %s: %" PRIu32 " nodes, %" PRIu32 " roads, %" PRIu32 " arcs (%" PRIu32 " on %" PRIu32
            " islands), %" PRIu32 " turns, %" PRIu32 " turn restrictions used, %" PRIu32 " not resolved, %" PRIu64
            " conditional ones kept for later\n",
            report.version, report.nodes, report.roads, report.arcs, report.built.island_arcs, report.built.islands,
            report.turns, report.built.turn_restrictions_used, report.built.turn_restrictions_unresolved,
            report.loaded.turns_conditional);
    result = 0;

done:
    pg_close(pg);
    config_clear(&config);
    return result;
}
