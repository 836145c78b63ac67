/* Who is at the other end: the peer, or, when the peer is a proxy that we trust, whom the proxy names.
 *
 * Only the last element of X-Forwarded-For counts, because that is the one our own proxy wrote. */
#ifndef API_CLIENT_ADDRESS_H
#define API_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/** Whether `address` is one of `list` ("127.0.0.1,::1"; spaces allowed). An IPv4 address in IPv6 form counts as IPv4. */
bool client_address_listed(const char *address, const char *list);

/** The client's address: the last of `forwarded` (an X-Forwarded-For value, or NULL) if it is an address, else NULL.
 *  Written to `out` (`size` ≥ 46 bytes). */
const char *client_address_forwarded(const char *forwarded, char *out, size_t size);

/** The block that shares a limit: the first 24 bits of an IPv4 address, the first 56 of an IPv6 one. Returns the
 *  number of bytes written to `out`, which has 8, or 0 when `address` is none. */
size_t client_address_block(const char *address, unsigned char out[8]);

#endif
