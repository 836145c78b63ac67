/* The look of the map for other programs: a MapLibre style for our tiles, and its pictures. */
#ifndef API_HANDLERS_STYLE_H
#define API_HANDLERS_STYLE_H

struct exchange;

extern const char *const style_keys[];

/** GET /style.json?lang=zh|en&labels=true|false&theme=light|dark&at=…: the style, with the addresses under which the service is
 *  reached. What is drawn as binding binds at `at`, else in this minute: spans are judged by the map from the tiles, hours here. Plans are
 *  in it for who has a key. Letters come from api/handlers/glyphs.h; `labels=false` leaves texts out. */
void style_read(struct exchange *x);

/** GET /style/sprite.json, sprite.png, sprite@2x.json, sprite@2x.png: the hatches of zones, one for each rule. */
void style_sprite(struct exchange *x);

#endif
