/* The database's reasons in Chinese: whole sentences, and none of the schema's own that is missing. */
#include "data/pg/migrate.h"
#include "data/pg/reason.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void expect(const char *en, const char *zh)
{
    char out[600];
    assert_int_equal(reason_translate(en, out, sizeof out), zh != NULL);
    assert_string_equal(out, zh ? zh : en);
}

static void a_reason_keeps_what_it_is_about(void **state)
{
    (void)state;
    expect("zone \"甲\": rules[2].subject.axles_min must be a whole number from 0 to 100",
           "区域“甲”：rules[2].subject.axles_min 须为 0 至 100 的整数");
    expect("closure \"雪\": station \"没有的\" is not known on G40; known are: 内乡, 西坪", "管制“雪”：G40 上没有“没有的”站；已知的有：内乡, 西坪");
    expect("zone: invalid geometry: Self-intersection at POINT(112 33)", "zone：几何无效：边界自相交，位置 POINT(112 33)");
    expect("null value in column \"name\" of relation \"zone\" violates not-null constraint", "zone 缺少 name");
    expect("requirements[3] must hold objects {\"type\": credential type, \"max_age_s\": seconds}",
           "requirements[3] 的各项须为 {\"type\": 凭证类型, \"max_age_s\": 秒数}");
    expect("something that nobody has heard of", NULL);
    expect("", NULL);
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
    (void)state;
    char out[20];
    assert_true(reason_translate("the geometry is empty", out, 8));
    assert_string_equal(out, "几何"); /* 7 bytes of 12: two characters */
    assert_false(reason_translate("文文文文文文文文", out, sizeof out));
    assert_int_equal(strlen(out), 18);
}

/* The text of the SQL literal at `at` (its quote), with what format() or || puts in replaced; the end in *end. */
static void literal(const char *at, char *out, size_t size, const char **end)
{
    size_t n = 0;
    for (at++; *at && !(*at == '\'' && at[1] != '\''); at++) {
        if (*at == '\'') at++;
        if (*at == '%' && at[1] == 's') {
            at++;
            if (n + 1 < size) out[n++] = 'x';
        } else if (n + 1 < size) {
            out[n++] = *at;
        }
    }
    out[n] = '\0';
    *end = *at ? at + 1 : at;
}

/* RETURN 'text', RETURN at || 'text', RETURN format('text', …), reason := …: what the functions *_reason and the guards
 * say. A text that stands behind a variable gets an x in front. */
static unsigned look_through(const char *sql)
{
    static const char *const openings[] = {"RETURN ", "reason := "};
    unsigned found = 0;
    for (size_t o = 0; o < sizeof openings / sizeof *openings; o++)
        for (const char *at = sql; (at = strstr(at, openings[o])) != NULL;) {
            char text[400], whole[410], out[600];
            at += strlen(openings[o]);
            const char *quote = at, *end;
            bool behind = strncmp(quote, "at || ", 6) == 0;
            if (behind) quote += 6;
            if (strncmp(quote, "pg_catalog.", 11) == 0) quote += 11;
            if (strncmp(quote, "format(", 7) == 0) quote += 7;
            if (*quote != '\'') continue;
            literal(quote, text, sizeof text, &end);
            if (strchr(text, ' ') == NULL) continue; /* a code, not a sentence */
            bool before = strncmp(end, " || ", 4) == 0;
            const char *tail = !before ? "" : strstr(end, "|| '\"'") ? "x\"" : "x";
            snprintf(whole, sizeof whole, "%s%s%s", behind ? "x" : "", text, tail);
            found++;
            if (!reason_translate(whole, out, sizeof out)) fail_msg("data/pg/reasons.def does not know: %s", whole);
        }
    return found;
}

static void every_reason_of_the_schema_is_known(void **state)
{
    (void)state;
    unsigned found = 0;
    for (unsigned m = 0; m < migration_count; m++) found += look_through(migrations[m].sql);
    assert_true(found >= 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_keeps_what_it_is_about),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(every_reason_of_the_schema_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
