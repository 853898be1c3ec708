/* certificate: three files are made beside the old ones, then take their places: a server that
 * reads them again in between sees a pair that does not fit, and goes on with the one it has. */
#include "admin/init.h"

#include "base/blame.h"
#include "base/clock.h"
#include "base/file.h"
#include "crypto/certificate.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAYS = 825 /* what clients accept of a certificate at most */, FILES = 3 };

static const struct {
    const char *place, *fresh;
} files[FILES] = {
    {"tls/ca.pem", "tls/ca.pem.new"},
    {"tls/server.pem", "tls/server.pem.new"},
    {"tls/server.key", "tls/server.key.new"},
};

static fallible write_file(const char *path, const struct certificate *made, size_t i)
{
    (void)unlink(path); /* of one that did not come to its end */
    if (i == 2)
        return file_create_secret(path, sensitive_view(made->key));
    return file_create(path, 0644, i == 0 ? made->authority : made->chain);
}

/* A root who does this for the server's user leaves files that the server may read. */
static fallible give(const char *folder, const char *path)
{
    struct stat facts;

    ENSURE(stat(folder, &facts) == 0, FILE_SYSTEM);
    if (facts.st_uid == geteuid())
        return OK;
    return chown(path, facts.st_uid, facts.st_gid) == 0 ? OK : FILE_SYSTEM;
}

static fallible place(struct arena *arena, const char *folder, const struct certificate *made)
{
    const char *paths[FILES], *fresh[FILES];

    for (size_t i = 0; i < FILES; i++) {
        paths[i] = file_path(arena, folder, files[i].place);
        fresh[i] = file_path(arena, folder, files[i].fresh);
        ENSURE(paths[i] != NULL && fresh[i] != NULL, ARENA_SPENT);
        TRY(blame(fresh[i], write_file(fresh[i], made, i)));
        TRY(blame(fresh[i], give(folder, fresh[i])));
    }
    for (size_t i = 0; i < FILES; i++)
        TRY(blame(paths[i], rename(fresh[i], paths[i]) == 0 ? OK : FILE_SYSTEM));
    return OK;
}

fallible init_certificate(struct arena *arena, const char *folder, const struct bytes hosts[],
                          size_t n, bool replace)
{
    struct certificate made;

    for (size_t i = 0; i < FILES && !replace; i++) {
        const char *path = file_path(arena, folder, files[i].place);

        ENSURE(path != NULL, ARENA_SPENT);
        TRY(blame(path, access(path, F_OK) == 0 ? FILE_EXISTS : OK));
    }
    TRY(certificate_make(arena, hosts, n, clock_now_ms(), DAYS, &made));
    return place(arena, folder, &made);
}
