#include "api/process/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct parsed {
    unsigned char bytes[16];
    size_t length; /* 4 or 16; 0: no address */
};

static struct parsed parse(const char *text)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    struct parsed p = {.length = 0};
    if (inet_pton(AF_INET, text, p.bytes) == 1) {
        p.length = 4;
    } else if (inet_pton(AF_INET6, text, p.bytes) == 1) {
        p.length = 16;
        if (memcmp(p.bytes, mapped, sizeof mapped) == 0) {
            memmove(p.bytes, p.bytes + 12, 4);
            p.length = 4;
        }
    }
    return p;
}

bool client_address_listed(const char *address, const char *list)
{
    struct parsed wanted = parse(address);
    if (wanted.length == 0) return false;
    for (const char *p = list; *p;) {
        p += strspn(p, " ,");
        size_t length = strcspn(p, " ,");
        char one[INET6_ADDRSTRLEN];
        if (length > 0 && length < sizeof one) {
            memcpy(one, p, length);
            one[length] = '\0';
            struct parsed listed = parse(one);
            if (listed.length == wanted.length && memcmp(listed.bytes, wanted.bytes, wanted.length) == 0) return true;
        }
        p += length;
    }
    return false;
}

const char *client_address_forwarded(const char *forwarded, char *out, size_t size)
{
    if (forwarded == NULL) return NULL;
    const char *last = strrchr(forwarded, ',');
    last = last ? last + 1 : forwarded;
    last += strspn(last, " \t");
    size_t length = strcspn(last, " \t");
    if (length == 0 || length >= size) return NULL;
    memcpy(out, last, length);
    out[length] = '\0';
    return parse(out).length ? out : NULL;
}

size_t client_address_block(const char *address, unsigned char out[8])
{
    struct parsed p = parse(address);
    size_t length = p.length == 4 ? 3 : p.length == 16 ? 7 : 0;
    if (length == 0) return 0;
    out[0] = (unsigned char)p.length; /* so that the families do not meet */
    memcpy(out + 1, p.bytes, length);
    return length + 1;
}
