/* swap: two renames and a removal, each of which may be the last thing that a process did. */
#include "core/backup/swap.h"

#include "base/buf.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

FAULT(SWAP_PLACE, FAULT_STATE, "swap.place",
      "The store of the new root cannot take its place, or the old one cannot be removed: look at "
      "the folder's permissions.");

const char *swap_beside(struct arena *arena, const char *folder, uint32_t generation)
{
    struct buf name = buf_open(arena, 32);
    struct bytes text;

    buf_add_text(&name, "store.");
    buf_add_int(&name, generation);
    buf_add_byte(&name, '\0');
    return buf_done(&name, &text) == OK ? file_path(arena, folder, (const char *)text.at) : NULL;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool empty_out(DIR *folder)
{
    struct dirent *entry;
    bool done = true;

    while (done && (entry = readdir(folder)) != NULL)
        done = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
               unlinkat(dirfd(folder), entry->d_name, 0) == 0;
    return done;
}

/* Root may be who removes, and another's the folder: a link there leads to nothing of ours. */
static DIR *open_folder(const char *store)
{
    const int fd = open(store, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);

    if (folder == NULL && fd >= 0)
        (void)close(fd);
    return folder;
}

fallible swap_remove(const char *store)
{
    DIR *folder = open_folder(store);
    bool done;

    if (folder == NULL)
        return errno == ENOENT ? OK : SWAP_PLACE;
    done = empty_out(folder);
    (void)closedir(folder);
    return done && rmdir(store) == 0 ? OK : SWAP_PLACE;
}

static fallible settle(const char *store, const char *old, const char *beside)
{
    if (is_there(beside) && is_there(store))
        TRY(swap_remove(old));
    if (is_there(beside) && is_there(store))
        ENSURE(rename(store, old) == 0, SWAP_PLACE);
    if (is_there(beside))
        ENSURE(file_move(beside, store) == OK, SWAP_PLACE);
    return is_there(store) ? swap_remove(old) : OK;
}

/* Two that open the folder at once do it one after the other. */
fallible swap_settle(struct arena *arena, const char *folder, uint32_t generation)
{
    const char *store = file_path(arena, folder, "store"),
               *old = file_path(arena, folder, "store.old"),
               *beside = swap_beside(arena, folder, generation);
    const struct fault *fault = OK;
    int fd;

    ENSURE(store != NULL && old != NULL && beside != NULL, ARENA_SPENT);
    if (!is_there(beside) && !is_there(old))
        return OK;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(fd >= 0 && flock(fd, LOCK_EX) == 0, SWAP_PLACE);
    fault = settle(store, old, beside);
    close(fd);
    return fault;
}
