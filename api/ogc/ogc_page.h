/* What an OGC interface answers as JSON, as a page for people: the same document, laid out. No script, no picture, nothing
 * from elsewhere; one style sheet of our own (api/console/ogc.css). */
#ifndef API_OGC_PAGE_H
#define API_OGC_PAGE_H

#include "api/process/exchange.h"

/** Answers 200 with the page of `document` (JSON, `length` bytes), headed `title`: its links, and of lists that it has
 *  (collections, features, conformsTo, paths, properties) a table each. */
void ogc_page_reply(struct exchange *x, const char *title, const char *document, size_t length);

#endif
