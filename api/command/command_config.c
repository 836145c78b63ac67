#include "api/command/command_config.h"

#include "api/command/command_options.h"
#include "api/process/config.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 1 << 20 };

int command_config(int argc, char **argv)
{
    struct config config;
    struct error err = ERROR_INIT;
    struct buffer out;
    int result = 1;
    config_init(&config);
    buffer_init(&out, PAGE_MAX);
    if (config_load(&config, &argc, argv, &err) != STATUS_OK) {
        fprintf(stderr, "baochang: %s %s\n", err.en, err.zh);
        goto done;
    }
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "show") == 0) config_show(&config, &out);
    else if (strcmp(what, "sample") == 0) config_sample(&out);
    else if (strcmp(what, "reference") == 0) config_reference(&out);
    else if (strcmp(what, "help") == 0) config_help(&out);
    if (out.length == 0 || out.failed != STATUS_OK) {
        result = command_usage_print("config");
        goto done;
    }
    result = fwrite(out.data, 1, out.length, stdout) == out.length && fflush(stdout) == 0 ? 0 : 1;

done:
    buffer_clear(&out);
    config_clear(&config);
    return result;
}
