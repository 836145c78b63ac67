/* What an operator and an orchestrator ask: alive, ready, figures, version. */
#ifndef API_OPERATION_H
#define API_OPERATION_H

struct exchange;

/** GET /livez: 200 as long as the event threads turn. */
void livez_read(struct exchange *x);

/** GET /readyz: 200 with a network, a rules view and what first questions are answered from (app_settled), and while the server is
 *  not stopping; 503 with the reason otherwise: network, rules, guide. The body says the rules' version and age, and whether the database is connected. */
void readyz_read(struct exchange *x);

/** GET /metrics: Prometheus text. */
void metrics_read(struct exchange *x);

/** GET /version: program, version, compiler's idea of it. */
void version_read(struct exchange *x);

#endif
