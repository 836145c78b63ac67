/* A request head: the parser alone, at once and byte by byte, and what follows from a good one. */
#include "api/http/fields.h"
#include "api/http/parser.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 20000) return 0;
    char *bytes = malloc(size ? size : 1);
    if (bytes == NULL) return 0;
    if (size) memcpy(bytes, data, size);
    struct http_parser whole, parts;
    http_parser_init(&whole);
    http_parser_init(&parts);
    enum http_progress at_once = http_parser_run(&whole, bytes, size), in_parts = HTTP_MORE;
    for (size_t length = 0; length <= size && in_parts == HTTP_MORE; length++)
        in_parts = http_parser_run(&parts, bytes, length);
    if (at_once != in_parts) abort();
    if (at_once == HTTP_REFUSED && (whole.refusal != parts.refusal || whole.reason != parts.reason)) abort();
    if (at_once == HTTP_DONE) {
        if (whole.position != parts.position || whole.header_count != parts.header_count) abort();
        struct http_head head;
        http_head_bind(&head, &whole, bytes);
        if (http_head_header(&head, "host") == NULL) abort();
        if (http_head_header(&head, "transfer-encoding")) abort();
        if (head.target[0] != '/' || strlen(head.target) != head.target_length) abort();
        for (unsigned i = 0; i < head.header_count; i++) {
            if (strpbrk(head.value[i], "\r\n") || strpbrk(head.name[i], "\r\n: \t")) abort();
            (void)http_accept_language(head.value[i], LANGUAGE_ZH);
            (void)http_media_type_is(head.value[i], "application/json|text/plain");
            (void)http_tags_have(head.value[i], "tag", true);
            (void)http_request_id_is_sane(head.value[i]);
        }
    }
    free(bytes);
    return 0;
}
