/* lmdb_place: the checks before a file of the store is touched. */
#include "store/lmdb_place.h"

#include "base/faultpoint.h"
#include "store/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* statfs(2) numbers: NFS, SMB, CIFS, SMB2, Coda, AFS (two), Ceph, NCP, 9P, OCFS2, GFS2, Lustre. */
static const uint32_t network_kinds[] = {
    0x6969,     0x517B, 0xFF534D42, 0xFE534D42, 0x73757245, 0x5346414F, 0x6B414653,
    0x00C36400, 0x564C, 0x01021997, 0x7461636F, 0x01161970, 0x0BD00BD0,
};

static fallible judge_disk(int folder)
{
    struct statfs disk;

    ENSURE(!fault_point() && fstatfs(folder, &disk) == 0, STORE_PLACE);
    for (size_t i = 0; i < sizeof network_kinds / sizeof *network_kinds; i++)
        ENSURE((uint32_t)disk.f_type != network_kinds[i], STORE_NETWORK);
    return OK;
}

static bool path_set(struct bytes where, char *path, size_t room)
{
    if (where.n == 0 || where.n >= room || memchr(where.at, 0, where.n) != NULL)
        return false;
    memcpy(path, where.at, where.n);
    path[where.n] = 0;
    return true;
}

static fallible folder_open(struct place *place)
{
    struct stat found;

    if (mkdir(place->path, 0700) != 0)
        ENSURE(errno == EEXIST, STORE_PLACE);
    place->folder = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(place->folder >= 0 && fstat(place->folder, &found) == 0, STORE_PLACE);
    if ((found.st_mode & 0077) != 0)
        ENSURE(fchmod(place->folder, 0700) == 0, STORE_PLACE);
    return judge_disk(place->folder);
}

static fallible lock_take(struct place *place)
{
    place->lock = openat(place->folder, "held", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(place->lock >= 0 && !fault_point(), STORE_PLACE);
    if (flock(place->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? STORE_HELD : STORE_PLACE;
    return OK;
}

fallible place_open(struct bytes where, struct place *place)
{
    const struct fault *fault = STORE_PLACE;

    place->folder = place->lock = -1;
    if (path_set(where, place->path, sizeof place->path))
        fault = folder_open(place);
    if (fault == OK)
        fault = lock_take(place);
    if (fault != OK)
        place_close(place);
    return fault;
}

void place_close(struct place *place)
{
    if (place->lock >= 0)
        close(place->lock);
    if (place->folder >= 0)
        close(place->folder);
    place->folder = place->lock = -1;
}

fallible place_new_file(struct bytes where, const char *name, int *fd)
{
    char path[3072];
    int folder;

    ENSURE(path_set(where, path, sizeof path), STORE_PLACE);
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(folder >= 0, STORE_PLACE);
    *fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    close(folder);
    return *fd >= 0 ? OK : STORE_PLACE;
}

fallible place_sync(struct bytes where, int fd)
{
    char path[3072];
    int folder, failed;

    ENSURE(path_set(where, path, sizeof path), STORE_PLACE);
    ENSURE(fsync(fd) == 0, errno == ENOSPC ? STORE_FULL : STORE_DOWN);
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(folder >= 0, STORE_PLACE);
    failed = fsync(folder);
    close(folder);
    return failed == 0 ? OK : STORE_DOWN;
}

int place_take(int fd, size_t from, size_t to)
{
    if (fallocate(fd, 0, (off_t)from, (off_t)(to - from)) == 0)
        return 0;
    return errno == ENOSYS ? EOPNOTSUPP : errno;
}
