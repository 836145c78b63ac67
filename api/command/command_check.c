#include "api/command/command_check.h"

#include "api/command/command_check_plan.h"
#include "api/command/command_options.h"
#include "data/keys/audit.h"
#include "data/pg/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int audit_check(const struct config *config, const char *known)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct audit_head head = {0};
    enum status status = pg_open(&pg, config->database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = migrate_check(pg, &err);
    if (status == STATUS_OK) status = audit_verify(pg, known, &head, &err);
    if (status == STATUS_OK) {
        printf("%" PRId64 ":%s\n", head.seq, head.hash);
        fprintf(stderr, "audit log in order, %" PRId64 " rows 审计记录完好\n", head.seq);
    } else {
        fprintf(stderr, "baochang check: %s %s\n", err.en, err.zh);
        if (*err.log) fprintf(stderr, "    %s\n", err.log);
    }
    pg_close(pg);
    return status == STATUS_OK ? 0 : 1;
}

int command_check(int argc, char **argv)
{
    struct config config;
    struct error err = ERROR_INIT;
    struct check_plan_arguments plan = {0};
    const char *known = NULL;
    bool audit = false, dump = false, wrong = false;
    int result = 2;

    config_init(&config);
    enum status status = config_load(&config, &argc, argv, &err);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--audit") == 0) audit = true;
        else if (strcmp(argv[i], "--dump-rules") == 0) dump = true;
        else if (strncmp(argv[i], "--head=", 7) == 0) known = argv[i] + 7;
        else if (strncmp(argv[i], "--request=", 10) == 0) plan.request = argv[i] + 10;
        else if (strncmp(argv[i], "--rules=", 8) == 0) plan.rules = argv[i] + 8;
        else if ((argv[i][0] != '-' || argv[i][1] == '\0') && plan.plan == NULL) plan.plan = argv[i];
        else wrong = true;
    }
    wrong = wrong || audit + dump + (plan.plan != NULL) != 1 || (known && !audit) ||
            ((plan.request || plan.rules) && !plan.plan);
    if (status != STATUS_OK) {
        fprintf(stderr, "baochang check: %s %s\n", err.en, err.zh);
        result = audit ? 1 : 2;
    } else if (wrong) {
        result = command_usage_print("check");
    } else if (audit) {
        result = audit_check(&config, known);
    } else {
        result = dump ? command_dump_rules(&config) : command_check_plan(&config, &plan);
    }
    config_clear(&config);
    return result;
}
