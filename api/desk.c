#include "api/desk.h"

#include "api/app.h"
#include "api/background/events.h"

#include <stdlib.h>

static void plans_changed(void *events)
{
    events_plans(events);
}

enum status desk_open(struct desk **out, const char *conninfo, const char *pepper_path, unsigned writers,
                      const struct network *network, struct events *events, struct error *err)
{
    *out = NULL;
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = write_pool_new(&desk->writes, conninfo, writers, err);
    if (status == STATUS_OK) status = keyring_open(&desk->keyring, conninfo, pepper_path, err);
    if (status == STATUS_OK)
        status = plan_book_open(&desk->plans, conninfo, network->version, network->arc_count, plans_changed, events, err);
    if (status != STATUS_OK) desk_close(desk);
    else *out = desk;
    return status;
}

void desk_close(struct desk *desk)
{
    if (desk == NULL) return;
    plan_book_close(desk->plans);
    keyring_close(desk->keyring);
    write_pool_free(desk->writes);
    free(desk);
}

struct desk *exchange_desk(const struct exchange *x)
{
    return x->app ? app_options_get(x->app)->desk : NULL;
}

enum status desk_admit(struct exchange *x, struct error *err)
{
    struct desk *desk = exchange_desk(x);
    return admit_caller(desk ? desk->keyring : NULL, x, err);
}
