/* A place on a road by its stake (桩号), as people say it: "G40 K1132+500", "沪陕高速K1132". */
#ifndef DATA_STAKE_H
#define DATA_STAKE_H

#include <stdbool.h>
#include <stdint.h>

enum { STAKE_ROAD_SIZE = 201, STAKE_KM_MAX = 99999 };

struct stake {
    char road[STAKE_ROAD_SIZE]; /* number or name, without spaces around it */
    uint32_t metre;             /* from the beginning of the road */
};

/** Whether `text` is a road and a stake: K, kilometres, and metres after "+" (or "＋") or decimals after ".". */
bool stake_parse(const char *text, struct stake *out);

#endif
