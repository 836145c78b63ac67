#include "api/command/command_key.h"

#include "api/command/command_options.h"
#include "api/process/config.h"
#include "api/wire/time_text.h"
#include "data/keys/keys.h"
#include "data/pg/migrate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_DAYS = 365 };

static int complain(const struct error *err)
{
    fprintf(stderr, "baochang key: %s %s\n", err->en, err->zh);
    if (*err->log) fprintf(stderr, "    %s\n", err->log);
    return 1;
}

/* The value of --name=…, or NULL when `argument` is another. */
static const char *option(const char *argument, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, length) != 0 || argument[2 + length] != '=') return NULL;
    return argument + 3 + length;
}

static enum status wish_read(int argc, char **argv, struct key_wish *wish, struct error *err)
{
    for (int i = 2; i < argc; i++) {
        const struct {
            const char *name, **value;
        } options[] = {{"role", &wish->role},       {"holder", &wish->holder},   {"county", &wish->county},
                       {"company", &wish->company}, {"expires", &wish->expires}};
        bool known = false;
        for (size_t o = 0; o < sizeof options / sizeof *options && !known; o++) {
            const char *value = option(argv[i], options[o].name);
            if (value == NULL) continue;
            *options[o].value = value;
            known = true;
        }
        if (!known) return error_set(err, STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, argv[i]);
    }
    if (wish->role == NULL) return error_set(err, STATUS_MISSING_MEMBER, MESSAGE_JSON_MISSING, "--role");
    if (wish->holder == NULL) return error_set(err, STATUS_MISSING_MEMBER, MESSAGE_JSON_MISSING, "--holder");
    int64_t until_ms;
    if (wish->expires && (!time_parse(wish->expires, strlen(wish->expires), &until_ms) || until_ms <= time_now_ms()))
        return error_set(err, STATUS_INVALID, MESSAGE_OPTION_VALUE, "--expires", wish->expires);
    return STATUS_OK;
}

static enum status create(struct pg *pg, const struct config *config, struct key_wish *wish, struct error *err)
{
    char text[KEY_TEXT_SIZE], until[TIME_TEXT_SIZE];
    struct pepper pepper;
    if (wish->expires == NULL) {
        time_format(time_now_ms() / 1000 * 1000 + (int64_t)DEFAULT_DAYS * 86400000, until);
        wish->expires = until;
    }
    enum status status = pepper_read(config->pepper_file, true, &pepper, err);
    if (status == STATUS_OK) status = key_create(pg, &pepper, wish, text, err);
    sodium_memzero(&pepper, sizeof pepper);
    if (status != STATUS_OK) return status;
    printf("%s\n", text);
    fprintf(stderr, "key of %s, role %s, until %s; it is not shown again 密钥只显示这一次\n", wish->holder, wish->role,
            wish->expires);
    sodium_memzero(text, sizeof text);
    return STATUS_OK;
}

static enum status list(struct pg *pg, struct error *err)
{
    struct buffer out;
    buffer_init(&out, 64 << 20);
    enum status status = key_list(pg, &out, err);
    if (status == STATUS_OK) {
        printf("id\trole\tholder\tcounty\tcompany\texpires\tstate\n");
        if (out.length) fwrite(out.data, 1, out.length, stdout);
    }
    buffer_clear(&out);
    return status;
}

int command_key(int argc, char **argv)
{
    struct config config;
    struct key_wish wish = {0};
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    int result = 1;

    config_init(&config);
    enum status status = config_load(&config, &argc, argv, &err);
    if (status != STATUS_OK) {
        result = complain(&err);
        goto done;
    }
    const char *verb = argc > 1 ? argv[1] : "";
    bool creates = strcmp(verb, "create") == 0, lists = strcmp(verb, "list") == 0 && argc == 2;
    bool revokes = strcmp(verb, "revoke") == 0 && argc == 3;
    if (!creates && !lists && !revokes) {
        result = command_usage_print("key");
        goto done;
    }
    if (creates) status = wish_read(argc, argv, &wish, &err);
    if (status == STATUS_OK)
        status = pg_open(&pg, *config.database_owner ? config.database_owner : config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = migrate_check(pg, &err);
    if (status == STATUS_OK)
        status = creates ? create(pg, &config, &wish, &err) : lists ? list(pg, &err) : key_revoke(pg, argv[2], &err);
    result = status == STATUS_OK ? 0 : complain(&err);
done:
    pg_close(pg);
    config_clear(&config);
    return result;
}
