#include "api/http/parser.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum state {
    AT_METHOD,
    AT_TARGET,
    AT_VERSION,
    AT_VERSION_END,
    AT_LINE_START,
    AT_NAME,
    AT_VALUE_LEAD,
    AT_VALUE,
    AT_LINE_FEED, /* after the CR of the request line or of a header */
    AT_END,       /* after the CR of the empty line */
    AT_DONE,
    AT_REFUSED
};

/* Headers whose repetition would leave open which one counts. */
enum once {
    ONCE_HOST = 1 << 0,
    ONCE_CONTENT_LENGTH = 1 << 1,
    ONCE_CONTENT_TYPE = 1 << 2,
    ONCE_AUTHORIZATION = 1 << 3,
    ONCE_EXPECT = 1 << 4,
    ONCE_IDEMPOTENCY_KEY = 1 << 5,
    ONCE_REQUEST_ID = 1 << 6
};

enum { METHOD_LENGTH_MAX = 16, CONTENT_LENGTH_DIGITS = 10 };

static const char *const method_names[HTTP_METHODS] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
static const char version_prefix[] = "HTTP/1.";

const char *http_method_name(enum http_method method)
{
    return (unsigned)method < HTTP_METHODS ? method_names[method] : "?";
}

void http_parser_init(struct http_parser *parser)
{
    /* the stretches are written before they are read */
    memset(parser, 0, offsetof(struct http_parser, name));
    memset(&parser->content_length, 0, sizeof *parser - offsetof(struct http_parser, content_length));
}

/* RFC 9110 token characters. */
static bool is_token(unsigned char c)
{
    static const unsigned char table[128] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1,
        ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
        ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1,
        ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1,
        ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
        ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
        ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
        ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
    };
    return c < 128 && table[c];
}

/* Bytes of a field value: visible ASCII, blank, tab, and the opaque bytes above 0x7F that RFC 9110 keeps. */
static bool is_value(unsigned char c)
{
    return (c >= 0x20 && c != 0x7F) || c == '\t';
}

static enum http_progress refuse(struct http_parser *p, enum status status, enum message reason)
{
    p->state = AT_REFUSED;
    p->refusal = status;
    p->reason = reason;
    return HTTP_REFUSED;
}

static bool named(const char *head, struct http_stretch name, const char *lower)
{
    return strlen(lower) == name.length && strncasecmp(head + name.start, lower, name.length) == 0;
}

/* RFC 3986 host and port, as far as characters go; userinfo and blanks are what smuggling tries. */
static bool is_host(const char *text, size_t length)
{
    if (length == 0 || length > 255) return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
                    c == '_' || c == ':' || c == '[' || c == ']';
        if (!good) return false;
    }
    return true;
}

static enum http_progress take_length(struct http_parser *p, const char *text, size_t length)
{
    if (length == 0 || length > CONTENT_LENGTH_DIGITS)
        return refuse(p, STATUS_INVALID, MESSAGE_HTTP_BAD_LENGTH);
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return refuse(p, STATUS_INVALID, MESSAGE_HTTP_BAD_LENGTH);
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    p->content_length = value;
    p->has_length = true;
    return HTTP_MORE;
}

static void take_connection(struct http_parser *p, const char *text, size_t length)
{
    size_t i = 0;
    while (i < length) {
        while (i < length && (text[i] == ' ' || text[i] == '\t' || text[i] == ',')) i++;
        size_t start = i;
        while (i < length && text[i] != ',' && text[i] != ' ' && text[i] != '\t') i++;
        if (i - start == 5 && strncasecmp(text + start, "close", 5) == 0) p->wants_close = true;
    }
}

/* One header is complete: what it means for the framing is decided at its last byte. */
static enum http_progress take_header(struct http_parser *p, const char *head)
{
    static const struct {
        const char *name;
        unsigned once;
    } singles[] = {
        {"host", ONCE_HOST},
        {"content-length", ONCE_CONTENT_LENGTH},
        {"content-type", ONCE_CONTENT_TYPE},
        {"authorization", ONCE_AUTHORIZATION},
        {"expect", ONCE_EXPECT},
        {"idempotency-key", ONCE_IDEMPOTENCY_KEY},
        {"x-request-id", ONCE_REQUEST_ID},
    };
    struct http_stretch name = p->name[p->header_count], value = p->value[p->header_count];
    p->header_count++;
    const char *text = head + value.start;
    unsigned once = 0;
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
        if (named(head, name, singles[i].name)) once = singles[i].once;
    if (once & p->seen) return refuse(p, STATUS_INVALID, MESSAGE_HTTP_TWICE);
    p->seen |= once;
    switch (once) {
    case ONCE_HOST:
        p->has_host = true;
        if (!is_host(text, value.length)) return refuse(p, STATUS_INVALID, MESSAGE_HTTP_BAD_HOST);
        break;
    case ONCE_CONTENT_LENGTH: return take_length(p, text, value.length);
    case ONCE_EXPECT:
        if (p->version_minor == 0) break; /* RFC 9110, 10.1.1 */
        if (value.length != 12 || strncasecmp(text, "100-continue", 12) != 0)
            return refuse(p, STATUS_EXPECTATION_FAILED, MESSAGE_HTTP_EXPECT);
        p->expects_continue = true;
        break;
    case 0:
        if (named(head, name, "transfer-encoding"))
            return refuse(p, STATUS_LENGTH_REQUIRED, MESSAGE_HTTP_TRANSFER_ENCODING);
        if (named(head, name, "connection")) take_connection(p, text, value.length);
        break;
    default: break;
    }
    return HTTP_MORE;
}

static enum http_progress take_end(struct http_parser *p)
{
    bool bodied = p->method == HTTP_POST || p->method == HTTP_PUT || p->method == HTTP_PATCH;
    if (!p->has_host) return refuse(p, STATUS_INVALID, MESSAGE_HTTP_NO_HOST);
    if (bodied && !p->has_length) return refuse(p, STATUS_LENGTH_REQUIRED, MESSAGE_HTTP_NO_LENGTH);
    if (!bodied && p->content_length > 0) return refuse(p, STATUS_INVALID, MESSAGE_HTTP_NO_BODY);
    if (p->content_length == 0) p->expects_continue = false;
    p->state = AT_DONE;
    return HTTP_DONE;
}

static enum http_progress take_method(struct http_parser *p, const char *head, size_t end)
{
    p->method_text = (struct http_stretch){0, (uint16_t)end};
    for (unsigned m = 0; m < HTTP_METHODS; m++) {
        if (strlen(method_names[m]) == end && memcmp(head, method_names[m], end) == 0) {
            p->method = (enum http_method)m;
            p->state = AT_TARGET;
            p->target = (struct http_stretch){(uint16_t)(end + 1), 0};
            return HTTP_MORE;
        }
    }
    return refuse(p, STATUS_NOT_IMPLEMENTED, MESSAGE_HTTP_METHOD);
}

enum http_progress http_parser_run(struct http_parser *p, const char *head, size_t length)
{
    if (p->state == AT_DONE) return HTTP_DONE;
    if (p->state == AT_REFUSED) return HTTP_REFUSED;
    size_t i = p->position;
    size_t end = length < HTTP_HEAD_MAX ? length : HTTP_HEAD_MAX;
    enum http_progress progress = HTTP_MORE;
    for (; i < end && progress == HTTP_MORE; i++) {
        unsigned char c = (unsigned char)head[i];
        switch ((enum state)p->state) {
        case AT_METHOD:
            if (c == ' ' && i > 0) progress = take_method(p, head, i);
            else if (!is_token(c) || i >= METHOD_LENGTH_MAX)
                progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_REQUEST_LINE);
            break;

        case AT_TARGET: {
            size_t start = p->target.start, stop = i;
            while (stop < end && (unsigned char)head[stop] > 0x20 && (unsigned char)head[stop] < 0x7F &&
                   stop - start <= HTTP_TARGET_MAX)
                stop++;
            if (stop > start && head[start] != '/') {
                progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_TARGET_FORM);
            } else if (stop - start > HTTP_TARGET_MAX) {
                progress = refuse(p, STATUS_TARGET_TOO_LONG, MESSAGE_HTTP_TARGET_LONG);
            } else if (stop < end) {
                if (head[stop] != ' ' || stop == start) {
                    progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_REQUEST_LINE);
                } else {
                    p->target.length = (uint16_t)(stop - start);
                    p->state = AT_VERSION;
                }
            } else {
                stop--; /* all bytes looked at; the loop steps on */
            }
            i = stop;
            break;
        }

        case AT_VERSION: {
            size_t at = i - p->target.start - p->target.length - 1;
            if (at < sizeof version_prefix - 1) {
                /* HTTP/2.0 and the like are spelled well and refused by name */
                if (at == 5 && c >= '0' && c <= '9' && c != '1')
                    progress = refuse(p, STATUS_VERSION_NOT_SUPPORTED, MESSAGE_HTTP_VERSION);
                else if (c != (unsigned char)version_prefix[at])
                    progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_REQUEST_LINE);
            } else if (c == '0' || c == '1') {
                p->version_minor = c - '0';
                p->wants_close = c == '0';
                p->state = AT_VERSION_END;
            } else {
                progress = refuse(p, c >= '2' && c <= '9' ? STATUS_VERSION_NOT_SUPPORTED : STATUS_INVALID,
                                  MESSAGE_HTTP_VERSION);
            }
            break;
        }

        case AT_VERSION_END:
            if (c != '\r') progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_REQUEST_LINE);
            p->state = progress == HTTP_MORE ? AT_LINE_FEED : p->state;
            break;

        case AT_LINE_FEED:
            if (c != '\n') progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_LINE_END);
            else p->state = AT_LINE_START;
            break;

        case AT_LINE_START:
            if (c == '\r') {
                p->state = AT_END;
            } else if (p->header_count == HTTP_HEADERS_MAX) {
                progress = refuse(p, STATUS_HEAD_TOO_LARGE, MESSAGE_HTTP_HEADERS);
            } else if (!is_token(c)) {
                progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_FOLDED);
            } else {
                p->name[p->header_count] = (struct http_stretch){(uint16_t)i, 0};
                p->state = AT_NAME;
            }
            break;

        case AT_NAME:
            if (c == ':') {
                p->name[p->header_count].length = (uint16_t)(i - p->name[p->header_count].start);
                p->state = AT_VALUE_LEAD;
            } else if (!is_token(c)) {
                progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_NAME);
            }
            break;

        case AT_VALUE_LEAD:
            if (c == ' ' || c == '\t') break;
            p->value[p->header_count] = (struct http_stretch){(uint16_t)i, 0};
            p->state = AT_VALUE;
            /* fall through */

        case AT_VALUE: {
            size_t stop = i;
            while (stop < end && is_value((unsigned char)head[stop])) stop++;
            if (stop == end) {
                i = stop - 1;
                break;
            }
            i = stop;
            if (head[stop] != '\r') {
                progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_VALUE);
                break;
            }
            size_t start = p->value[p->header_count].start;
            while (stop > start && (head[stop - 1] == ' ' || head[stop - 1] == '\t')) stop--;
            p->value[p->header_count].length = (uint16_t)(stop - start);
            progress = take_header(p, head);
            if (progress == HTTP_MORE) p->state = AT_LINE_FEED;
            break;
        }

        case AT_END:
            if (c != '\n') progress = refuse(p, STATUS_INVALID, MESSAGE_HTTP_LINE_END);
            else progress = take_end(p);
            break;

        case AT_DONE:
        case AT_REFUSED: assert(0); break;
        }
    }
    p->position = i;
    if (progress == HTTP_MORE && i >= HTTP_HEAD_MAX)
        progress = refuse(p, STATUS_HEAD_TOO_LARGE, MESSAGE_HTTP_HEAD_LARGE);
    return progress;
}

void http_head_bind(struct http_head *out, const struct http_parser *parser, char *bytes)
{
    assert(parser->state == AT_DONE);
    out->method = parser->method;
    out->version_minor = parser->version_minor;
    out->target = bytes + parser->target.start;
    out->target_length = parser->target.length;
    bytes[parser->target.start + parser->target.length] = '\0';
    out->content_length = parser->content_length;
    out->expects_continue = parser->expects_continue;
    out->wants_close = parser->wants_close;
    out->header_count = parser->header_count;
    for (unsigned i = 0; i < parser->header_count; i++) {
        char *name = bytes + parser->name[i].start;
        for (unsigned k = 0; k < parser->name[i].length; k++)
            if (name[k] >= 'A' && name[k] <= 'Z') name[k] = (char)(name[k] + ('a' - 'A'));
        name[parser->name[i].length] = '\0';
        bytes[parser->value[i].start + parser->value[i].length] = '\0';
        out->name[i] = name;
        out->value[i] = bytes + parser->value[i].start;
    }
}

const char *http_head_header(const struct http_head *head, const char *name)
{
    for (unsigned i = 0; i < head->header_count; i++)
        if (head->name[i][0] == name[0] && strcmp(head->name[i], name) == 0) return head->value[i];
    return NULL;
}
