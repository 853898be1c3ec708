/* doctor_version: PATH is walked, a first line is read, and at most one Python is asked. */
#include "bin/doctor_version.h"

#include "base/buf.h"
#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MOST = 256, PATIENCE_MS = 5000 };

/* Nothing is imported from the folder that we stand in; no package is loaded, only looked up. */
static const char SCRIPT[] = "import sys\n"
                             "sys.path[:1] = []\n"
                             "from importlib import metadata\n"
                             "print(metadata.version(sys.argv[1]))\n";

const char *version_on_path(struct arena *arena, const char *name)
{
    struct bytes rest = bytes_of(getenv("PATH")), folder;

    while (rest.n > 0) {
        const char *path;

        if (!bytes_cut(&rest, ':', &folder)) {
            folder = rest;
            rest.n = 0;
        }
        path = folder.n == 0 ? NULL : file_path(arena, file_text(arena, folder), name);
        if (path != NULL && access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

static void read_numbers(struct version *v)
{
    v->known = sscanf(v->text, "%u.%u", &v->major, &v->minor) == 2;
}

/* What comes within the patience; 0: nothing. */
static size_t listen_to(int fd, char *to, size_t room)
{
    struct pollfd from = {.fd = fd, .events = POLLIN};
    size_t n = 0;
    ssize_t got = 1;

    while (got > 0 && n < room && poll(&from, 1, PATIENCE_MS) == 1) {
        got = read(fd, to + n, room - n);
        n += got > 0 ? (size_t)got : 0;
    }
    return got == 0 ? n : 0;
}

static bool start(const char *python, const char *package, int out, pid_t *pid)
{
    char *const argv[] = {(char *)(uintptr_t)python, "-c", (char *)(uintptr_t)SCRIPT,
                          (char *)(uintptr_t)package, NULL};
    posix_spawn_file_actions_t actions;
    bool started;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    started =
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn(pid, python, &actions, NULL, argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return started;
}

/* False: it said nothing. */
static bool ask(const char *python, const char *package, char *to, size_t room)
{
    int ends[2], status;
    size_t n = 0;
    pid_t pid;
    bool started;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    started = start(python, package, ends[1], &pid);
    close(ends[1]);
    if (started) {
        n = listen_to(ends[0], to, room - 1);
        if (n == 0)
            (void)kill(pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
    }
    close(ends[0]);
    to[n] = '\0';
    to[strcspn(to, "\n")] = '\0';
    return n > 0;
}

static struct version of_python(const char *python, const char *package)
{
    struct version v = {.path = python};

    v.there = python != NULL && ask(python, package, v.text, sizeof v.text);
    if (v.there)
        read_numbers(&v);
    return v;
}

struct version version_of_python(struct arena *arena, const char *package)
{
    return of_python(version_on_path(arena, "python3"), package);
}

/* ".../v2/2.15.30/...": where the installer of version 2 puts it. */
static bool in_path(struct version *v, const char *real)
{
    const char *at = strstr(real, "/v2/");

    if (at == NULL)
        return false;
    (void)snprintf(v->text, sizeof v->text, "%.*s", (int)strcspn(at + 4, "/"), at + 4);
    read_numbers(v);
    return v->known;
}

/* The interpreter that a script names in its first line; NULL: it is no script of Python. */
static const char *interpreter(struct arena *arena, const char *path)
{
    char line[LINE_MOST] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
    char *at = line + 2;

    if (fd >= 0)
        close(fd);
    if (n < 3 || strncmp(line, "#!", 2) != 0)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    at += strspn(at, " ");
    if (strstr(at, "python") == NULL)
        return NULL;
    if (strncmp(at, "/usr/bin/env ", 13) == 0)
        return version_on_path(arena, at + 13);
    at[strcspn(at, " ")] = '\0';
    return file_text(arena, bytes_of(at));
}

struct version version_of_aws(struct arena *arena)
{
    struct version v = {.path = version_on_path(arena, "aws")}, of;
    char real[PATH_MAX];

    v.there = v.path != NULL;
    if (!v.there || (realpath(v.path, real) != NULL && in_path(&v, real)))
        return v;
    of = of_python(interpreter(arena, v.path), "awscli");
    of.path = v.path;
    of.there = true;
    return of;
}

bool version_is_below(const struct version *v, struct version_bound bound)
{
    return v->known &&
           (v->major < bound.major || (v->major == bound.major && v->minor < bound.minor));
}
