/* journal_kit: open, close, verify. */
#include "journal_kit.h"

#include "core/audit/segment.h"
#include "house_kit.h"
#include "support/test.h"

#include <stdio.h>

void journal_reopen(struct journal_kit *kit)
{
    journal_close(kit->journal);
    kit->journal = NULL;
    assert_ok(journal_open(&kit->settings, kit_keeper, &kit->journal));
}

void journal_make(struct journal_kit *kit)
{
    kit_start();
    scratch_make(kit->folder);
    kit->settings =
        (struct journal_settings){.folder = bytes_of(kit->folder), .segment_size = SEGMENT_SMALL};
    kit->journal = NULL;
    journal_reopen(kit);
}

void journal_unmake(struct journal_kit *kit)
{
    journal_close(kit->journal);
    scratch_remove(kit->folder);
}

struct verify_report journal_verified(const struct journal_kit *kit,
                                      const struct verify_since *since)
{
    struct arena *arena = arena_open(4 << 20);
    struct verify_report report;

    assert_non_null(arena);
    assert_ok(journal_verify(arena, bytes_of(kit->folder), (struct bytes){0}, since, &report));
    report.file = (struct bytes){0};
    arena_close(arena);
    return report;
}

void journal_path(const struct journal_kit *kit, uint64_t first, char path[JOURNAL_PATH])
{
    char name[SEGMENT_NAME];

    segment_name(first, name);
    (void)snprintf(path, JOURNAL_PATH, "%s/%s", kit->folder, name);
}
