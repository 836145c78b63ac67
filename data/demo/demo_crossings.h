/* Every place where two lines of the demo cross or touch, found with a uniform grid of segments. */
#ifndef DATA_DEMO_DEMO_CROSSINGS_H
#define DATA_DEMO_DEMO_CROSSINGS_H

#include "data/demo/demo_model.h"

/* One line's view of one meeting. */
struct demo_meeting {
    uint32_t line, other; /* whose cut it is, and what it meets */
    double along_m;       /* from the line's start */
    struct demo_point point;
};

struct demo_meetings {
    struct demo_meeting *items; /* by line, then along_m */
    size_t count, capacity;
};

/** All meetings of surface lines with surface lines, expressways and the river (both views between surface lines,
 *  the surface line's view only otherwise). The caller frees items. */
MUST_USE enum status demo_meetings_find(const struct demo_model *m, struct demo_meetings *out, struct error *err);

#endif
