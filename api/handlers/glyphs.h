/* Letters for the labels of map clients, made from the fonts that the machine has. */
#ifndef API_HANDLERS_GLYPHS_H
#define API_HANDLERS_GLYPHS_H

struct exchange;

/** GET /fonts/{fontstack}/{range}.pbf: the letters of a range ("0-255" … "65280-65535") as distance fields, from the first font of the
 *  stack that has each. On a worker; kept in memory within a bound; the ETag follows the fonts' files. 404 for a font that is not
 *  installed and for what is no range. */
void glyphs_read(struct exchange *x);

#endif
