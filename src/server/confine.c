/* confine: Landlock by its three system calls (the C library has no names for them), seccomp by
 * libseccomp. */
#include "server/confine.h"

#include "base/blame.h"
#include "base/file.h"
#include "base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/landlock.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
FAULT(CONFINE_REFUSED, FAULT_INTERNAL, "confine.refused",
      "This kernel cannot confine the server as confine = require asks; confine = auto takes what there is.");
FAULT(CONFINE_GROUP, FAULT_CALLER, "confine.group", "There is no group of the name that admin_group or audit_group says.");
/* clang-format on */

/* Sanitizers start processes, map what they like and read /proc: they cannot be confined. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { WATCHED = 1 };
#else
enum { WATCHED = 0 };
#endif

/* --- Landlock --- */

/* The kernel's struct landlock_ruleset_attr as of ABI 6: Debian 12's header knows its first member
 * alone. */
struct ruleset {
    uint64_t files, network, scoped;
};

enum { ABI_NETWORK = 4, ABI_SCOPES = 6, ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_DEVICES = 5 };

#define FILE_TRUNCATE (UINT64_C(1) << 14)
#define FILE_DEVICES  (UINT64_C(1) << 15)
#define NET_BIND      (UINT64_C(1) << 0)
#define NET_CONNECT   (UINT64_C(1) << 1)
#define SCOPE_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS (UINT64_C(1) << 1)

static const uint64_t may_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t may_own = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                LANDLOCK_ACCESS_FS_REFER | FILE_TRUNCATE;

struct fences {
    int abi; /* 0: no Landlock */
    uint64_t files;
    bool network, calls;
};

static struct fences put_up;
static char form[128] = "none";

static uint64_t all_files(int abi)
{
    uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (abi >= ABI_REFER)
        all |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= ABI_TRUNCATE)
        all |= FILE_TRUNCATE;
    if (abi >= ABI_DEVICES)
        all |= FILE_DEVICES;
    return all;
}

static bool let(int rules, const char *folder, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = rights & put_up.files};
    bool done;

    beneath.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return errno == ENOENT; /* what is not there needs no leave */
    done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
    (void)close(beneath.parent_fd);
    return done;
}

/* The folder that a file lies in, as it is called and as it really is: renewed certificates are
 * often symbolic links, exchanged. */
static bool let_beside(int rules, const char *file)
{
    char real[PATH_MAX], *slash;
    bool done = true;

    for (int step = 0; step < 2 && done; step++) {
        if (step == 1 ? realpath(file, real) == NULL : strlen(file) >= sizeof real)
            return true;
        if (step == 0)
            memcpy(real, file, strlen(file) + 1);
        slash = strrchr(real, '/');
        if (slash != NULL)
            *slash = 0;
        done = let(rules, slash == NULL ? "." : slash == real ? "/" : real, may_read);
    }
    return done;
}

static bool let_all(struct arena *arena, const struct config *config, int rules)
{
    const struct bytes files[] = {config->certificate, config->private_key};
    const char *data = file_text(arena, config->data);

    if (data == NULL || !let(rules, data, may_own))
        return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *file = files[i].n == 0 ? NULL : file_text(arena, files[i]);

        if (file != NULL && !let_beside(rules, file))
            return false;
    }
    return true;
}

/* Its listeners are bound after this: binding is left alone, connecting is not. */
static bool fence_files(struct arena *arena, const struct config *config)
{
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset set = {.files = all_files((int)abi)};
    size_t size = sizeof set.files;
    int rules;
    bool done;

    if (abi < 1)
        return false;
    if (abi >= ABI_NETWORK) {
        set.network = NET_CONNECT;
        size += sizeof set.network;
    }
    if (abi >= ABI_SCOPES) {
        set.scoped = SCOPE_SOCKETS | SCOPE_SIGNALS;
        size += sizeof set.scoped;
    }
    rules = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
    if (rules < 0)
        return false;
    put_up.files = set.files;
    done = let_all(arena, config, rules) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    (void)close(rules);
    put_up.abi = done ? (int)abi : 0;
    put_up.network = done && abi >= ABI_NETWORK;
    return done;
}

/* --- seccomp --- */

enum { SOCKET_KIND = 0xF /* of socket(2)'s type, without its flags */ };

/* What a server that has started asks for. All else is refused with EPERM, and so fails like
 * anything that the system will not give. */
static const int calls[] = {
    /* sockets and waiting; nothing connects, not even to a socket of this machine */
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(accept4),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(eventfd2),
    SCMP_SYS(signalfd4),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(shutdown),
    /* files */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),
    SCMP_SYS(lseek),
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(lchown),
    SCMP_SYS(umask),
    /* memory */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(msync),
    SCMP_SYS(mlock),
    SCMP_SYS(mlock2),
    SCMP_SYS(munlock),
    SCMP_SYS(brk),
    SCMP_SYS(memfd_secret),
    /* threads, time, signals, chance */
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(tgkill),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getrandom),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
};

/* A thread is made by clone with CLONE_THREAD, a process without; clone3 hides its flags from us,
 * and the C library does without it when told that there is none. */
static int add_guarded(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp unrun = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);

    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, unrun);
    return failed == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, unrun)
                       : failed;
}

/* Streams of this machine and of TCP, no other kind: Landlock sees to TCP alone, not to datagrams,
 * nor to what becomes TCP below it (MPTCP, SMC). */
static int add_sockets(scmp_filter_ctx filter)
{
    static const int domains[] = {AF_UNIX, AF_INET, AF_INET6};
    int failed = 0;

    for (size_t i = 0; i < sizeof domains / sizeof *domains && failed == 0; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3,
                                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)domains[i]),
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_STREAM),
                                  SCMP_A2(SCMP_CMP_EQ, 0));
    return failed;
}

/* Not with MSG_FASTOPEN, which connects while Landlock looks away. */
static int add_sending(scmp_filter_ctx filter)
{
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
                                  SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));

    return failed == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
                                          SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0))
                       : failed;
}

static int add_names(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp named = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME);
    const struct scmp_arg_cmp mapped = SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA);
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, named);

    return failed == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, mapped)
                       : failed;
}

static bool fence_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = filter == NULL ? ENOMEM : add_guarded(filter);

    if (failed == 0)
        failed = add_sockets(filter);
    if (failed == 0)
        failed = add_sending(filter);
    for (size_t i = 0; i < sizeof calls / sizeof *calls && failed == 0; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    if (failed == 0)
        failed = add_names(filter);
    if (failed == 0)
        failed = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    return failed == 0;
}

/* --- both --- */

static void say_form(void)
{
    const char *files = put_up.abi != 0 ? "files" : "files: no Landlock in this kernel";
    const char *network = put_up.network ? "network" : "network: Landlock is too old";

    if (WATCHED != 0)
        (void)snprintf(form, sizeof form, "none: a build with sanitizers");
    else
        (void)snprintf(form, sizeof form, "%s, %s, %s", files, network,
                       put_up.calls ? "calls" : "calls: seccomp is refused");
}

/* /etc/group is out of reach afterwards, and so are the modules that read it. */
static fallible look_up_group(struct arena *arena, struct bytes said, gid_t *gid)
{
    const char *name = file_text(arena, said);
    const struct group *group;

    if (said.n == 0)
        return OK;
    group = name == NULL ? NULL : getgrnam(name);
    if (group == NULL)
        return blame(name, CONFINE_GROUP);
    *gid = group->gr_gid;
    return OK;
}

/* A dead server's socket is told from a live one's by connecting to it. What cannot be cleared is
 * told by who comes to listen there. */
static void clear_socket(struct arena *arena, const struct config *config)
{
    const char *data = file_text(arena, config->data);
    const char *path = data == NULL ? NULL : file_path(arena, data, "admin/socket");
    const struct fault *fault = path == NULL ? ARENA_SPENT : socket_clear_local(path);

    (void)fault;
}

fallible confine(struct arena *arena, struct config *config)
{
    bool whole = false;

    clear_socket(arena, config);
    TRY(look_up_group(arena, config->admin_group, &config->admin_gid));
    TRY(look_up_group(arena, config->audit_group, &config->audit_gid));
    /* A thread that ends by pthread_exit, as libargon2's do, has the C library load this, and end
     * the process when it cannot. */
    (void)dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL);
    if (config->dev || bytes_same(config->confine, LIT("off")))
        return OK;
    if (WATCHED == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        whole = fence_files(arena, config) && put_up.network;
        put_up.calls = fence_calls();
        whole = whole && put_up.calls;
    }
    say_form();
    LOG(whole ? LOG_NOTICE : LOG_ERROR, "server.confined", F("form", bytes_of(form)));
    ENSURE(whole || !bytes_same(config->confine, LIT("require")), CONFINE_REFUSED);
    return OK;
}

const char *confine_form(void)
{
    return form;
}
