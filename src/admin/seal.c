/* seal: written beside, looked at, renamed. At any moment the file "seal" is the whole old one or
 * the whole new one. */
#include "admin/seal.h"

#include "base/file.h"

#include <unistd.h>

/* clang-format off */
FAULT(SEAL_UNSURE, FAULT_INTERNAL, "seal.unsure", "The new seal does not open with what it was made with; the old one stays as it was.");
FAULT(SEAL_PLACE, FAULT_STATE, "seal.place", "No new seal can be written in the data folder (permission, space?); the old one stays as it was.");
/* clang-format on */

static const char fresh[] = "seal.new";

/* As a start would read it, from the disk. */
static fallible try_out(struct arena *arena, const char *path, struct sensitive_view root,
                        const struct root_opener *opener)
{
    struct root_sealed seal;
    struct sensitive *again;
    struct bytes text;
    bool same;

    TRY(file_read(arena, path, ROOT_FILE_MOST, &text));
    TRY(root_read(arena, text, &seal));
    TRY(root_unseal(arena, &seal, opener, &again));
    same = bytes_same_hidden((struct bytes){sensitive_view(again).at, sensitive_view(again).n},
                             (struct bytes){root.at, root.n});
    sensitive_wipe(again);
    return same ? OK : SEAL_UNSURE;
}

fallible seal_write(struct arena *arena, const char *folder, struct bytes text,
                    struct sensitive_view root, const struct root_opener *opener)
{
    const char *path = file_path(arena, folder, fresh);
    const struct fault *fault;

    ENSURE(path != NULL, ARENA_SPENT);
    (void)unlink(path); /* of one that did not come to its end */
    ENSURE(file_create(path, 0600, text) == OK, SEAL_PLACE);
    fault = try_out(arena, path, root, opener);
    if (fault == OK)
        return OK;
    (void)unlink(path);
    return fault == ARENA_SPENT ? fault : SEAL_UNSURE;
}

fallible seal_prepare(struct arena *arena, const char *folder, const struct root_sealed *old,
                      const struct root_opener *opens, const struct root_opener *will_open)
{
    struct sensitive *root;
    struct bytes text;
    const struct fault *fault;

    TRY(root_unseal(arena, old, opens, &root));
    fault = root_seal(arena, &old->house, old->generation, sensitive_view(root), will_open, &text);
    if (fault == OK)
        fault = seal_write(arena, folder, text, sensitive_view(root), will_open);
    sensitive_wipe(root);
    return fault;
}

fallible seal_take(struct arena *arena, const char *folder)
{
    const char *from = file_path(arena, folder, fresh), *to = file_path(arena, folder, "seal");

    ENSURE(from != NULL && to != NULL, ARENA_SPENT);
    return file_move(from, to) == OK ? OK : SEAL_PLACE;
}
