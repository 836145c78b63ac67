#include "api/process/problem.h"

#include "api/json/writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Titles by HTTP status: the kind of problem, not the case. */
static const struct {
    int http;
    const char *zh, *en;
} titles[] = {
    {400, "请求有误", "Bad request"},
    {401, "需要密钥", "Unauthorised"},
    {403, "没有权限", "Forbidden"},
    {404, "未找到", "Not found"},
    {405, "不支持该方法", "Method not allowed"},
    {406, "无法提供所要的格式", "Not acceptable"},
    {408, "请求超时", "Request timeout"},
    {409, "冲突", "Conflict"},
    {411, "需要 Content-Length", "Length required"},
    {412, "前提不成立", "Precondition failed"},
    {413, "内容过大", "Content too large"},
    {414, "请求目标过长", "URI too long"},
    {415, "不支持的媒体类型", "Unsupported media type"},
    {416, "范围无效", "Range not satisfiable"},
    {417, "无法满足 Expect", "Expectation failed"},
    {422, "没有合法路线", "No lawful route"},
    {429, "请求过多", "Too many requests"},
    {431, "请求头过大", "Request header fields too large"},
    {500, "服务内部错误", "Internal error"},
    {501, "尚未实现", "Not implemented"},
    {503, "服务暂不可用", "Service unavailable"},
    {504, "处理超时", "Timeout"},
    {505, "不支持的 HTTP 版本", "HTTP version not supported"},
};

static void quote(struct buffer *out, const char *text)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_text(&w, text);
}

static void member(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, ",\"%s\":", name);
    quote(out, value);
}

/* A JSON number, or quoted text. strtod takes more than JSON does (hex, inf, nan), so the characters are looked at. */
static void number_member(struct buffer *out, const char *name, const char *value)
{
    char *end;
    bool plain = value[strspn(value, "0123456789+-.eE")] == '\0' && value[0] != '+' && value[0] != '.';
    strtod(value, &end);
    if (plain && end != value && *end == '\0') buffer_printf(out, ",\"%s\":%s", name, value);
    else member(out, name, value);
}

void problem_encode(struct buffer *out, const struct error *err, enum language language, const char *request_id,
                    const char *members)
{
    enum status status = err->status == STATUS_OK ? STATUS_INTERNAL : err->status;
    int http = status_http(status);
    bool english = language == LANGUAGE_EN;
    const char *title = english ? "Problem" : "错误";
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].http == http) title = english ? titles[i].en : titles[i].zh;
    const char *detail = english ? err->en : err->zh;
    buffer_printf(out, "{\"type\":\"urn:baochang:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":",
                  status_code(status), title, http);
    quote(out, *detail ? detail : title);
    buffer_printf(out, ",\"code\":\"%s\"", status_code(status));
    if (*err->pointer) member(out, "pointer", err->pointer);
    if (*err->limit) number_member(out, "limit", err->limit);
    if (*err->actual) number_member(out, "actual", err->actual);
    if (request_id && *request_id) member(out, "request_id", request_id);
    if (members && *members) {
        buffer_char(out, ',');
        buffer_text(out, members);
    }
    buffer_text(out, "}\n");
}
