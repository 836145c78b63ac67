#include "api/command/command_migrate.h"

#include "api/process/config.h"
#include "data/pg/migrate.h"
#include "data/pg/pg.h"

#include <stdio.h>

int command_migrate(int argc, char **argv)
{
    struct config config;
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    unsigned applied = 0;
    int result = 1;

    config_init(&config);
    enum status status = config_load(&config, &argc, argv, &err);
    if (status == STATUS_OK && argc > 1) status = error_set(&err, STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, argv[1]);
    if (status == STATUS_OK)
        status = pg_open(&pg, *config.database_owner ? config.database_owner : config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = migrate_apply(pg, &applied, &err);
    if (status == STATUS_OK) {
        fprintf(stderr, "schema version %u, %u applied now 数据库版本 %u，本次升级 %u 步\n", migration_count, applied,
                migration_count, applied);
        result = 0;
    } else {
        fprintf(stderr, "baochang migrate: %s %s\n", err.en, err.zh);
        if (*err.log) fprintf(stderr, "    %s\n", err.log);
    }
    pg_close(pg);
    config_clear(&config);
    return result;
}
