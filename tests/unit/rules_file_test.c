/* Rules on paper: what is written is read back the same, and nothing else is taken. */
#include "api/paper/rules_read.h"
#include "api/paper/rules_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define SCHEDULE "{\"from_ms\":null,\"until_ms\":1800000000000,\"windows\":[[127,15,420,1200,34]]}"
#define SUBJECT                                                                                                       \
    "{\"gross_min_kg\":12000,\"gross_max_kg\":4294967295,\"axles_min\":0,\"axles_max\":6,\"hazmat\":1,\"livestock\":0," \
    "\"lorry\":2,\"emissions\":6,\"plate_prefixes\":[\"豫R\"],\"plate_prefixes_negated\":true,\"cargos\":[\"coal\"]}"

#define TOLLS(class) "\"" class "\":[4500,9500,15200,18200,19600,200000]"

static const char document[] =
    "{\"format\":\"baochang-rules-3\",\"version\":7,\"as_of_ms\":1790000000000,"
    "\"calendar\":{\"first_day\":20000,\"kinds\":[0,1,2,3]},"
    "\"credential_types\":[{\"code\":\"pass\",\"name_zh\":\"通行证\",\"name_en\":\"pass\",\"default_max_age_s\":86400}],"
    "\"zones\":[{\"id\":\"z\",\"name\":\"区\",\"class_code\":\"c\",\"class_name_zh\":\"类\",\"class_name_en\":\"class\","
    "\"county\":\"\",\"document\":\"d\",\"authority\":\"a\","
    "\"area\":{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[112.1,33],[112.1,33.1],[112,33]],"
    "[[112.05,33.01],[112.06,33.03],[112.07,33.01],[112.05,33.01]]]},"
    "\"accuracy_mm\":2000,\"border_roads_inside\":true,\"layers\":[-1,0],\"schedule\":" SCHEDULE ","
    "\"rules\":[{\"subject\":" SUBJECT ",\"rule\":\"gated\",\"open_classes\":3,\"transit_deny\":true,\"slow_permille\":1500,"
    "\"exempt\":[\"pass\"],\"hours\":" SCHEDULE "}]}],"
    "\"checkpoints\":[{\"id\":\"k\",\"name\":\"卡\",\"point\":[112.1,33.1],\"road_ref\":\"G40\",\"bearing_deg\":-1,"
    "\"reach_mm\":1000000,\"opening\":" SCHEDULE ",\"normal_ms\":90000,\"green_ms\":30000,"
    "\"groups\":[[{\"type\":\"pass\",\"max_age_s\":3600}],[]],\"green\":[\"pass\"],"
    "\"gates\":[{\"zone\":\"z\",\"direction\":3,\"arcs\":[[12,true],[13,false]]}]}],"
    "\"closures\":[{\"id\":\"x\",\"name\":\"n\",\"cause\":\"snow\",\"document\":\"\",\"authority\":\"\",\"action\":\"limit\","
    "\"physical\":false,\"limit_kind\":\"height\",\"limit_value\":4000,\"subject\":" SUBJECT ",\"schedule\":" SCHEDULE ","
    "\"exempt\":[],\"arcs\":[[9,false]]}],"
    "\"facilities\":[{\"id\":\"f\",\"kind\":\"service_area\",\"name\":\"服务区\",\"name_en\":\"rest\",\"point\":[112.2,33.2],\"uses\":1,\"turning_place\":true}],"
    "\"journeys\":{\"max_drive_ms\":14400000,\"rest_ms\":1200000,\"hand_over_ms\":1800000},"
    "\"road_limits\":[{\"road\":12,\"limits\":[4200,0,0,49000,0,6,46000],\"hazmat_no\":true}],\"tolls\":{" TOLLS("motorway") "," TOLLS("motorway_link") "," TOLLS("trunk") "," TOLLS("trunk_link") ","
    TOLLS("primary") "," TOLLS("primary_link") "," TOLLS("secondary") "," TOLLS("secondary_link") "," TOLLS("tertiary") ","
    TOLLS("tertiary_link") "," TOLLS("unclassified") "," TOLLS("residential") "," TOLLS("living_street") "," TOLLS("service") ","
    TOLLS("track") "," TOLLS("ferry") "}}";

static enum status read_text(const char *text, size_t length, struct arena *arena, struct rules_input *out, struct error *err)
{
    struct geos *geos = NULL;
    assert_int_equal(geos_open(&geos, err), STATUS_OK);
    enum status status = rules_read(text, length, arena, geos, out, err);
    geos_close(geos);
    return status;
}

static void what_is_written_is_read_back_the_same(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct buffer out;
    struct rules_input in;
    arena_init(&arena, 1 << 20);
    buffer_init(&out, 1 << 20);
    if (read_text(document, sizeof document - 1, &arena, &in, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.pointer);
    assert_int_equal(in.zones[0].rules[0].hours.windows[0].plate_tails, 34);
    assert_int_equal(in.zones[0].schedule.from_ms, INT64_MIN);
    assert_int_equal(in.zones[0].area.ring_count, 2);
    assert_int_equal(in.checkpoints[0].gates[0].zone, 0);
    assert_int_equal(in.checkpoints[0].groups[1].requirement_count, 0);
    assert_int_equal(in.closures[0].limit_kind, LIMIT_HEIGHT);
    assert_int_equal(in.tolls.centifen_per_km[ROAD_FERRY][TOLL_CLASS_MAX], TOLL_RATE_MAX);
    rules_write(&out, &in);
    assert_int_equal(out.failed, STATUS_OK);
    assert_int_equal(out.length, sizeof document - 1);
    assert_memory_equal(out.data, document, out.length);
    buffer_clear(&out);
    arena_clear(&arena);
}

/* Each member once away, once of a wrong kind: refused, with a pointer. */
static void a_member_that_is_missing_or_wrong_is_refused_by_name(void **state)
{
    (void)state;
    char text[sizeof document + 16];
    uint32_t members = 0;
    for (const char *at = document; (at = strstr(at, "\":")) != NULL; at += 2) {
        const char *key = at;
        while (key[-1] != '"') key--;
        for (int way = 0; way < 2; way++) {
            struct error err = ERROR_INIT;
            struct arena arena;
            struct rules_input in;
            size_t before = (size_t)(way ? at + 2 - document : key - document), length = sizeof document - 1;
            memcpy(text, document, before);
            memcpy(text + before, way ? "{}," : "x", way ? 3 : 1); /* another name, or something before the value */
            memcpy(text + before + (way ? 3 : 1), document + before, length - before);
            length += way ? 3 : 1;
            arena_init(&arena, 1 << 20);
            assert_int_not_equal(read_text(text, length, &arena, &in, &err), STATUS_OK);
            if (!way) assert_true(err.pointer[0] == '/');
            arena_clear(&arena);
        }
        members++;
    }
    assert_true(members > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_the_same),
        cmocka_unit_test(a_member_that_is_missing_or_wrong_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
