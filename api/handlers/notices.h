/* Notices of the road police: read, kept, made into draft closures that are linked to their words.
 *
 *   POST /v1/notices               {"text", "from", "until", "authority", "jurisdiction", "replaces"}
 *   GET  /v1/notices/{id}
 *   POST /v1/notices/{id}/submit | approve | lift      all of its closures, in one transaction
 *
 * What is not understood is listed and made into nothing: an unknown station never becomes the whole road. A notice ends
 * the closures of an older one only when it says so with `replaces`, and then at the moment of its approval. */
#ifndef API_HANDLERS_NOTICES_H
#define API_HANDLERS_NOTICES_H

#include "api/process/exchange.h"

void notice_post(struct exchange *x);
void notice_get(struct exchange *x);
void notice_submit(struct exchange *x);
void notice_approve(struct exchange *x);
void notice_lift(struct exchange *x);

#endif
