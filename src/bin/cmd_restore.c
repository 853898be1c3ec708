/* coffer restore: take back a deletion that has not been carried out yet. */
#include "bin/remote.h"

static const struct option_row rows[] = {FORM_ROW, REMOTE_ROWS, {0}};

static int restore(struct remote *r)
{
    struct remote_body body = remote_body(r);

    remote_text(&body, LIT("SecretId"), r->name);
    return remote_send_and_print(r, &body, "RestoreSecret");
}

static int restore_main(int argc, char **argv)
{
    return remote_run(&command_restore, argc, argv, restore);
}

const struct command command_restore = {
    .name = "restore",
    .help = "take back a deletion that has not been carried out yet",
    .words = "NAME",
    .about = "For secrets that coffer list --deleted shows with the day of their deletion.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = restore_main,
};
