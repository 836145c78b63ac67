#include "api/process/access_log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX = 400 };

void access_log_flush(struct access_log *log)
{
    size_t at = 0;
    while (at < log->length) {
        ssize_t n = write(STDERR_FILENO, log->text + at, log->length - at);
        if (n > 0) at += (size_t)n;
        else if (n < 0 && errno == EINTR) continue;
        else break; /* nobody reads: lines are lost rather than requests */
    }
    log->length = 0;
}

void access_log_add(struct access_log *log, const struct access_line *line)
{
    if (log->length + LINE_MAX > sizeof log->text) access_log_flush(log);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != log->second || log->stamp[0] == '\0') {
        struct tm utc;
        gmtime_r(&now.tv_sec, &utc);
        strftime(log->stamp, sizeof log->stamp, "%Y-%m-%dT%H:%M:%S", &utc);
        log->second = now.tv_sec;
    }
    int n = snprintf(log->text + log->length, LINE_MAX,
                     "ts=%s.%03ldZ level=info event=http_request id=%s method=%s route=%s status=%d ms=%llu.%03llu "
                     "bytes=%llu\n",
                     log->stamp, now.tv_nsec / 1000000, line->request_id, line->method, line->route, line->status,
                     (unsigned long long)(line->us / 1000), (unsigned long long)(line->us % 1000),
                     (unsigned long long)line->bytes);
    if (n > 0 && n < LINE_MAX) log->length += (size_t)n;
}
