/* What a plan can be found to do wrong: names, codes on the wire, texts. */
#ifndef ROUTING_OFFENCE_H
#define ROUTING_OFFENCE_H

#include "geo/base/error.h"

#define OFFENCE_LIST(X) \
    X(ZONE, "zone", "驶入禁止通行的管控区", "drives in a zone that forbids it") \
    X(STOP, "stop_in_zone", "在不允许停靠的管控区内停靠", "stops in a zone that allows no stop") \
    X(NO_GATE, "no_gate", "经过的卡点不是该管控区的关口", "passes a checkpoint that is no gate of the zone") \
    X(GATE_CLOSED, "gate_closed", "通过关口时卡点未开放", "passes a gate that is closed") \
    X(CREDENTIAL, "credential", "通过关口时缺少要求的有效凭证", "passes a gate without what it asks") \
    X(GREEN_CHANNEL, "green_channel", "不符合绿色通道条件", "takes the green channel without a right to it") \
    X(INSPECTION, "inspection", "查验时间与卡点规定不符", "is not inspected for as long as the checkpoint takes") \
    X(UNGATED_START, "ungated", "从区外出发，未经关口进入卡点管控区", "starts outside a gated zone and enters it without a gate") \
    X(UNGATED_ENTRY, "ungated", "未经关口进入卡点管控区", "enters a gated zone without a gate") \
    X(UNGATED_EXIT, "ungated", "未经关口离开卡点管控区", "leaves a gated zone without a gate") \
    X(UNGATED_END, "ungated", "在最后路段未经关口离开卡点管控区", "leaves a gated zone on the last arc without a gate") \
    X(ACCESS, "access", "使用了不允许该车辆通行的道路", "uses a road that is not open to it") \
    X(LIMIT, "vehicle_limit", "超过道路限值", "passes a limit of the road") \
    X(HAZMAT, "hazmat", "道路禁止危险货物运输车辆通行", "hazardous goods") \
    X(AVOID, "avoid", "使用了请求要求避让的道路", "uses what the request avoids") \
    X(CLOSURE, "closure", "使用了管制或封闭的道路", "uses a closed road") \
    X(UNKNOWN_ARC, "broken", "路段不存在", "names an arc that there is not") \
    X(NO_PART, "broken", "路段里程不存在", "uses a part of an arc that there is not") \
    X(TURN, "turn", "违反转向限制", "makes an unlawful turn") \
    X(AVOID_AREA, "avoid", "驶入请求要求避让的区域", "drives in the avoided area") \
    X(CLOCK, "clock", "时刻与规则不符", "keeps another clock") \
    X(JOIN, "broken", "后一段没有接续前一段", "does not go on as it arrived") \
    X(NO_LEGS, "broken", "没有路段", "has no legs") \
    X(BAD_LEG, "broken", "路段编号有误", "has a leg that is none") \
    X(REST, "rest", "停车休息的地点或时长不符合要求", "rests where or for how long it may not") \
    X(DRIVING_TIME, "driving_time", "连续驾驶超过规定时间", "drives longer than may be without a rest") \
    X(SERVICE, "service", "停靠作业未完成即离开", "leaves before it has served the call") \
    X(CALLS, "calls", "停靠点或其次序与请求不符", "does not call where the request asks, or not in that order") \
    X(PLACE, "place", "停靠位置不在所称道路上，或离请求点过远", "calls where its road is not, or too far from what was asked") \
    X(SIDE, "side", "停靠点不在来车方向的右侧", "arrives with the place on the left that was asked for at the kerb") \
    X(EARLY, "early", "早于请求的出发时刻", "sets off before the request does") \
    X(WAIT, "wait", "等候超过请求允许的时间", "waits longer than the request allows") \
    X(NO_STOPPING, "no_stopping", "在禁止停车的道路上停靠", "stops on a road where stopping is forbidden")

enum offence_kind {
    OFFENCE_NONE,
#define X(name, code, zh, en) OFFENCE_##name,
    OFFENCE_LIST(X)
#undef X
    OFFENCE_KIND_COUNT
};
const char *offence_code(enum offence_kind kind); /* "" for none */
const char *offence_text(enum offence_kind kind, enum language language);

#endif
