#include "api/basemap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static enum status refuse(const char *tiles, struct error *err)
{
    return error_set(err, STATUS_INVALID, MESSAGE_BASEMAP, tiles);
}

enum status basemap_origin(const char *tiles, char out[BASEMAP_ORIGIN_SIZE], struct error *err)
{
    static const char *const places[] = {"{z}", "{x}", "{y}"};
    static const char host_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
    out[0] = '\0';
    if (tiles == NULL || tiles[0] == '\0') return STATUS_OK;
    bool secure = strncmp(tiles, "https://", 8) == 0, plain = strncmp(tiles, "http://", 7) == 0;
    if (!secure && !plain) return refuse(tiles, err);
    size_t front = secure ? 8 : 7, host = strspn(tiles + front, host_characters);
    bool here = strncmp(tiles + front, "127.0.0.1", 9) == 0 || strncmp(tiles + front, "localhost", 9) == 0;
    if (host == 0 || tiles[front + host] != '/' || front + host >= BASEMAP_ORIGIN_SIZE || (plain && !here)) return refuse(tiles, err);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strstr(tiles, places[i]) == NULL) return refuse(tiles, err);
    snprintf(out, BASEMAP_ORIGIN_SIZE, "%.*s", (int)(front + host), tiles);
    return STATUS_OK;
}
