/* What changes, as it changes, and the list of all versions of the rules. */
#ifndef API_HANDLERS_EVENTS_H
#define API_HANDLERS_EVENTS_H

struct exchange;

extern const char *const event_keys[], *const version_list_keys[];

/** GET /v1/events: server-sent events (HTML Living Standard, section 9.2). `rules` with the rules version as its id,
 *  `state` when the database comes or goes, `reset` to who was away for too long; a comment after a silence. Begins
 *  after Last-Event-ID, or `after` for those who cannot send that; with neither, with what comes next. */
void events_read(struct exchange *x);

/** GET /v1/versions: rules versions and when they were committed, newest first; `before` and `limit` page. */
void versions_read(struct exchange *x);

#endif
