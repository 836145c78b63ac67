#include "data/maps/export_spool.h"

#include "data/pg/standing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4200, RECORD_MAX = 8192, HEX = 32 };

static const char *const state_names[] = {[SPOOL_RUNNING] = "running", [SPOOL_DONE] = "done", [SPOOL_CANCELLED] = "cancelled", [SPOOL_FAILED] = "failed"};

const char *spool_state_name(enum spool_state state)
{
    return state_names[state];
}

static bool is_id(const char *id)
{
    size_t front = strlen(SPOOL_ID_PREFIX);
    return strncmp(id, SPOOL_ID_PREFIX, front) == 0 && strspn(id + front, "0123456789abcdef") == HEX && id[front + HEX] == '\0';
}

static void path_of(char out[PATH_SIZE], const char *folder, const char *id, const char *ending)
{
    snprintf(out, PATH_SIZE, "%s/%s%s", folder, id, ending);
}

static enum status failed(struct error *err, const char *what)
{
    enum status status = error_set(err, STATUS_IO, MESSAGE_SPOOL, strerror(errno));
    error_log(err, "%s: %s", what, strerror(errno));
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        data += n, length -= (size_t)n;
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good;
}

/* Writes beside it, then takes its place: by rename, or with `first` only where there is none yet (EEXIST). */
static bool place_file(const char *folder, const char *id, const char *ending, const void *data, size_t length, bool first)
{
    char path[PATH_SIZE], beside[PATH_SIZE + 16];
    path_of(path, folder, id, ending);
    snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) return false;
    bool good = write_all(fd, data, length);
    if (close(fd) != 0) good = false;
    if (good) good = first ? link(beside, path) == 0 : rename(beside, path) == 0;
    int why = errno;
    if (first || !good) (void)unlink(beside);
    if (good) good = sync_folder(folder);
    else errno = why;
    return good;
}

/* A small file as a text; false when it is not there (ENOENT) or cannot be read. */
static bool read_record(const char *folder, const char *id, const char *ending, char out[RECORD_MAX])
{
    char path[PATH_SIZE];
    size_t length = 0;
    path_of(path, folder, id, ending);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    for (ssize_t n; length < RECORD_MAX - 1 && (n = read(fd, out + length, RECORD_MAX - 1 - length)) != 0;) {
        if (n > 0) length += (size_t)n;
        else if (errno != EINTR) break;
    }
    close(fd);
    out[length] = '\0';
    return true;
}

/* ---- records: a line each of name, blank, value -------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
#define TEXT(member) {#member, offsetof(struct spool_job, member)}
    TEXT(plan), TEXT(layer), TEXT(format), TEXT(crs), TEXT(names), TEXT(encoding), TEXT(bbox), TEXT(at), TEXT(filter_state), TEXT(actor), TEXT(holder), TEXT(scope),
    TEXT(role), TEXT(company),
#undef TEXT
};

/* The value of a line, cut at its end; false when there is none. */
static bool line_of(const char *record, const char *name, char out[SPOOL_TEXT_SIZE])
{
    size_t front = strlen(name);
    out[0] = '\0';
    for (const char *line = record; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, name, front) != 0 || line[front] != ' ') continue;
        snprintf(out, SPOOL_TEXT_SIZE, "%.*s", (int)strcspn(line + front + 1, "\n"), line + front + 1);
        return true;
    }
    return false;
}

static int64_t number_of(const char *record, const char *name)
{
    char text[SPOOL_TEXT_SIZE];
    return line_of(record, name, text) ? strtoll(text, NULL, 10) : 0;
}

static bool read_job(const char *folder, const char *id, struct spool_job *out)
{
    char record[RECORD_MAX], state[SPOOL_TEXT_SIZE];
    *out = (struct spool_job){0};
    if (!is_id(id) || !read_record(folder, id, ".job", record)) return false;
    snprintf(out->id, sizeof out->id, "%s", id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) (void)line_of(record, texts[i].name, (char *)out + texts[i].offset);
    out->desk = number_of(record, "desk") != 0;
    out->created_ms = number_of(record, "created_ms");
    if (!read_record(folder, id, ".end", record)) return true;
    out->state = SPOOL_FAILED;
    for (int s = SPOOL_RUNNING; line_of(record, "state", state) && s <= SPOOL_FAILED; s++)
        if (strcmp(state, state_names[s]) == 0) out->state = (enum spool_state)s;
    out->finished_ms = number_of(record, "finished_ms");
    out->bytes = number_of(record, "bytes");
    (void)line_of(record, "code", out->code);
    return true;
}

/* ---- jobs -------------------------------------------------------------------------------------------------- */

enum status spool_prepare(const char *folder, struct error *err)
{
    if (strlen(folder) > PATH_SIZE - 100) {
        errno = ENAMETOOLONG;
        return failed(err, folder);
    }
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return failed(err, folder);
    return access(folder, R_OK | W_OK | X_OK) == 0 ? STATUS_OK : failed(err, folder);
}

static bool count_one(void *context, const struct spool_job *job)
{
    (void)job;
    return ++*(unsigned *)context < SPOOL_OPEN_MAX;
}

enum status spool_put(const char *folder, struct spool_job *job, struct error *err)
{
    unsigned char random[HEX / 2];
    char hex[HEX + 1];
    struct buffer record;
    unsigned count = 0;
    enum status status = spool_each(folder, count_one, &count, err);
    if (status != STATUS_OK) return status;
    if (count >= SPOOL_OPEN_MAX) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_SPOOL_FULL, (unsigned)SPOOL_OPEN_MAX);
    randombytes_buf(random, sizeof random);
    snprintf(job->id, sizeof job->id, SPOOL_ID_PREFIX "%s", sodium_bin2hex(hex, sizeof hex, random, sizeof random));
    buffer_init(&record, RECORD_MAX - 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *value = (char *)job + texts[i].offset;
        for (char *p = value; *p; p++)
            if (*p == '\n') *p = ' ';
        buffer_printf(&record, "%s %s\n", texts[i].name, value);
    }
    buffer_printf(&record, "desk %d\ncreated_ms %lld\n", job->desk, (long long)job->created_ms);
    if (record.failed) status = error_set(err, record.failed, MESSAGE_NO_MEMORY);
    else if (!place_file(folder, job->id, ".job", record.data, record.length, true)) status = failed(err, "job");
    buffer_clear(&record);
    return status;
}

enum status spool_get(const char *folder, const char *id, struct spool_job *out, struct error *err)
{
    return read_job(folder, id, out) ? STATUS_OK : error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
}

enum status spool_each(const char *folder, bool (*each)(void *context, const struct spool_job *job), void *context, struct error *err)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) return failed(err, folder);
    bool more = true;
    for (struct dirent *entry; more && (entry = readdir(dir)) != NULL;) {
        char id[SPOOL_ID_SIZE];
        struct spool_job job;
        size_t length = strlen(entry->d_name), front = strlen(SPOOL_ID_PREFIX) + HEX;
        if (length != front + 4 || strcmp(entry->d_name + front, ".job") != 0) continue;
        snprintf(id, sizeof id, "%.*s", (int)front, entry->d_name);
        if (read_job(folder, id, &job)) more = each(context, &job);
    }
    closedir(dir);
    return STATUS_OK;
}

enum status spool_end(const char *folder, const struct spool_job *job, enum spool_state state, int64_t bytes, const char *code, int64_t now_ms,
                      struct error *err)
{
    char record[RECORD_MAX];
    int length = snprintf(record, sizeof record, "state %s\nfinished_ms %lld\nbytes %lld\ncode %s\n", state_names[state], (long long)now_ms,
                          (long long)bytes, code ? code : "");
    if (place_file(folder, job->id, ".end", record, (size_t)length, true)) return STATUS_OK;
    struct spool_job now;
    if (errno == EEXIST && read_job(folder, job->id, &now)) return standing_forbids(err, state_names[now.state], "cancel");
    return failed(err, "end");
}

bool spool_is_over(const char *folder, const char *id)
{
    char path[PATH_SIZE];
    path_of(path, folder, id, ".end");
    return access(path, F_OK) == 0;
}

bool spool_claim(const char *folder, const char *id, int *lock)
{
    char path[PATH_SIZE];
    path_of(path, folder, id, ".job");
    *lock = open(path, O_RDONLY | O_CLOEXEC);
    if (*lock < 0) return false;
    /* over meanwhile: the lock was given back by who did it */
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0 && !spool_is_over(folder, id)) return true;
    close(*lock);
    return false;
}

enum status spool_write(const char *folder, const char *id, const void *data, size_t length, struct error *err)
{
    return place_file(folder, id, ".data", data, length, false) ? STATUS_OK : failed(err, "data");
}

enum status spool_read(const char *folder, const char *id, uint64_t from, size_t length, struct buffer *out, struct error *err)
{
    char path[PATH_SIZE];
    path_of(path, folder, id, ".data");
    if (!is_id(id)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT) : failed(err, "data");
    char *room = buffer_room(out, length);
    enum status status = room || length == 0 ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t got = 0; status == STATUS_OK && got < length;) {
        ssize_t n = pread(fd, room + got, length - got, (off_t)(from + got));
        if (n > 0) got += (size_t)n;
        else if (n == 0 || errno != EINTR) status = failed(err, "data");
    }
    if (status == STATUS_OK) out->length += length;
    close(fd);
    return status;
}

/* The name goes last: as long as it is there, the job is found and removed again. */
void spool_remove(const char *folder, const char *id)
{
    static const char *const endings[] = {".data", ".end", ".job"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[PATH_SIZE];
        path_of(path, folder, id, endings[i]);
        (void)unlink(path);
    }
}

void spool_tidy(const char *folder, int64_t now_s)
{
    enum { LEFT_S = 3600 };
    DIR *dir = opendir(folder);
    if (dir == NULL) return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[PATH_SIZE];
        struct stat about;
        const char *dot = strrchr(entry->d_name, '.');
        size_t front = strlen(SPOOL_ID_PREFIX) + HEX;
        /* export-<32>.data.XXXXXX: what was being written when its process ended */
        if (strncmp(entry->d_name, SPOOL_ID_PREFIX, strlen(SPOOL_ID_PREFIX)) != 0 || dot == NULL || strlen(dot) != 7 || (size_t)(dot - entry->d_name) <= front) continue;
        path_of(path, folder, entry->d_name, "");
        if (stat(path, &about) == 0 && now_s - (int64_t)about.st_mtime > LEFT_S) (void)unlink(path);
    }
    closedir(dir);
}
