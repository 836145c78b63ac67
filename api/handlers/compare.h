/* POST /v1/compare: one question for several vehicles or sets of credentials, as a table.
 *
 *   {"question": {…as for /v1/route…}, "variants": [{"name": "49 t"}, {"name": "with pass K", "credentials": […]},
 *                                                   {"name": "0.2 m lower", "vehicle": {…}}]}
 *
 * A variant puts its own vehicle or credentials in the place of the question's. Each answer is that of /v1/route. What
 * tells two apart is found by judging the one's plan for the other: the first rule that would stop it there. */
#ifndef API_HANDLERS_COMPARE_H
#define API_HANDLERS_COMPARE_H

struct exchange;

void compare_post(struct exchange *x);

#endif
