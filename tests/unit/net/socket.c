/* Ports that are taken are told; local sockets are for their owner alone. */
#include "support/test.h"

#include "net/socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void tells_a_port_in_use(void **state)
{
    struct address any, bound, again;
    int fds[3], other;

    (void)state;
    assert_ok(address_read(LIT("127.0.0.1:0"), &any));
    assert_ok(socket_listen(&any, 3, fds, &bound));
    assert_int_not_equal(bound.port, 0);
    assert_fault(socket_listen(&bound, 1, &other, &again), SOCKET_IN_USE);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    assert_ok(socket_listen(&bound, 1, &other, &again));
    assert_int_equal(again.port, bound.port);
    close(other);
}

static void refuses_an_address_that_is_not_ours(void **state)
{
    struct address far, bound;
    int fd;

    (void)state;
    assert_ok(address_read(LIT("192.0.2.1:0"), &far));
    assert_fault(socket_listen(&far, 1, &fd, &bound), SOCKET_SYSTEM);
}

struct place {
    char folder[64], path[96];
};

static struct place place_make(mode_t mode)
{
    struct place place = {.folder = "/tmp/coffer-socket-XXXXXX"};

    assert_non_null(mkdtemp(place.folder));
    assert_int_equal(chmod(place.folder, mode), 0);
    assert_true(snprintf(place.path, sizeof place.path, "%s/admin", place.folder) > 0);
    return place;
}

static void place_remove(struct place *place)
{
    unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0);
}

static int call(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(at.sun_path, path, strlen(path));
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void listens_locally(void **state)
{
    struct place place = place_make(0700);
    struct socket_owner owner;
    struct address peer;
    struct stat found;
    int fd, second, caller, accepted;

    (void)state;
    assert_ok(socket_listen_local(place.path, SOCKET_NO_GROUP, &fd));
    assert_int_equal(stat(place.path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_fault(socket_listen_local(place.path, SOCKET_NO_GROUP, &second), SOCKET_IN_USE);
    assert_ok(socket_accept(fd, &accepted, &peer)); /* the look whether it is alive */
    close(accepted);
    caller = call(place.path);
    assert_ok(socket_accept(fd, &accepted, &peer));
    assert_true(peer.local);
    assert_ok(socket_owner(accepted, &owner));
    assert_int_equal(owner.uid, getuid());
    assert_int_equal(owner.pid, getpid());
    close(accepted);
    close(caller);
    assert_ok(socket_accept(fd, &accepted, &peer));
    assert_int_equal(accepted, -1);
    assert_fault(socket_clear_local(place.path), SOCKET_IN_USE);
    close(fd); /* the file stays, as of a dead server */
    assert_ok(socket_clear_local(place.path));
    assert_int_equal(stat(place.path, &found), -1);
    assert_ok(socket_listen_local(place.path, SOCKET_NO_GROUP, &fd));
    close(fd);
    assert_ok(socket_listen_local(place.path, SOCKET_NO_GROUP, &fd));
    close(fd);
    place_remove(&place);
}

static void wants_a_folder_of_its_own(void **state)
{
    struct place open = place_make(0755), plain = place_make(0700);
    FILE *file = fopen(plain.path, "w");
    int fd;

    (void)state;
    assert_non_null(file);
    fclose(file);
    assert_fault(socket_listen_local(open.path, SOCKET_NO_GROUP, &fd), SOCKET_FOLDER);
    assert_fault(socket_listen_local("/nowhere/at/all", SOCKET_NO_GROUP, &fd), SOCKET_FOLDER);
    assert_fault(socket_listen_local("admin", SOCKET_NO_GROUP, &fd), SOCKET_FOLDER);
    assert_fault(socket_listen_local(plain.path, SOCKET_NO_GROUP, &fd), SOCKET_IN_USE);
    assert_int_equal(access(plain.path, F_OK), 0); /* a file that is no socket is not put away */
    place_remove(&open);
    place_remove(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_port_in_use),
        cmocka_unit_test(refuses_an_address_that_is_not_ours),
        cmocka_unit_test(listens_locally),
        cmocka_unit_test(wants_a_folder_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
