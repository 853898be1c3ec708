/* opener: options, then credentials, then the terminal. */
#include "bin/opener.h"

#include "base/blame.h"
#include "base/file.h"
#include "bin/commands.h"
#include "bin/terminal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
FAULT(OPENER_NOBODY, FAULT_CALLER, "opener.terminal",
      "There is no terminal to ask for the passphrase: use --key-file, --passphrase-fd or a systemd credential.");
FAULT(OPENER_WHICH, FAULT_CALLER, "opener.which",
      "What is to open it from now on? Say one of --to-key-file, --to-passphrase and --to-passphrase-fd.");
static FAULT(INSIDE, FAULT_CALLER, "opener.inside", "The key file must not lie in the folder that it opens: keep it elsewhere.");
static FAULT(TOO_SHORT, FAULT_CALLER, "opener.short",
             "A new passphrase has 8 characters or more, and better 15: whoever has a copy of the folder can try as many as he likes.");
static FAULT(NOT_TWICE, FAULT_CALLER, "opener.twice", "The two passphrases differ.");
/* clang-format on */

/* As many characters as NIST SP 800-63B demands (revision 4, 3.1.1.2), and as it demands where
 * nothing else protects: of somebody who has the folder nothing else does. */
enum { CHARACTERS_LEAST = 8, CHARACTERS_GOOD = 15 };

static fallible ask(struct arena *arena, int terminal, const char *prompt, struct sensitive **out)
{
    TRY(terminal_ask(arena, terminal, prompt, out));
    return sensitive_view(*out).n == 0 || sensitive_view(*out).n > ROOT_PASSPHRASE_MOST
               ? ROOT_PASSPHRASE
               : OK;
}

static fallible ask_terminal(struct arena *arena, int terminal, const char *prompt, bool again,
                             struct sensitive **out)
{
    struct sensitive *second;

    TRY(ask(arena, terminal, prompt, out));
    if (!again)
        return OK;
    TRY(ask(arena, terminal, "Again: ", &second));
    ENSURE(terminal_same(*out, second), NOT_TWICE);
    return OK;
}

static fallible from_terminal(struct arena *arena, const char *prompt, bool again,
                              struct sensitive **out)
{
    int terminal = terminal_open();
    const struct fault *fault;

    ENSURE(terminal >= 0, OPENER_NOBODY);
    fault = ask_terminal(arena, terminal, prompt, again, out);
    close(terminal);
    return fault;
}

static void drop_newline(struct sensitive *text)
{
    struct sensitive_view seen = sensitive_view(text);

    if (seen.n > 0 && seen.at[seen.n - 1] == '\n')
        sensitive_trim(text, seen.n - 1);
}

/* Beside what it opens, a key file opens it for whoever takes the folder along (SECURITY 29). */
static bool lies_in(const char *file, const char *data)
{
    char folder[PATH_MAX], place[PATH_MAX], at[PATH_MAX] = ".";
    const char *slash = strrchr(file, '/');
    const size_t n = slash == NULL ? 0 : (size_t)(slash - file) + 1;

    if (n >= sizeof at || realpath(data, folder) == NULL)
        return false;
    if (n > 0)
        (void)snprintf(at, sizeof at, "%.*s", (int)n, file);
    if (realpath(at, place) == NULL)
        return false; /* told by who opens it */
    return strncmp(place, folder, strlen(folder)) == 0 &&
           (place[strlen(folder)] == '/' || place[strlen(folder)] == '\0');
}

fallible opener_outside(const char *file, const char *data)
{
    return file != NULL && data != NULL && lies_in(file, data) ? INSIDE : OK;
}

static fallible take_key_file(struct arena *arena, const char *path, struct root_opener *opener)
{
    struct sensitive *secret;

    TRY(blame(path, file_read_secret(arena, path, KEEPER_ROOT, &secret)));
    opener->method = ROOT_BY_KEY_FILE;
    opener->secret = sensitive_view(secret);
    return OK;
}

static fallible take_descriptor(struct arena *arena, const char *said, struct root_opener *opener)
{
    struct sensitive *secret;

    TRY(file_drain_secret(arena, (int)strtol(said, NULL, 10), ROOT_PASSPHRASE_MOST + 1, &secret));
    drop_newline(secret);
    opener->secret = sensitive_view(secret);
    return OK;
}

/* A credential's file is ours to read; systemd makes it 0400 in a folder that nobody else
 * enters. */
static const char *credential(struct arena *arena, const char *name)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *path;

    if (folder == NULL)
        return NULL;
    path = file_path(arena, folder, name);
    return path != NULL && access(path, R_OK) == 0 ? path : NULL;
}

/* Characters are counted where it is UTF-8, bytes elsewhere. */
static fallible judge_new(const struct root_opener *opener)
{
    const struct sensitive_view secret = opener->secret;
    size_t n = 0;

    if (opener->method != ROOT_BY_PASSPHRASE)
        return OK;
    for (size_t i = 0; i < secret.n; i++)
        n += (secret.at[i] & 0xC0) != 0x80;
    ENSURE(n >= CHARACTERS_LEAST, TOO_SHORT);
    if (n < CHARACTERS_GOOD)
        fprintf(stderr,
                "The passphrase is short: %d characters or more keep it from being guessed "
                "by whoever has a copy of the folder.\n",
                CHARACTERS_GOOD);
    return OK;
}

static fallible find(struct arena *arena, const struct options *options, bool again,
                     struct root_opener *opener)
{
    const char *file = options_value(options, "key-file"),
               *fd = options_value(options, "passphrase-fd");
    struct sensitive *secret;

    *opener = (struct root_opener){.method = ROOT_BY_PASSPHRASE};
    if (file == NULL && fd == NULL)
        file = credential(arena, "coffer-key");
    if (file != NULL)
        return take_key_file(arena, file, opener);
    if (fd != NULL)
        return take_descriptor(arena, fd, opener);
    file = credential(arena, "coffer-passphrase");
    if (file != NULL) {
        TRY(file_read_secret(arena, file, ROOT_PASSPHRASE_MOST + 1, &secret));
        drop_newline(secret);
    } else {
        TRY(from_terminal(arena, "Passphrase: ", again, &secret));
    }
    opener->secret = sensitive_view(secret);
    return OK;
}

fallible opener_find(struct arena *arena, const struct options *options, bool again,
                     struct root_opener *opener)
{
    TRY(find(arena, options, again, opener));
    return again ? judge_new(opener) : OK;
}

static fallible choose_passphrase(struct arena *arena, struct root_opener *opener)
{
    struct sensitive *secret;

    TRY(from_terminal(arena, "New passphrase: ", true, &secret));
    opener->secret = sensitive_view(secret);
    return OK;
}

fallible opener_choose(struct arena *arena, const struct options *options,
                       struct root_opener *opener)
{
    const char *file = options_value(options, "to-key-file"),
               *fd = options_value(options, "to-passphrase-fd");
    const bool ask_for = options_has(options, "to-passphrase");

    ENSURE((file != NULL) + (fd != NULL) + ask_for == 1, OPENER_WHICH);
    *opener = (struct root_opener){.method = ROOT_BY_PASSPHRASE};
    if (file != NULL)
        return take_key_file(arena, file, opener);
    TRY(fd != NULL ? take_descriptor(arena, fd, opener) : choose_passphrase(arena, opener));
    return judge_new(opener);
}

fallible opener_make_file(struct arena *arena, const struct options *options, const char *option)
{
    const char *file = options_value(options, option);
    struct sensitive *key;

    if (!options_has(options, "make-key-file") || file == NULL)
        return OK;
    TRY(root_make(arena, &key));
    return blame(file, file_create_secret(file, sensitive_view(key)));
}

fallible opener_settle_file(const struct options *options, const char *option,
                            const struct fault *fault)
{
    const char *file = options_value(options, option);

    if (fault != OK && file != NULL && options_has(options, "make-key-file"))
        (void)unlink(file);
    return fault;
}
