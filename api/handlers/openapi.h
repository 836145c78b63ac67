/* GET /openapi.json: the description of the whole interface, a file of this tree put into the program. */
#ifndef API_HANDLERS_OPENAPI_H
#define API_HANDLERS_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;

void openapi_read(struct exchange *x);

/** The document itself; `*length` bytes. */
const char *openapi_document(size_t *length);

/** The part of it under /ogc, by itself, with paths from there: in OpenAPI 3.0, or the `newer` 3.1. */
const char *ogc_openapi_document(bool newer, size_t *length);

#endif
