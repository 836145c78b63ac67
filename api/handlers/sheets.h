/* The printed sheet of a plan that is kept: api/sheet draws it from the answer as it was sent. */
#ifndef API_HANDLERS_SHEETS_H
#define API_HANDLERS_SHEETS_H

struct exchange;

extern const char *const sheet_png_keys[];

/** GET /v1/plans/{id}.pdf, .svg and .png: A4 pages, or one picture (`width` in pixels for the PNG). In the language of
 *  Accept-Language; what the plan says in the language it was answered in. */
void sheet_read(struct exchange *x);

#endif
