/* The digest of a plan: SHA-256 over a canonical form of it, so that the same question under the same network and
 * rules versions can be seen to give the same plan, byte for byte, on any machine. */
#ifndef API_PLAN_DIGEST_H
#define API_PLAN_DIGEST_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"

enum { PLAN_DIGEST_SIZE = 72 }; /* "sha256:" and 64 hex digits */

/** Writes "sha256:…" of what a vehicle would do (versions, waypoints, arcs, times, gates, zones), not of how it is
 *  shown (language, geometry format, steps). Integers, little-endian. Cost: 5 ns a byte, 4 bytes an arc. */
void plan_digest(const struct view *view, const struct plan *plan, char out[PLAN_DIGEST_SIZE]);

#endif
