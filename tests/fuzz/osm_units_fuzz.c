/* Any text as the value of a limit, a speed, a duration or an access tag: a number in range, or not understood. */
#include "data/osm/osm_access.h"
#include "data/osm/osm_units.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    uint32_t n = 0;
    double kmh = 0;
    enum access access = ACCESS_YES;

    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (osm_length_mm(text, &n) == OSM_VALUE_NUMBER && (n < 100 || n > 1000000)) abort();
    if (osm_weight_kg(text, &n) == OSM_VALUE_NUMBER && (n < 100 || n > 10000000)) abort();
    if (osm_count(text, &n) == OSM_VALUE_NUMBER && (n < 1 || n > 1000)) abort();
    if (osm_speed_kmh(text, &kmh) == OSM_VALUE_NUMBER && !(kmh >= 1 && kmh <= 400)) abort();
    if (osm_duration_s(text, &n) && (n < 1 || n > 864000)) abort();
    if (!osm_access_parse(text, &access) && access != ACCESS_NO) abort();
    free(text);
    return 0;
}
