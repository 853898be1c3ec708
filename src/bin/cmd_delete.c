/* coffer delete: a secret, after a while or at once. */
#include "bin/remote.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row rows[] = {
    {"days", "N", "how long coffer restore can take it back: 7 to 30; 30 if not said"},
    {"now", NULL, "at once and for ever"},
    {"yes", NULL, "do not ask, though it is --now"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

/* What cannot be taken back is asked for twice: by typing the name. */
static bool is_meant(const struct remote *r)
{
    char typed[2100];

    if (!options_has(r->options, "now") || options_has(r->options, "yes"))
        return true;
    if (isatty(STDIN_FILENO) != 1) {
        fprintf(stderr, "coffer delete: --now deletes for ever: say --yes, too\n");
        return false;
    }
    fprintf(stderr,
            "Every version of %s is deleted at once, for ever. Type its name to go on: ", r->name);
    if (fgets(typed, sizeof typed, stdin) == NULL)
        return false;
    typed[strcspn(typed, "\n")] = '\0';
    if (strcmp(typed, r->name) == 0)
        return true;
    fprintf(stderr, "coffer delete: that is not its name; nothing was deleted\n");
    return false;
}

static int remove_secret(struct remote *r)
{
    struct remote_body body = remote_body(r);
    long days = 0;

    if (!options_number(r->options, "days", 7, 30, &days) || !is_meant(r))
        return EXIT_USAGE;
    remote_text(&body, LIT("SecretId"), r->name);
    if (days > 0) {
        json_put_name(remote_json(&body), LIT("RecoveryWindowInDays"));
        json_put_int(remote_json(&body), days);
    }
    if (options_has(r->options, "now")) {
        json_put_name(remote_json(&body), LIT("ForceDeleteWithoutRecovery"));
        json_put_bool(remote_json(&body), true);
    }
    return remote_send_and_print(r, &body, "DeleteSecret");
}

static int delete_main(int argc, char **argv)
{
    return remote_run(&command_delete, argc, argv, remove_secret);
}

const struct command command_delete = {
    .name = "delete",
    .help = "a secret, after a while or at once",
    .words = "NAME",
    .about = "Until the day that it answers with, coffer restore takes the deletion back.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = delete_main,
};
