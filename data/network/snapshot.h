/* The prepared network in one file, so that `serve` starts without ordering and contracting again.
 *
 *   snapshot_write("network.bcs", &network, &turns, hierarchy, &err);       // baochang prepare
 *   snapshot_open("network.bcs", &base, &err);                              // baochang serve
 *   …
 *   snapshot_close(base);
 *
 *   header   magic, format, byte order, size, counts, digest (XXH3, 128 bits, of everything after it and of the header)
 *   arrays   NETWORK_ARRAYS, TURN_GRAPH_ARRAYS in their order, each aligned to 64 bytes; their sizes follow from the
 *            counts, so there is no table of offsets that could lie
 *   region   what hierarchy_save wrote
 *
 * A snapshot is written beside its place, synced and renamed: whoever opens the name sees the old one or the new one,
 * whole. Opening maps it and believes nothing: the digest is compared and then every index is checked against its
 * bounds, so that a damaged or forged file is refused with a reason and can never make the engine read elsewhere. */
#ifndef DATA_SNAPSHOT_H
#define DATA_SNAPSHOT_H

#include "geo/base/error.h"
#include "routing/constraint/view.h"

/** Writes the file. IO (the text names file and reason; what was there before is untouched), NO_MEMORY. */
MUST_USE enum status snapshot_write(const char *path, const struct network *network, const struct turn_graph *turns,
                                    const struct hierarchy *hierarchy, struct error *err);

/** Maps the file and builds the spatial index. IO, CORRUPT (the text says what is wrong), NO_MEMORY. Cost: one pass
 *  over the file, about 0.3 s for a million arcs. Close with snapshot_close when no view holds it any more. */
MUST_USE enum status snapshot_open(const char *path, struct base **out, struct error *err);
void snapshot_close(struct base *base);

/** The same from memory that the caller keeps (aligned to 64) until snapshot_close; `name` stands in messages. */
MUST_USE enum status snapshot_read(const void *bytes, size_t size, const char *name, struct base **out,
                                   struct error *err);

#endif
