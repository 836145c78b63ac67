#include "api/handlers/openapi.h"

#include "api/process/exchange.h"

/* Joined from api/openapi by the Makefile, which says where the assembler finds it. */
__asm__(".section .rodata\n"
        ".global openapi_bytes, openapi_bytes_end\n"
        "openapi_bytes:\n"
        ".incbin \"openapi.json\"\n"
        "openapi_bytes_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char openapi_bytes[], openapi_bytes_end[];

/* The part under /ogc by itself, in both versions of the language. */
#define PART(name, file)                                                                                             \
    __asm__(".section .rodata\n"                                                                                     \
            ".global " name ", " name "_end\n" name ":\n.incbin \"" file "\"\n" name "_end:\n.byte 0\n.previous\n")
PART("openapi_ogc30", "openapi_ogc30.json");
PART("openapi_ogc31", "openapi_ogc31.json");
extern const char openapi_ogc30[], openapi_ogc30_end[], openapi_ogc31[], openapi_ogc31_end[];

const char *ogc_openapi_document(bool newer, size_t *length)
{
    *length = newer ? (size_t)(openapi_ogc31_end - openapi_ogc31) : (size_t)(openapi_ogc30_end - openapi_ogc30);
    return newer ? openapi_ogc31 : openapi_ogc30;
}

const char *openapi_document(size_t *length)
{
    *length = (size_t)(openapi_bytes_end - openapi_bytes);
    return openapi_bytes;
}

void openapi_read(struct exchange *x)
{
    size_t length;
    const char *document = openapi_document(&length);
    exchange_header_add(x, "Cache-Control", "max-age=300");
    exchange_reply_static(x, 200, "application/json", document, length);
}
