#include "api/process/client_address.h"
#include "api/process/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct limiter *make(uint64_t rate, uint64_t burst, size_t callers)
{
    struct limiter *limiter;
    assert_int_equal(limiter_new(&limiter, rate, burst, callers, NULL), STATUS_OK);
    return limiter;
}

static void a_caller_is_refused_when_its_units_are_used_up(void **state)
{
    (void)state;
    struct limiter *limiter = make(100, 1000, 64);
    uint64_t a = limiter_key(limiter, "a", 1), b = limiter_key(limiter, "b", 1);
    unsigned wait_s = 0;
    int64_t now = 1000000;
    assert_true(limiter_admit(limiter, a, now, &wait_s));
    limiter_charge(limiter, a, 999, now);
    assert_true(limiter_admit(limiter, a, now, &wait_s));
    limiter_charge(limiter, a, 1001, now); /* into debt: 1000 below nothing */
    assert_false(limiter_admit(limiter, a, now, &wait_s));
    assert_int_equal(wait_s, 11);
    assert_true(limiter_admit(limiter, b, now, &wait_s)); /* others do not suffer */
    assert_false(limiter_admit(limiter, a, now + 10000, &wait_s));
    assert_true(limiter_admit(limiter, a, now + 10010, &wait_s));
    assert_true(limiter_admit(limiter, 0, now, &wait_s)); /* nobody in particular */
    limiter_free(limiter);
}

static void a_bucket_never_holds_more_than_its_burst(void **state)
{
    (void)state;
    struct limiter *limiter = make(1000, 500, 64);
    uint64_t a = limiter_key(limiter, "a", 1);
    unsigned wait_s;
    limiter_charge(limiter, a, 1, 1000);
    limiter_charge(limiter, a, 501, 1000000000); /* long after */
    assert_false(limiter_admit(limiter, a, 1000000000, &wait_s));
    limiter_free(limiter);
}

static void a_clock_that_goes_back_gives_nothing(void **state)
{
    (void)state;
    struct limiter *limiter = make(1000, 500, 64);
    uint64_t a = limiter_key(limiter, "a", 1);
    unsigned wait_s;
    limiter_charge(limiter, a, 600, 50000);
    assert_false(limiter_admit(limiter, a, 10000, &wait_s));
    limiter_charge(limiter, a, 1, 10000);
    assert_false(limiter_admit(limiter, a, 50100, &wait_s)); /* −101 then, and 100 since */
    assert_true(limiter_admit(limiter, a, 50102, &wait_s));
    limiter_free(limiter);
}

static void debtors_stay_when_the_table_is_full(void **state)
{
    (void)state;
    struct limiter *limiter = make(1, 1000, 8); /* one set */
    uint64_t debtor = limiter_key(limiter, "debtor", 6);
    unsigned wait_s;
    limiter_charge(limiter, debtor, 5000, 1000);
    for (int i = 0; i < 1000; i++) {
        uint64_t other = limiter_key(limiter, &i, sizeof i);
        limiter_charge(limiter, other, 10, 1000);
    }
    assert_false(limiter_admit(limiter, debtor, 1000, &wait_s));
    limiter_free(limiter);
}

static void enormous_figures_do_not_overflow(void **state)
{
    (void)state;
    struct limiter *limiter = make(UINT64_MAX, UINT64_MAX, 64);
    uint64_t a = limiter_key(limiter, "a", 1);
    unsigned wait_s;
    for (int i = 0; i < 20; i++) limiter_charge(limiter, a, UINT64_MAX, 1000);
    assert_false(limiter_admit(limiter, a, 1000, &wait_s));
    (void)!limiter_admit(limiter, a, INT64_MAX, &wait_s);
    limiter_free(limiter);
    limiter = make(0, 10, 64);
    a = limiter_key(limiter, "a", 1);
    limiter_charge(limiter, a, 11, 1000);
    assert_false(limiter_admit(limiter, a, INT64_MAX, &wait_s));
    assert_int_equal(wait_s, 3600);
    limiter_free(limiter);
}

static void addresses_share_the_limit_of_their_block(void **state)
{
    (void)state;
    unsigned char a[8], b[8];
    assert_int_equal(client_address_block("192.0.2.1", a), 4);
    assert_int_equal(client_address_block("::ffff:192.0.2.200", b), 4);
    assert_memory_equal(a, b, 4);
    assert_int_equal(client_address_block("192.0.3.1", b), 4);
    assert_memory_not_equal(a, b, 4);
    assert_int_equal(client_address_block("2001:db8:1:2ff::1", a), 8);
    assert_int_equal(client_address_block("2001:db8:1:200:ffff::", b), 8);
    assert_memory_equal(a, b, 8);
    assert_int_equal(client_address_block("2001:db8:1:100::", b), 8);
    assert_memory_not_equal(a, b, 8);
    assert_int_equal(client_address_block("somewhere", a), 0);
    assert_int_equal(client_address_block("", a), 0);
}

static void only_what_the_own_proxy_wrote_is_believed(void **state)
{
    (void)state;
    char out[46];
    assert_string_equal(client_address_forwarded("1.2.3.4, 198.51.100.7", out, sizeof out), "198.51.100.7");
    assert_string_equal(client_address_forwarded("2001:db8::1", out, sizeof out), "2001:db8::1");
    assert_null(client_address_forwarded(NULL, out, sizeof out));
    assert_null(client_address_forwarded("", out, sizeof out));
    assert_null(client_address_forwarded("1.2.3.4, unknown", out, sizeof out));
    assert_null(client_address_forwarded("1.2.3.4,", out, sizeof out));
    assert_true(client_address_listed("127.0.0.1", "127.0.0.1,::1"));
    assert_true(client_address_listed("::1", "127.0.0.1, ::1"));
    assert_true(client_address_listed("::ffff:127.0.0.1", "127.0.0.1"));
    assert_false(client_address_listed("127.0.0.2", "127.0.0.1,::1"));
    assert_false(client_address_listed("127.0.0.1", ""));
    assert_false(client_address_listed("", "127.0.0.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caller_is_refused_when_its_units_are_used_up),
        cmocka_unit_test(a_bucket_never_holds_more_than_its_burst),
        cmocka_unit_test(a_clock_that_goes_back_gives_nothing),
        cmocka_unit_test(debtors_stay_when_the_table_is_full),
        cmocka_unit_test(enormous_figures_do_not_overflow),
        cmocka_unit_test(addresses_share_the_limit_of_their_block),
        cmocka_unit_test(only_what_the_own_proxy_wrote_is_believed),
    };
    return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
