#include "data/rules/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct reading {
    struct arena arena;
    struct notice notice;
    const char *text;
};

static void read_text(struct reading *r, const char *text)
{
    struct error err = ERROR_INIT;
    arena_init(&r->arena, 16 << 20);
    r->text = text;
    assert_int_equal(notice_read(text, strlen(text), &r->arena, &r->notice, &err), STATUS_OK);
}

static void assert_span(const struct reading *r, struct notice_span span, const char *expected)
{
    assert_int_equal(span.end - span.begin, strlen(expected));
    assert_memory_equal(r->text + span.begin, expected, strlen(expected));
}

static void a_notice_is_read_item_by_item(void **state)
{
    (void)state;
    struct reading r;
    read_text(&r, "1.因降雪，禁止所有车辆上站的路段有：\n"
                  "【南阳辖区】沪陕高速：内乡站至西坪站；二广高速：全线（往山西方向）。\n"
                  "2、因路面结冰，禁止七座（含七座）以上客车及危险品运输车辆、货车上下站的路段有：\n"
                  "兰南高速：方城站—双铺收费站、南阳北站；");
    assert_int_equal(r.notice.rest_count, 0);
    assert_int_equal(r.notice.item_count, 4);
    const struct notice_item *i = r.notice.items;
    assert_span(&r, i[0].road, "沪陕");
    assert_span(&r, i[0].from, "内乡");
    assert_span(&r, i[0].to, "西坪");
    assert_span(&r, i[0].cause, "降雪");
    assert_span(&r, i[0].district, "南阳辖区");
    assert_int_equal(i[0].scope, NOTICE_ALL_VEHICLES);
    assert_int_equal(i[0].action, NOTICE_ENTRY);
    assert_span(&r, i[1].road, "二广");
    assert_int_equal(i[1].from.end, 0);
    assert_span(&r, i[1].towards, "山西");
    assert_span(&r, i[2].from, "方城");
    assert_span(&r, i[2].to, "双铺");
    assert_int_equal(i[2].scope, NOTICE_BUSES_7 | NOTICE_HAZMAT | NOTICE_LORRIES);
    assert_int_equal(i[2].action, NOTICE_BOTH);
    assert_int_equal(i[2].district.end, 0);
    assert_span(&r, i[3].from, "南阳北");
    assert_span(&r, i[3].to, "南阳北");
    arena_clear(&r.arena);
}

static void every_dash_and_width_reads_the_same(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "因大雾,禁止货车上站的路段有:沪陕高速:唐河东-西坪;",
        "因大雾，禁止货车上站的路段有：沪陕高速：唐河东－西坪；",
        "因大雾，禁止货车上站路段：沪陕高速公路：唐河东——西坪。",
        "因 大 雾 ，禁止 货车 上站 的 路段 有：沪陕 高速：唐河东 ~ 西坪",
        "３．因大雾，禁止货车上站的收费站为：沪陕高速：唐河东站到西坪站；",
        "因大雾，禁止货车上站的路段有：沪陕高速：唐河东收费站–西坪收费站",
    };
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct reading r;
        read_text(&r, ways[w]);
        assert_int_equal(r.notice.rest_count, 0);
        assert_int_equal(r.notice.item_count, 1);
        assert_span(&r, r.notice.items[0].from, "唐河东");
        assert_span(&r, r.notice.items[0].to, "西坪");
        assert_int_equal(r.notice.items[0].scope, NOTICE_LORRIES);
        arena_clear(&r.arena);
    }
}

static void what_is_not_understood_comes_back_and_closes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t items;
        enum notice_doubt doubt;
        const char *part;
    } cases[] = {
        {"全省高速公路禁止货车上站", 0, NOTICE_HEAD_UNCLEAR, "全省高速公路禁止货车上站"},
        {"因降雪，禁止三轮车上站的路段有：沪陕高速：西坪站", 0, NOTICE_HEAD_UNCLEAR, "因降雪，禁止三轮车上站的路段有"},
        {"沪陕高速：西坪站", 0, NOTICE_NO_HEAD, "沪陕高速：西坪站"},
        {"因降雪，禁止货车上站的路段有：G312国道：西峡段", 0, NOTICE_LINE_UNCLEAR, "G312国道：西峡段"},
        {"因降雪，禁止货车上站的路段有：沪陕高速：西坪站（请绕行）、内乡站", 1, NOTICE_ITEM_UNCLEAR, "西坪站（请绕行）"},
        {"因降雪，禁止货车上站的路段有：沪陕高速：西坪站-、内乡站", 1, NOTICE_ITEM_UNCLEAR, "西坪站-"},
        {"请广大司机注意安全。因降雪，禁止货车上站的路段有：沪陕高速：西坪站", 1, NOTICE_LINE_UNCLEAR, "请广大司机注意安全"},
        {"因降雪，禁止货车上站的路段有：沪陕高速：内乡站-西峡站-西坪站", 0, NOTICE_ITEM_UNCLEAR, "内乡站-西峡站-西坪站"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct reading r;
        read_text(&r, cases[c].text);
        assert_int_equal(r.notice.item_count, cases[c].items);
        assert_true(r.notice.rest_count >= 1);
        assert_int_equal(r.notice.rest[0].doubt, cases[c].doubt);
        assert_span(&r, r.notice.rest[0].span, cases[c].part);
        arena_clear(&r.arena);
    }
}

static void an_unclear_head_takes_its_lines_with_it(void **state)
{
    (void)state;
    struct reading r;
    read_text(&r, "因降雪，禁止货车上站的路段有：沪陕高速：西坪站；因大雾，禁止拖拉机上站的路段有：二广高速：全线");
    assert_int_equal(r.notice.item_count, 1);
    assert_int_equal(r.notice.rest_count, 2);
    assert_int_equal(r.notice.rest[1].doubt, NOTICE_NO_HEAD);
    arena_clear(&r.arena);
}

static void broken_text_is_refused_with_its_place(void **state)
{
    (void)state;
    struct arena arena;
    struct notice notice;
    struct error err = ERROR_INIT;
    arena_init(&arena, 16 << 20);
    assert_int_equal(notice_read("\xE6\x88", 2, &arena, &notice, &err), STATUS_INVALID);
    assert_int_equal(notice_read("a\xC0\x80", 3, &arena, &notice, &err), STATUS_INVALID);
    assert_non_null(strstr(err.en, "byte 1"));
    static char large[NOTICE_BYTES_MAX + 1];
    assert_int_equal(notice_read(large, sizeof large, &arena, &notice, &err), STATUS_TOO_LARGE);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_read_item_by_item),
        cmocka_unit_test(every_dash_and_width_reads_the_same),
        cmocka_unit_test(what_is_not_understood_comes_back_and_closes_nothing),
        cmocka_unit_test(an_unclear_head_takes_its_lines_with_it),
        cmocka_unit_test(broken_text_is_refused_with_its_place),
    };
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
