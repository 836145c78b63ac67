/* baochang 保畅: the subcommands. */
#include "api/command/command_check.h"
#include "api/command/command_config.h"
#include "api/command/command_export.h"
#include "api/command/command_import.h"
#include "api/command/command_key.h"
#include "api/command/command_migrate.h"
#include "api/command/command_options.h"
#include "api/command/command_prepare.h"
#include "api/command/command_route.h"
#include "api/command/command_serve.h"
#include "api/command/command_shell.h"
#include "api/command/command_zone.h"
#include "api/process/config.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand */
} runs[] = {
    {"migrate", command_migrate}, {"import", command_import}, {"prepare", command_prepare}, {"route", command_route},
    {"serve", command_serve},     {"key", command_key},       {"check", command_check},     {"config", command_config},
    {"export", command_export},   {"zone", command_zone},
    {"completion", command_completion}, {"man", command_man},
};

static int usage(FILE *to, int result)
{
    fprintf(to, "baochang 保畅 %s\nusage: baochang <command> [--option=value …]\n\n", BAOCHANG_VERSION);
    for (size_t i = 0; i < command_count; i++)
        fprintf(to, "  %-10s %s  %s\n", command_table[i].name, command_table[i].en, command_table[i].zh);
    fprintf(to, "\nOf one command: baochang COMMAND --help. Options of the configuration: baochang config help\n");
    return result;
}

/* `baochang COMMAND --help`: what was asked for goes to the output and is no failure. */
static int help(const char *name)
{
    struct buffer page;
    const struct command_about *command = command_find(name);
    buffer_init(&page, 1 << 20);
    command_usage(&page, command);
    if (command->config && command->options->name == NULL) config_help(&page);
    bool whole = page.failed == STATUS_OK && fwrite(page.data, 1, page.length, stdout) == page.length;
    buffer_clear(&page);
    return whole ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) return usage(stderr, 2);
    if (strcmp(argv[1], "--version") == 0) {
        printf("baochang %s\n", BAOCHANG_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) return usage(stdout, 0);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (strcmp(argv[1], runs[i].name) == 0)
            return argc > 2 && strcmp(argv[2], "--help") == 0 ? help(argv[1]) : runs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "baochang: no such command: %s\n\n", argv[1]);
    return usage(stderr, 2);
}
