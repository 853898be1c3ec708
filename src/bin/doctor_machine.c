/* doctor_machine: the checks of the machine under a data folder: disk, memory, limits. */
#include "bin/doctor.h"

#include "base/file.h"
#include "core/audit/journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>

enum {
    MIB = 1 << 20,
    DISK_SEGMENTS = 16, /* of the journal; below so many the disk is nearly full */
    SPARE_FILES = 64,   /* beside connections: listeners, store, journal */
    SWAPS_MOST = 16 * 1024,
};

static enum health check_disk(struct doctor *d)
{
    struct statfs facts;
    uint64_t free_bytes;

    if (!d->local || statfs(d->data, &facts) != 0)
        return found(d, HEALTH_SKIPPED, "no data folder in reach");
    free_bytes = (uint64_t)facts.f_bavail * (uint64_t)facts.f_bsize;
    if (free_bytes < JOURNAL_SEGMENT)
        return found(d, HEALTH_BAD,
                     "%llu MiB are free, less than the journal's next segment (%d MiB): changes "
                     "will be refused",
                     (unsigned long long)free_bytes / MIB, JOURNAL_SEGMENT / MIB);
    if (free_bytes < (uint64_t)DISK_SEGMENTS * JOURNAL_SEGMENT)
        return found(d, HEALTH_WARN, "only %llu MiB are free",
                     (unsigned long long)free_bytes / MIB);
    return found(d, HEALTH_OK, "%llu MiB are free", (unsigned long long)free_bytes / MIB);
}

/* By the numbers of statfs(2). */
static enum health check_file_system(struct doctor *d)
{
    /* clang-format off */
    static const struct { const char *name; uint32_t type; enum health health; } kinds[] = {
        {"NFS", 0x6969, HEALTH_BAD}, {"CIFS", 0xff534d42, HEALTH_BAD}, {"SMB", 0xfe534d42, HEALTH_BAD}, {"SMB", 0x517b, HEALTH_BAD},
        {"9p", 0x01021997, HEALTH_BAD}, {"Ceph", 0x00c36400, HEALTH_BAD}, {"AFS", 0x5346414f, HEALTH_BAD},
        {"FUSE", 0x65735546, HEALTH_WARN}, {"tmpfs, which is gone after a restart", 0x01021994, HEALTH_WARN},
        {"ramfs, which is gone after a restart", 0x858458f6, HEALTH_WARN}, {"overlayfs, which goes with its container", 0x794c7630, HEALTH_WARN},
    };
    /* clang-format on */
    struct statfs facts;

    if (!d->local || statfs(d->data, &facts) != 0)
        return found(d, HEALTH_SKIPPED, "no data folder in reach");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((uint32_t)facts.f_type == kinds[i].type)
            return found(d, kinds[i].health, "%s lies on %s", d->data, kinds[i].name);
    return found(d, HEALTH_OK, "a local file system (type 0x%lx)", (unsigned long)facts.f_type);
}

/* What this process was given stands for what a server of this user is given. */
static enum health check_memlock(struct doctor *d)
{
    struct sensitive_usage usage = sensitive_usage();

    if (d->memory != OK)
        return found(d, HEALTH_BAD, "%s", d->memory->text);
    if (usage.values_whole < 16 * (size_t)MIB)
        return found(
            d, HEALTH_WARN,
            "the limit leaves %zu KiB for values instead of 16 MiB: fewer requests at a time",
            usage.values_whole / 1024);
    return found(d, HEALTH_OK, "16 MiB for values and 1 MiB for keys can be locked");
}

static enum health check_form(struct doctor *d)
{
    const char *form = doctor_status(d, "sensitive");

    if (form == NULL)
        form = sensitive_form();
    if (strcmp(form, "memfd_secret") != 0)
        return found(
            d, HEALTH_WARN,
            "secrets lie in: %s; memfd_secret(2) would hide them from the kernel's own map, too",
            form);
    return found(d, HEALTH_OK, "%s", form);
}

static enum health check_files(struct doctor *d)
{
    const uint64_t wanted = (uint64_t)d->config.connections + SPARE_FILES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return found(d, HEALTH_SKIPPED, "the limit cannot be read");
    if (limit.rlim_max < wanted)
        return found(d, HEALTH_WARN, "at most %llu open files, and %lld connections are allowed",
                     (unsigned long long)limit.rlim_max, (long long)d->config.connections);
    return found(d, HEALTH_OK, "at most %llu open files", (unsigned long long)limit.rlim_max);
}

/* A mapped or compressed device is what an encrypted swap looks like: it is not asked further. */
static bool is_plain_swap(struct bytes line)
{
    return line.n > 1 && !bytes_begins(line, LIT("/dev/dm-")) &&
           !bytes_begins(line, LIT("/dev/mapper/")) && !bytes_begins(line, LIT("/dev/zram"));
}

static enum health check_swap(struct doctor *d)
{
    struct bytes text, line, name;
    size_t lines = 0;

    if (file_read(d->arena, "/proc/swaps", SWAPS_MOST, &text) != OK)
        return found(d, HEALTH_SKIPPED, "/proc/swaps cannot be read");
    while (bytes_cut(&text, '\n', &line)) {
        if (lines++ == 0 || !is_plain_swap(line))
            continue;
        if (!bytes_cut(&line, ' ', &name) && !bytes_cut(&line, '\t', &name))
            name = line;
        return found(d, HEALTH_WARN, "%.*s is swap that does not look encrypted", (int)name.n,
                     (const char *)name.at);
    }
    return found(d, HEALTH_OK,
                 lines < 2 ? "there is none" : "it looks encrypted, or lies in memory");
}

/* clang-format off */
/* budget: table */
const struct check doctor_machine_checks[] = {
    {"disk-space",    "free space where the data folder lies", "make room, or a larger disk; journal_days says how long the journal is kept", check_disk},
    {"file-system",   "the kind of file system the data folder lies on", "a local disk with ext4, XFS, Btrfs or ZFS", check_file_system},
    {"locked-memory", "how much memory may be locked (RLIMIT_MEMLOCK)", "LimitMEMLOCK=256M in the unit, ulimit -l, or memlock in limits.conf", check_memlock},
    {"memory-form",   "what the memory of secrets is made of", "a kernel with memfd_secret (5.14), secretmem.enable=1 at boot before 6.5; no COFFER_SENSITIVE=fallback", check_form},
    {"open-files",    "the limit of open files (RLIMIT_NOFILE)", "LimitNOFILE=65536 in the unit, or a smaller `connections`", check_files},
    {"swap",          "whether what is not locked may reach a disk", "swapoff, encrypted swap, or MemorySwapMax=0 in the unit", check_swap},
    {0},
};
/* clang-format on */
