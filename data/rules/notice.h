/* The notice reader: from the text of a road-police notice (交警公告) to what it says, word by word.
 *
 *   1.因降雪，禁止所有车辆上站的路段有：
 *   【南阳辖区】沪陕高速：内乡站至西坪站；二广高速：全线（往山西方向）。
 *
 *   head  = number? "因" cause "," "禁止" scope "上站" | "下站" | "上下站"  "的"? "路段"? "有"? ":"
 *   scope = 所有车辆 | (七|九)座(含…)?以上客车 | 危险品运输车辆 | 货车, joined by 及, 和, 以及, 、
 *   line  = road "高速" "公路"? ":" item ("、" | ",") item … (";" | "。" | end of line)
 *   item  = station | station ("-" | "至" | "到") station | 全线, each with "(往…方向)" or not
 *
 * Full- and half-width punctuation, several dashes and any blanks are taken as the same. Reading never guesses: words
 * that fit nowhere come back as not understood, with their place, and nothing is made of them. Names are not looked
 * up here. Pure; any thread. Source of the grammar: notices of the Henan expressway police as published. */
#ifndef DATA_NOTICE_H
#define DATA_NOTICE_H

#include "geo/base/arena.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { NOTICE_BYTES_MAX = 64 * 1024, NOTICE_ITEMS_MAX = 2000 };

/* Bytes [begin, end) of the notice. */
struct notice_span {
    uint32_t begin, end;
};

enum notice_scope {
    NOTICE_ALL_VEHICLES = 1 << 0,
    NOTICE_LORRIES = 1 << 1,
    NOTICE_HAZMAT = 1 << 2,
    NOTICE_BUSES_7 = 1 << 3, /* seven seats and more */
    NOTICE_BUSES_9 = 1 << 4,
};

enum notice_action { NOTICE_ENTRY = 1, NOTICE_EXIT = 2, NOTICE_BOTH = 3 };

/* One item of a line: a station, a range of stations in the order of the road, or the whole road. */
struct notice_item {
    struct notice_span head, item;  /* where it says so */
    struct notice_span cause, road; /* road without 高速 */
    struct notice_span from, to;    /* names without 站; to equals from for a single one; both empty: the whole road */
    struct notice_span towards;     /* place in 往…方向, or empty */
    struct notice_span district;    /* 【…】 it stands under, or empty */
    unsigned scope;                 /* set of enum notice_scope */
    enum notice_action action;
};

enum notice_doubt {
    NOTICE_NO_HEAD,      /* roads before any head said what is forbidden to whom */
    NOTICE_HEAD_UNCLEAR, /* 禁止 … without a scope or an action that is known */
    NOTICE_LINE_UNCLEAR, /* neither a head nor a road with its stations */
    NOTICE_ITEM_UNCLEAR, /* in a line that is otherwise understood */
};

struct notice_rest {
    struct notice_span span;
    enum notice_doubt doubt;
};

struct notice {
    uint32_t item_count, rest_count;
    const struct notice_item *items;
    const struct notice_rest *rest;
};

/** Reads `length` bytes of UTF-8. The result lives in `arena`. Errors: INVALID (no UTF-8, with the byte), TOO_LARGE,
 *  NO_MEMORY. Cost: linear. */
MUST_USE enum status notice_read(const char *text, size_t length, struct arena *arena, struct notice *out,
                                 struct error *err);

#endif
