/* coffer backup: a sealed copy of all that a data folder holds, and a data folder of it again. */
#include "bin/ask.h"
#include "bin/backup.h"
#include "bin/opener.h"

#include "base/blame.h"
#include "base/file.h"
#include "codec/hex.h"
#include "crypto/agree.h"
#include "crypto/random.h"
#include "crypto/start.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 256 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; of restore: the one to make, absent or empty"},
    OPENER_ROWS,
    {"recipient", "KEY", "of make: may open it too; a public key of coffer backup key (repeated)"},
    {"with-seal", NULL, "of make: the sealed root goes along: the passphrase alone then opens it"},
    {"seal", "FILE", "of check, restore: the seal of the folder that it was made of"},
    {"recipient-key", "FILE", "of check, restore: the private key of a recipient"},
    OPENER_NEW_ROWS,
    {"journal", "DIR", "of restore: the replaced folder's journal; what went since goes again"},
    {"accept-resurrection", NULL, "of restore: what went since the backup may come back"},
    {0},
};

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer backup make FILE [OPTIONS]\n       coffer backup check FILE "
                "[OPTIONS]\n       coffer backup restore FILE --data DIR (--journal DIR | "
                "--accept-resurrection) [OPTIONS]\n       coffer backup key FILE\n");
    if (to == stdout) {
        printf("\nmake: everything of a data folder, as of one moment, sealed, into a new file; of "
               "a\nrunning server too. check: is it whole, and does this open it? restore: a new "
               "data\nfolder of it. It opens with the seal of its folder and what opens that, or "
               "with a\nrecipient's private key; key makes such a pair, and prints the public "
               "one.\n\n");
        options_help(rows);
    }
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

static fallible make_pair(struct arena *arena, const char *file)
{
    uint8_t public_key[AGREE_KEY], text[2 * AGREE_KEY];
    struct sensitive *secret;

    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(sensitive_new_key(arena, AGREE_KEY, &secret));
    TRY(random_fill(sensitive_fill(secret), AGREE_KEY));
    TRY(agree_public(sensitive_view(secret), public_key));
    TRY(blame(file, file_create_secret(file, sensitive_view(secret))));
    hex_encode((struct bytes){public_key, sizeof public_key}, text);
    printf("%.*s\n", (int)sizeof text, (const char *)text);
    return OK;
}

int backup_key_main(struct arena *arena, const char *file)
{
    const struct fault *fault = make_pair(arena, file);

    return fault == OK ? EXIT_FINE : command_failed("backup key", file, fault);
}

static int run(struct arena *arena, const struct options *options)
{
    const char *verb = options->words[0], *file = options->words[1];

    if (strcmp(verb, "make") == 0)
        return backup_make_main(arena, options, file);
    if (strcmp(verb, "check") == 0)
        return backup_check_main(arena, options, file);
    if (strcmp(verb, "restore") == 0)
        return backup_restore_main(arena, options, file);
    return strcmp(verb, "key") == 0 ? backup_key_main(arena, file) : usage(stderr);
}

static int backup_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    int code;

    if (!options_read(&options, "backup", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return usage(stdout);
    if (options.word_count != 2)
        return usage(stderr);
    arena = arena_open(MEMORY);
    code = arena == NULL ? command_failed("backup", "", ARENA_SPENT) : run(arena, &options);
    arena_close(arena);
    return code;
}

static const char *const verbs_of[] = {"make", "check", "restore", "key", NULL};

const struct command command_backup = {
    .name = "backup",
    .help = "make a sealed copy of a data folder, and a data folder of it",
    .rows = rows,
    .verbs = verbs_of,
    .take = backup_main,
};
