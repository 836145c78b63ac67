#include "api/process/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX = 64 * 1024, LINE_LONGEST = 190, NAME_LONGEST = 64 };

const struct option config_table[] = {
#define ROW_GROUP(english, chinese) {.help = english, .help_zh = chinese},
#define ROW_TEXT(field, fallback_, longest_, reloadable_, secret_, help_, zh_)                                       \
    {.name = #field, .type = OPTION_TEXT, .unit = "", .fallback = fallback_, .highest = longest_,                    \
     .reloadable = reloadable_, .secret = secret_, .help = help_, .help_zh = zh_,                                    \
     .offset = offsetof(struct config, field)},
#define ROW_NUMBER(field, unit_, fallback_, lowest_, highest_, reloadable_, help_, zh_)                              \
    {.name = #field, .type = OPTION_NUMBER, .unit = unit_, .fallback = #fallback_, .lowest = lowest_,                \
     .highest = highest_, .reloadable = reloadable_, .help = help_, .help_zh = zh_,                                  \
     .offset = offsetof(struct config, field)},
#define ROW_FLAG(field, fallback_, reloadable_, help_, zh_)                                                          \
    {.name = #field, .type = OPTION_FLAG, .unit = "", .fallback = #fallback_, .reloadable = reloadable_,             \
     .help = help_, .help_zh = zh_, .offset = offsetof(struct config, field)},
#define ROW_CHOICE(field, fallback_, words_, reloadable_, help_, zh_)                                                \
    {.name = #field, .type = OPTION_CHOICE, .unit = "", .fallback = fallback_, .words = words_,                      \
     .reloadable = reloadable_, .help = help_, .help_zh = zh_, .offset = offsetof(struct config, field)},
    CONFIG_OPTIONS(ROW_GROUP, ROW_TEXT, ROW_NUMBER, ROW_FLAG, ROW_CHOICE)
};
const size_t config_table_count = sizeof config_table / sizeof *config_table;

static void *field(struct config *config, const struct option *option)
{
    return (char *)config + option->offset;
}

static const void *field_read(const struct config *config, const struct option *option)
{
    return (const char *)config + option->offset;
}

void config_init(struct config *config)
{
    memset(config, 0, sizeof *config);
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL || option->type != OPTION_TEXT) continue;
        char **text = field(config, option);
        if (*text && option->secret) explicit_bzero(*text, strlen(*text));
        free(*text);
    }
    config_init(config);
}

/* Length-limited, with '-' and '_' alike. */
static const struct option *find(const char *name, size_t length)
{
    for (size_t i = 0; i < config_table_count; i++) {
        const char *known = config_table[i].name;
        if (known == NULL || strlen(known) != length) continue;
        size_t at = 0;
        while (at < length && (name[at] == known[at] || (name[at] == '-' && known[at] == '_'))) at++;
        if (at == length) return &config_table[i];
    }
    return NULL;
}

static enum status bad_value(const struct option *option, const char *value, struct error *err)
{
    enum status status =
        error_set(err, STATUS_INVALID, MESSAGE_OPTION_VALUE, option->name, option->secret ? "***" : value);
    error_pointer(err, "%s", option->name);
    return status;
}

static enum status set_number(const struct option *option, int64_t *out, const char *value, struct error *err)
{
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)value[0])) return bad_value(option, value, err);
    intmax_t number = strtoimax(value, &end, 10);
    if (*end != '\0') return bad_value(option, value, err);
    if (errno == ERANGE || number < option->lowest || number > option->highest) {
        enum status status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_OPTION_BOUNDS, option->name,
                                       (long long)option->lowest, (long long)option->highest);
        error_pointer(err, "%s", option->name);
        error_bounds(err, (double)(number < option->lowest ? option->lowest : option->highest), (double)number);
        return status;
    }
    *out = number;
    return STATUS_OK;
}

static enum status set_flag(const struct option *option, bool *out, const char *value, struct error *err)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(value, words[i]) == 0) {
            *out = i % 2 == 1;
            return STATUS_OK;
        }
    return bad_value(option, value, err);
}

static enum status set_choice(const struct option *option, unsigned *out, const char *value, struct error *err)
{
    unsigned place = 0;
    for (const char *word = option->words; *word; place++) {
        size_t length = strcspn(word, "|");
        if (strlen(value) == length && memcmp(word, value, length) == 0) {
            *out = place;
            return STATUS_OK;
        }
        word += length;
        if (*word == '|') word++;
    }
    return bad_value(option, value, err);
}

static enum status set_text(const struct option *option, char **out, const char *value, struct error *err)
{
    size_t length = strlen(value);
    if (length > (size_t)option->highest) return bad_value(option, "…", err);
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if (*p < 0x20 || *p == 0x7F) return bad_value(option, "…", err);
    char *copy = strdup(value);
    if (copy == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    free(*out);
    *out = copy;
    return STATUS_OK;
}

static enum status set(struct config *config, const struct option *option, const char *value, struct error *err)
{
    switch (option->type) {
    case OPTION_TEXT: return set_text(option, field(config, option), value, err);
    case OPTION_NUMBER: return set_number(option, field(config, option), value, err);
    case OPTION_FLAG: return set_flag(option, field(config, option), value, err);
    case OPTION_CHOICE: return set_choice(option, field(config, option), value, err);
    }
    return STATUS_INTERNAL;
}

enum status config_set(struct config *config, const char *name, const char *value, struct error *err)
{
    const struct option *option = find(name, strlen(name));
    if (option == NULL) return error_set(err, STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, name);
    return set(config, option, value, err);
}

/* ---- the file ------------------------------------------------------------------------------------------------ */

struct file_load {
    struct config *config;
    struct error *err;
    enum status status;
    bool seen[sizeof config_table / sizeof *config_table];
};

static int on_pair(void *context, const char *section, const char *name, const char *value)
{
    struct file_load *load = context;
    if (load->status != STATUS_OK) return 0;
    const struct option *option = *section ? NULL : find(name, strlen(name));
    if (option == NULL) {
        load->status = error_set(load->err, STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, *section ? section : name);
        return 0;
    }
    if (load->seen[option - config_table]) {
        load->status = bad_value(option, "…", load->err);
        error_log(load->err, "given twice");
        return 0;
    }
    load->seen[option - config_table] = true;
    load->status = set(load->config, option, value, load->err);
    return load->status == STATUS_OK;
}

static enum status load_file(struct config *config, const char *path, struct error *err)
{
    char *text = NULL;
    enum status status = STATUS_OK;
    FILE *file = fopen(path, "re");
    if (file == NULL) return error_set(err, STATUS_IO, MESSAGE_OPTION_FILE, path, strerror(errno));
    text = malloc(FILE_MAX + 1);
    if (text == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    size_t length = fread(text, 1, FILE_MAX + 1, file);
    if (ferror(file) || length > FILE_MAX) {
        status = error_set(err, STATUS_IO, MESSAGE_OPTION_FILE, path, strerror(ferror(file) ? EIO : EFBIG));
        goto done;
    }
    text[length] = '\0';
    /* inih reads lines in pieces of 200 bytes and would take the second piece for a line of its own */
    int line = 1;
    for (const char *p = text; *p; line++) {
        size_t n = strcspn(p, "\n");
        if (n > LINE_LONGEST && p[0] != '#' && p[0] != ';') {
            status = error_set(err, STATUS_INVALID, MESSAGE_OPTION_LINE, path, line);
            error_log(err, "the line is longer than %d bytes", LINE_LONGEST);
            goto done;
        }
        p += n + (p[n] == '\n');
    }
    struct file_load load = {.config = config, .err = err};
    int bad_line = ini_parse_string(text, on_pair, &load);
    status = load.status;
    if (status == STATUS_OK && bad_line != 0) status = error_set(err, STATUS_INVALID, MESSAGE_OPTION_LINE, path, bad_line);

done:
    if (text) explicit_bzero(text, FILE_MAX + 1);
    free(text);
    fclose(file);
    return status;
}

/* ---- environment and command line ---------------------------------------------------------------------------- */

static enum status load_environment(struct config *config, struct error *err)
{
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL) continue;
        char name[NAME_LONGEST + 16];
        int n = snprintf(name, sizeof name, "BAOCHANG_%s", option->name);
        for (int k = 0; k < n; k++) name[k] = (char)toupper((unsigned char)name[k]);
        const char *value = getenv(name);
        if (value == NULL) continue;
        enum status status = set(config, option, value, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static bool holds_password(const char *value)
{
    if (strcasestr(value, "password")) return true;
    const char *scheme = strstr(value, "://"), *at = scheme ? strchr(scheme, '@') : NULL;
    const char *colon = scheme ? strchr(scheme + 3, ':') : NULL;
    return at && colon && colon < at;
}

static enum status load_arguments(struct config *config, int *argc, char **argv, struct error *err)
{
    int kept = *argc > 0 ? 1 : 0;
    bool ended = false;
    for (int i = kept; i < *argc; i++) {
        const char *argument = argv[i];
        const struct option *option = NULL;
        const char *equals = NULL;
        if (strcmp(argument, "--") == 0) ended = true;
        if (!ended && strncmp(argument, "--", 2) == 0) {
            equals = strchr(argument, '=');
            size_t length = equals ? (size_t)(equals - argument) - 2 : strlen(argument) - 2;
            if (length == 6 && strncmp(argument + 2, "config", 6) == 0 && equals) continue; /* taken before */
            option = find(argument + 2, length);
        }
        if (option == NULL) {
            argv[kept++] = argv[i];
            continue;
        }
        if (equals == NULL && option->type != OPTION_FLAG) {
            error_set(err, STATUS_INVALID, MESSAGE_OPTION_NEEDS_VALUE, option->name);
            error_pointer(err, "%s", option->name);
            return STATUS_INVALID;
        }
        const char *value = equals ? equals + 1 : "true";
        if (option->secret && holds_password(value)) {
            enum status status = bad_value(option, "***", err);
            error_log(err, "a password belongs into the file or the environment, not on the command line");
            return status;
        }
        enum status status = set(config, option, value, err);
        if (status != STATUS_OK) return status;
    }
    *argc = kept;
    argv[kept] = NULL;
    return STATUS_OK;
}

enum status config_load(struct config *config, int *argc, char **argv, struct error *err)
{
    config_clear(config);
    for (size_t i = 0; i < config_table_count; i++) {
        if (config_table[i].name == NULL) continue;
        enum status status = set(config, &config_table[i], config_table[i].fallback, err);
        if (status != STATUS_OK) return status;
    }
    const char *path = getenv("BAOCHANG_CONFIG");
    for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "--config=", 9) == 0) path = argv[i] + 9;
    enum status status = path && *path ? load_file(config, path, err) : STATUS_OK;
    if (status == STATUS_OK) status = load_environment(config, err);
    if (status == STATUS_OK) status = load_arguments(config, argc, argv, err);
    return status;
}

/* ---- values and pages ---------------------------------------------------------------------------------------- */

static void value_write(const struct config *config, const struct option *option, struct buffer *out)
{
    const void *at = field_read(config, option);
    switch (option->type) {
    case OPTION_TEXT: {
        const char *text = *(char *const *)at;
        buffer_text(out, option->secret && text && *text ? "***" : text ? text : "");
        break;
    }
    case OPTION_NUMBER: buffer_printf(out, "%" PRId64, *(const int64_t *)at); break;
    case OPTION_FLAG: buffer_text(out, *(const bool *)at ? "true" : "false"); break;
    case OPTION_CHOICE: {
        const char *word = option->words;
        for (unsigned place = *(const unsigned *)at; place > 0; place--) word = strchr(word, '|') + 1;
        buffer_bytes(out, word, strcspn(word, "|"));
        break;
    }
    }
}

static bool same(const struct config *a, const struct config *b, const struct option *option)
{
    const void *x = field_read(a, option), *y = field_read(b, option);
    switch (option->type) {
    case OPTION_TEXT: return strcmp(*(char *const *)x, *(char *const *)y) == 0;
    case OPTION_NUMBER: return *(const int64_t *)x == *(const int64_t *)y;
    case OPTION_FLAG: return *(const bool *)x == *(const bool *)y;
    case OPTION_CHOICE: return *(const unsigned *)x == *(const unsigned *)y;
    }
    return false;
}

unsigned config_reload(struct config *config, struct config *fresh)
{
    unsigned left = 0;
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL || same(config, fresh, option)) continue;
        if (!option->reloadable) {
            left++;
            continue;
        }
        switch (option->type) {
        case OPTION_TEXT: { /* swapped, so that both keep one owner */
            char **x = field(config, option), **y = field(fresh, option), *held = *x;
            *x = *y;
            *y = held;
            break;
        }
        case OPTION_NUMBER: *(int64_t *)field(config, option) = *(int64_t *)field(fresh, option); break;
        case OPTION_FLAG: *(bool *)field(config, option) = *(bool *)field(fresh, option); break;
        case OPTION_CHOICE: *(unsigned *)field(config, option) = *(unsigned *)field(fresh, option); break;
        }
    }
    return left;
}

static void kind_write(const struct option *option, struct buffer *out)
{
    switch (option->type) {
    case OPTION_TEXT: buffer_printf(out, "text, at most %" PRId64 " bytes", option->highest); break;
    case OPTION_NUMBER:
        buffer_printf(out, "%" PRId64 " to %" PRId64 "%s%s", option->lowest, option->highest, *option->unit ? " " : "",
                      option->unit);
        break;
    case OPTION_FLAG: buffer_text(out, "true or false"); break;
    case OPTION_CHOICE:
        for (const char *p = option->words; *p; p++) {
            if (*p == '|') buffer_text(out, ", ");
            else buffer_char(out, *p);
        }
        break;
    }
}

void config_help(struct buffer *out)
{
    buffer_text(out, "Options, also as BAOCHANG_NAME in the environment or name = value in a file (--config=PATH):\n");
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL) {
            buffer_printf(out, "\n%s  %s\n", option->help, option->help_zh);
            continue;
        }
        char name[NAME_LONGEST];
        snprintf(name, sizeof name, "%s", option->name);
        for (char *p = name; *p; p++)
            if (*p == '_') *p = '-';
        buffer_printf(out, "  --%s=", name);
        kind_write(option, out);
        buffer_printf(out, "\n      %s\n      %s\n", option->help, option->help_zh);
        if (*option->fallback) buffer_printf(out, "      [%s]\n", option->fallback);
    }
}

void config_sample(struct buffer *out)
{
    buffer_text(out, "# baochang.ini: every option with its default. Made by `baochang config sample`.\n"
                     "# Take the # away to change one. Environment (BAOCHANG_NAME) and command line win over this file.\n"
                     "# A line has at most 190 bytes; ' ;' begins a comment.\n");
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL) {
            buffer_printf(out, "\n# ---- %s %s ----\n", option->help, option->help_zh);
            continue;
        }
        buffer_printf(out, "\n# %s\n# %s\n# (", option->help, option->help_zh);
        kind_write(option, out);
        buffer_printf(out, "%s%s)\n#%s = %s\n", option->reloadable ? "; takes effect on SIGHUP" : "",
                      option->secret ? "; secret: keep this file to its owner" : "", option->name, option->fallback);
    }
}

void config_reference(struct buffer *out)
{
    buffer_text(out, "# Configuration 配置\n\nMade by `baochang config reference` from the table in `api/process/config.h`. A "
                     "value comes from the default, the file (`--config=PATH`), the environment (`BAOCHANG_NAME`) and "
                     "the command line (`--name=value`); later ones win.\n");
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL) {
            buffer_printf(out, "\n## %s %s\n\n| option | values | default | reload | meaning |\n|---|---|---|---|---|\n",
                          option->help, option->help_zh);
            continue;
        }
        buffer_printf(out, "| `%s` | ", option->name);
        kind_write(option, out);
        buffer_printf(out, " | %s%s%s | %s | %s %s%s |\n", *option->fallback ? "`" : "", option->fallback,
                      *option->fallback ? "`" : "", option->reloadable ? "yes" : "", option->help, option->help_zh,
                      option->secret ? " (secret)" : "");
    }
}

void config_show(const struct config *config, struct buffer *out)
{
    for (size_t i = 0; i < config_table_count; i++) {
        if (config_table[i].name == NULL) continue;
        buffer_printf(out, "%s = ", config_table[i].name);
        value_write(config, &config_table[i], out);
        buffer_char(out, '\n');
    }
}
