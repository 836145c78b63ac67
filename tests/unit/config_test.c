#include "api/process/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static enum status load(struct config *config, struct error *err, int count, ...)
{
    static char command[] = "serve";
    char *argv[16] = {command};
    int argc = 1;
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++) argv[argc++] = va_arg(list, char *);
    va_end(list);
    return config_load(config, &argc, argv, err);
}

static void every_row_is_complete(void **state)
{
    (void)state;
    size_t groups = 0;
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *o = &config_table[i];
        assert_true(o->help && *o->help);
        bool chinese = false;
        for (const char *p = o->help_zh; p && *p; p++) chinese = chinese || (unsigned char)*p >= 0x80;
        assert_true(chinese);
        if (o->name == NULL) {
            groups++;
            continue;
        }
        assert_int_equal(o->name[strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789_")], '\0');
        assert_true(o->help[strlen(o->help) - 1] == '.');
        if (o->type == OPTION_NUMBER) assert_true(o->lowest < o->highest);
        if (o->type == OPTION_TEXT) assert_true(o->highest > 0 && strlen(o->fallback) <= (size_t)o->highest);
        for (size_t k = 0; k < i; k++)
            if (config_table[k].name) assert_string_not_equal(config_table[k].name, o->name);
    }
    assert_true(groups > 0 && config_table[0].name == NULL);
}

static void every_row_is_on_every_page(void **state)
{
    (void)state;
    struct buffer pages[3];
    for (int p = 0; p < 3; p++) buffer_init(&pages[p], 1 << 20);
    config_help(&pages[0]);
    config_sample(&pages[1]);
    config_reference(&pages[2]);
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *o = &config_table[i];
        for (int p = 0; p < 3; p++) assert_non_null(strstr(pages[p].data, o->help));
        if (o->name == NULL) continue;
        char mark[100];
        snprintf(mark, sizeof mark, "\n#%s = %s\n", o->name, o->fallback);
        assert_non_null(strstr(pages[1].data, mark));
        snprintf(mark, sizeof mark, "| `%s` |", o->name);
        assert_non_null(strstr(pages[2].data, mark));
    }
    for (int p = 0; p < 3; p++) buffer_clear(&pages[p]);
}

static void later_sources_win(void **state)
{
    (void)state;
    char path[] = "/tmp/baochang-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    const char *text = "; a comment\nport = 1001\nworkers=3\nlanguage = en\naccess_log = off\ndatabase = host=a password=b\n";
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    char option[64];
    snprintf(option, sizeof option, "--config=%s", path);
    struct config config;
    config_init(&config);
    assert_int_equal(load(&config, NULL, 0), STATUS_OK);
    assert_int_equal(config.port, 8080);
    assert_int_equal(config.head_ms, 5000);
    assert_string_equal(config.address, "127.0.0.1");
    assert_true(config.access_log);
    assert_int_equal(load(&config, NULL, 1, option), STATUS_OK);
    assert_int_equal(config.port, 1001);
    assert_int_equal(config.workers, 3);
    assert_int_equal(config.language, 1);
    assert_false(config.access_log);
    assert_string_equal(config.database, "host=a password=b");
    setenv("BAOCHANG_PORT", "1002", 1);
    assert_int_equal(load(&config, NULL, 1, option), STATUS_OK);
    assert_int_equal(config.port, 1002);
    assert_int_equal(load(&config, NULL, 3, option, "--port=1003", "--access-log"), STATUS_OK);
    assert_int_equal(config.port, 1003);
    assert_true(config.access_log);
    unsetenv("BAOCHANG_PORT");
    struct buffer shown;
    buffer_init(&shown, 1 << 16);
    config_show(&config, &shown);
    assert_null(strstr(shown.data, "password"));
    assert_non_null(strstr(shown.data, "language = en\n"));
    buffer_clear(&shown);
    config_clear(&config);
    unlink(path);
}

static void what_is_no_option_stays_in_argv(void **state)
{
    (void)state;
    const char *given[] = {"import", "--demo", "--port=5", "file.pbf", "--", "--port=6"};
    char *argv[7] = {NULL};
    int argc = 6;
    for (int i = 0; i < argc; i++) argv[i] = (char *)(uintptr_t)given[i]; /* config_load moves them, never writes */
    struct config config;
    config_init(&config);
    assert_int_equal(config_load(&config, &argc, argv, NULL), STATUS_OK);
    assert_int_equal(argc, 5);
    assert_string_equal(argv[1], "--demo");
    assert_string_equal(argv[2], "file.pbf");
    assert_string_equal(argv[3], "--");
    assert_string_equal(argv[4], "--port=6");
    assert_null(argv[5]);
    assert_int_equal(config.port, 5);
    config_clear(&config);
}

static void bad_values_name_their_option(void **state)
{
    (void)state;
    static const struct {
        const char *argument, *pointer;
        enum status status;
    } cases[] = {
        {"--port=65536", "port", STATUS_OUT_OF_RANGE},
        {"--port=-1", "port", STATUS_INVALID},
        {"--port=80x", "port", STATUS_INVALID},
        {"--port=", "port", STATUS_INVALID},
        {"--port", "port", STATUS_INVALID},
        {"--port=99999999999999999999", "port", STATUS_OUT_OF_RANGE},
        {"--language=fr", "language", STATUS_INVALID},
        {"--language=z", "language", STATUS_INVALID},
        {"--access-log=maybe", "access_log", STATUS_INVALID},
        {"--address=a\nb", "address", STATUS_INVALID},
        {"--database=host=a PASSWORD=secret", "database", STATUS_INVALID},
        {"--database=postgres://u:secret@h/d", "database", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config;
        struct error err = ERROR_INIT;
        config_init(&config);
        if (load(&config, &err, 1, cases[i].argument) != cases[i].status) fail_msg("%s", cases[i].argument);
        assert_string_equal(err.pointer, cases[i].pointer);
        assert_null(strstr(err.en, "secret"));
        config_clear(&config);
    }
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    char long_line[400];
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "snapshot = ", 11);
    long_line[sizeof long_line - 1] = '\0';
    const char *bad[] = {"no_such = 1\n", "[section]\nport = 1\n", "port = 1\nport = 2\n", "port\n", "port = x\n", long_line};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[] = "/tmp/baochang-config-XXXXXX";
        int fd = mkstemp(path);
        assert_int_equal(write(fd, bad[i], strlen(bad[i])), (ssize_t)strlen(bad[i]));
        close(fd);
        char option[64];
        snprintf(option, sizeof option, "--config=%s", path);
        struct config config;
        config_init(&config);
        if (load(&config, NULL, 1, option) == STATUS_OK) fail_msg("taken: %s", bad[i]);
        config_clear(&config);
        unlink(path);
    }
    struct config config;
    config_init(&config);
    assert_int_equal(load(&config, NULL, 1, "--config=/does/not/exist"), STATUS_IO);
    config_clear(&config);
}

static void a_reload_takes_only_what_may_change(void **state)
{
    (void)state;
    struct config config, fresh;
    config_init(&config);
    config_init(&fresh);
    assert_int_equal(load(&config, NULL, 0), STATUS_OK);
    assert_int_equal(load(&fresh, NULL, 3, "--port=7", "--log-level=debug", "--address=127.0.0.1"), STATUS_OK);
    assert_int_equal(config_reload(&config, &fresh), 1);
    assert_int_equal(config.port, 8080);
    assert_int_equal(config.log_level, 0);
    config_clear(&config);
    config_clear(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_row_is_on_every_page),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(what_is_no_option_stays_in_argv),
        cmocka_unit_test(bad_values_name_their_option),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(a_reload_takes_only_what_may_change),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
