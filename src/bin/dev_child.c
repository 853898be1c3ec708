/* dev_child: a banner, or a process with five more variables. */
#include "bin/dev_child.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECRET_MOST = 256, NOT_STARTED = 127, BY_SIGNAL = 128 };

static void put(struct bytes text)
{
    (void)fwrite(text.at, 1, text.n, stdout);
}

static void put_secret(const struct dev_settings *s)
{
    (void)fwrite(s->key_secret.at, 1, s->key_secret.n, stdout);
}

static void print_json(const struct dev_settings *s)
{
    printf("{\"endpoint\":\"%s\",\"region\":\"%s\",\"accessKeyId\":\"", s->endpoint, s->region);
    put(s->key_id);
    printf("\",\"secretAccessKey\":\"");
    put_secret(s);
    printf("\"");
    if (s->authority != NULL)
        printf(",\"authority\":\"%s\"", s->authority);
    printf(",\"data\":\"%s\",\"pid\":%d}\n", s->folder, (int)getpid());
}

static void print_lines(const struct dev_settings *s)
{
    printf(
        "Coffer, DEV MODE: for this machine and for trying things out; never for real secrets.\n");
    printf("Data in %s%s\n\n", s->folder,
           s->temporary ? ": lost at exit (--data DIR keeps it)." : ": kept.");
    printf("export AWS_ENDPOINT_URL=%s\nexport AWS_REGION=%s AWS_DEFAULT_REGION=%s\nexport "
           "AWS_ACCESS_KEY_ID=",
           s->endpoint, s->region, s->region);
    put(s->key_id);
    printf("\nexport AWS_SECRET_ACCESS_KEY=");
    put_secret(s);
    printf("\n");
    if (s->authority != NULL)
        printf("export AWS_CA_BUNDLE=%s\nexport NODE_EXTRA_CA_CERTS=%s\n", s->authority,
               s->authority);
    printf("\nThen try:\n  aws --endpoint-url $AWS_ENDPOINT_URL secretsmanager create-secret "
           "--name hello "
           "--secret-string world\n  coffer get hello\n\nCtrl-C ends it.\n");
}

void dev_banner(const struct dev_settings *s, bool json)
{
    if (json)
        print_json(s);
    else
        print_lines(s);
    (void)fflush(stdout);
}

static void set_environment(const struct dev_settings *s)
{
    char secret[SECRET_MOST + 1] = {0}, id[SECRET_MOST + 1] = {0};

    memcpy(secret, s->key_secret.at, s->key_secret.n < SECRET_MOST ? s->key_secret.n : SECRET_MOST);
    memcpy(id, s->key_id.at, s->key_id.n < SECRET_MOST ? s->key_id.n : SECRET_MOST);
    (void)setenv("AWS_ENDPOINT_URL", s->endpoint, 1);
    (void)setenv("AWS_REGION", s->region, 1);
    (void)setenv("AWS_DEFAULT_REGION", s->region, 1);
    (void)setenv("AWS_ACCESS_KEY_ID", id, 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
    (void)unsetenv("AWS_SESSION_TOKEN");
    (void)unsetenv("AWS_PROFILE");
    if (s->authority != NULL) {
        (void)setenv("AWS_CA_BUNDLE", s->authority, 1);
        (void)setenv("NODE_EXTRA_CA_CERTS", s->authority, 1);
    }
    explicit_bzero(secret, sizeof secret);
}

static void *wait_for(void *ctx)
{
    struct dev_child *child = ctx;
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0)
        continue;
    child->code = WIFEXITED(status) ? WEXITSTATUS(status) : BY_SIGNAL + WTERMSIG(status);
    (void)kill(getpid(), SIGTERM);
    return NULL;
}

/* The server blocks the signals that it waits for; the child gets them all back. */
static int spawn(struct dev_child *child, char **argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    int failed;

    (void)sigemptyset(&none);
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGPIPE);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawn_file_actions_init(&actions);
    /* LMDB leaves one open */
    (void)posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    failed = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return failed;
}

void dev_child_start(struct dev_child *child, char **argv)
{
    int failed;

    set_environment(&child->settings);
    failed = spawn(child, argv);
    if (failed == 0 && pthread_create(&child->waiter, NULL, wait_for, child) == 0)
        return;
    fprintf(stderr, "coffer dev: %s: %s\n", argv[0], strerror(failed));
    child->pid = 0;
    child->code = NOT_STARTED;
    (void)kill(getpid(), SIGTERM);
}

int dev_child_code(struct dev_child *child)
{
    if (child->pid != 0)
        (void)pthread_join(child->waiter, NULL);
    return child->code;
}
