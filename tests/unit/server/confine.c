/* The fences: what a confined process may do and what it may not, tried in a child. */
#include "support/scratch.h"
#include "support/test.h"

#include "server/confine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct config settings(struct arena *arena, const char *folder, const char *mode)
{
    struct config config;

    config_defaults(&config);
    config.data = arena_copy(arena, bytes_of(folder));
    config.confine = bytes_of(mode);
    return config;
}

static bool opens(const char *folder, const char *name, int flags)
{
    char path[512];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void *nothing(void *unused)
{
    return unused;
}

static bool makes_threads(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool listens(void)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0;
}

static bool forks(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child > 0;
}

static bool connects(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 ||
           (errno != EACCES && errno != EPERM);
}

/* A socket of this kind is made. */
static bool makes(int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool connects_locally(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(at.sun_path, path, strlen(path));
    return fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 || errno != EPERM;
}

/* What is sent with the first packet connects, too: where Landlock does not see it. */
static bool sends_at_once(bool by_message)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};
    uint8_t byte = 0;
    struct iovec part = {&byte, 1};
    const struct msghdr message = {
        .msg_name = &at, .msg_namelen = sizeof at, .msg_iov = &part, .msg_iovlen = 1};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (by_message)
        return fd < 0 || sendmsg(fd, &message, MSG_FASTOPEN) > 0 || errno != EPERM;
    return fd < 0 ||
           sendto(fd, &byte, 1, MSG_FASTOPEN, (const struct sockaddr *)&at, sizeof at) > 0 ||
           errno != EPERM;
}

static bool runs_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool runs_programs(void)
{
    char *const words[] = {(char *)(uintptr_t) "/bin/true", NULL};

    (void)execve(words[0], words, words + 1);
    return false; /* had it run, the child would have ended with 0 */
}

/* The child's exit code: 0 would be /bin/true's, so all is well with 42; else which step went
 * wrong. */
static int confined_child(const char *folder, const char *beside)
{
    struct arena *arena = arena_open(1 << 16);
    struct config config = settings(arena, folder, "require");
    char certificate[512];
    int step = 1;

    (void)snprintf(certificate, sizeof certificate, "%s/inner/certificate", beside);
    config.certificate = arena_copy(arena, bytes_of(certificate));
    if (confine(arena, &config) != OK)
        return step;
    const bool held[] = {
        opens(folder, "made", O_RDWR | O_CREAT),
        opens(beside, "inner/certificate", O_RDONLY),
        !opens(beside, "inner/certificate", O_RDWR),
        !opens(beside, "inner/new", O_WRONLY | O_CREAT),
        !opens(beside, "outside", O_RDONLY),
        !opens("/etc", "passwd", O_RDONLY),
        makes_threads(),
        listens(),
        !connects(9),
        !connects_locally("/nowhere"),
        !sends_at_once(false),
        !sends_at_once(true),
        makes(AF_UNIX, SOCK_STREAM, 0),
        makes(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0) || errno == EAFNOSUPPORT,
        !makes(AF_INET, SOCK_DGRAM, 0),
        !makes(AF_INET, SOCK_STREAM, IPPROTO_MPTCP),
        !makes(AF_NETLINK, SOCK_RAW, 0),
        !forks(),
        !runs_memory(),
        ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0,
        !runs_programs(),
    };

    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        step++;
        if (!held[i])
            return step;
    }
    return 42;
}

static void touch(const char *folder, const char *name)
{
    assert_true(opens(folder, name, O_RDWR | O_CREAT));
}

static void test_holds_what_it_says(void **state)
{
    char data[SCRATCH_PATH], beside[SCRATCH_PATH], inner[SCRATCH_PATH + 8];
    int status;
    pid_t child;

    (void)state;
    scratch_make(data);
    scratch_make(beside);
    (void)snprintf(inner, sizeof inner, "%s/inner", beside);
    assert_int_equal(mkdir(inner, 0700), 0);
    touch(beside, "inner/certificate");
    touch(beside, "outside");
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(confined_child(data, beside));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    scratch_remove(data);
    scratch_remove(beside);
}

static void test_off_does_nothing(void **state)
{
    struct arena *arena = arena_open(1 << 16);
    struct config config = settings(arena, "/nowhere", "off");

    (void)state;
    assert_ok(confine(arena, &config));
    assert_string_equal(confine_form(), "none");
    assert_true(opens("/etc", "passwd", O_RDONLY));
    arena_close(arena);
}

static void test_unknown_group(void **state)
{
    struct arena *arena = arena_open(1 << 16);
    struct config config = settings(arena, "/nowhere", "off");

    (void)state;
    config.admin_group = LIT("no-such-group-here");
    assert_fault(confine(arena, &config), CONFINE_GROUP);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_does_nothing),
        cmocka_unit_test(test_unknown_group),
        cmocka_unit_test(test_holds_what_it_says),
    };

    return cmocka_run_group_tests_name("server/confine", tests, NULL, NULL);
}
