/* coffer verify: is a data folder what it was? Its journal, its store, and the two against each
 * other; while no server runs. */
#include "bin/ask.h"
#include "bin/commands.h"
#include "bin/opener.h"

#include "base/file.h"
#include "core/audit/outbox.h"
#include "core/audit/verify.h"
#include "core/inventory.h"
#include "crypto/start.h"
#include "server/open.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 512 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"},
    OPENER_ROWS,
    {0},
};

static int usage(void)
{
    printf("usage: coffer verify [--data DIR] [--key-file FILE | --passphrase-fd N]\n\nHolds a "
           "data folder's records against the sum that each commit leaves, opens\neach where it "
           "lies, checks the journal, and the two against each other. Stop the\nserver first.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

static bool tell_journal(const struct verify_report *journal)
{
    const bool right = journal->verdict == VERIFY_WHOLE || journal->verdict == VERIFY_TORN ||
                       journal->verdict == VERIFY_EMPTY;

    if (right)
        printf("journal: whole, %llu records, to commit %llu\n",
               (unsigned long long)journal->records, (unsigned long long)journal->commit);
    else if (journal->verdict == VERIFY_CUT)
        printf("journal: WRONG: it lacks record %llu, and no signed record says that its age was "
               "up: it "
               "was cut off\n",
               (unsigned long long)journal->sequence);
    else
        printf("journal: WRONG at record %llu: see coffer audit verify\n",
               (unsigned long long)journal->sequence);
    return right;
}

static bool tell_store(const struct inventory *store, const struct verify_report *journal)
{
    if (store->wrong > 0)
        printf("store: WRONG: %llu records do not open where they lie; the first is in table %c, "
               "its key of %zu bytes, its row of commit %llu\n",
               (unsigned long long)store->wrong, store->table, store->key_bytes,
               (unsigned long long)store->revision);
    if (!store->fits)
        printf("store: WRONG: its rows are not those of commit %llu: something was put back, "
               "moved, dropped or added\n",
               (unsigned long long)store->commit);
    if (store->commit < journal->commit)
        printf("store: WRONG: it ends with commit %llu, the journal with %llu: an old copy was put "
               "back\n",
               (unsigned long long)store->commit, (unsigned long long)journal->commit);
    if (!store->listed)
        printf("store: WRONG: the index by which secrets are listed is not what their records "
               "say\n");
    if (store->wrong > 0 || !store->fits || !store->listed || store->commit < journal->commit)
        return false;
    printf("store: whole, %llu records, commit %llu\n", (unsigned long long)store->records,
           (unsigned long long)store->commit);
    return true;
}

/* What the folder itself could not say of its journal: the key, from the root, and the newest
 * checkpoint, from the store. */
struct witness {
    uint8_t key[32];
    struct verify_since since;
};

static fallible hear(const struct house *house, struct witness *witness)
{
    struct journal_anchor anchor;
    struct worker *worker;
    const struct fault *fault;

    TRY(keeper_journal_public(house->keeper, house->keeper->generation, witness->key));
    TRY(worker_open(house, NULL, &worker));
    fault = outbox_anchor(worker, &anchor);
    worker_close(worker);
    TRY(fault);
    witness->since.sequence = anchor.sequence;
    memcpy(witness->since.chain, anchor.chain, sizeof witness->since.chain);
    return OK;
}

static fallible take(struct arena *arena, const struct options *options,
                     const struct config *config, struct inventory *store, struct witness *witness)
{
    struct root_sealed seal;
    struct root_opener opener;
    struct opened opened;
    const struct fault *fault;

    TRY(open_seal(arena, config, &seal));
    TRY(opener_outside(options_value(options, "key-file"), file_text(arena, config->data)));
    TRY(opener_find(arena, options, false, &opener));
    TRY(house_look(arena, config, &seal, &opener, &opened));
    fault = inventory_take(arena, &opened.house, store);
    if (fault == OK)
        fault = hear(&opened.house, witness);
    house_close(&opened);
    return fault;
}

static fallible verify(struct arena *arena, const struct options *options, const char *data,
                       bool *right)
{
    const char *folder = file_path(arena, data, "journal");
    struct verify_report journal;
    struct inventory store;
    struct witness witness;
    struct config config;

    ENSURE(folder != NULL, ARENA_SPENT);
    config_defaults(&config);
    config.data = bytes_of(data);
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(take(arena, options, &config, &store, &witness));
    TRY(journal_verify(arena, bytes_of(folder), (struct bytes){witness.key, sizeof witness.key},
                       &witness.since, &journal));
    *right = tell_journal(&journal);
    *right = tell_store(&store, &journal) && *right;
    return OK;
}

static int verify_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    const struct fault *fault;
    bool right = false;

    if (!options_read(&options, "verify", rows, argc, argv) ||
        !options_wordless(&options, "verify"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("verify", "", ARENA_SPENT);
    fault = verify(arena, &options, ask_data(&options), &right);
    arena_close(arena);
    if (fault != OK)
        return command_failed("verify", ask_data(&options), fault);
    return right ? EXIT_FINE : EXIT_CONFLICT;
}

const struct command command_verify = {
    .name = "verify",
    .help = "is a data folder what it was? while no server runs",
    .rows = rows,
    .take = verify_main,
};
