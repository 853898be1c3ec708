/* coffer describe: what is known of a secret, but its value. */
#include "bin/remote.h"

static const struct option_row rows[] = {FORM_ROW, REMOTE_ROWS, {0}};

static int describe(struct remote *r)
{
    struct remote_body body = remote_body(r);

    remote_text(&body, LIT("SecretId"), r->name);
    return remote_send_and_print(r, &body, "DescribeSecret");
}

static int describe_main(int argc, char **argv)
{
    return remote_run(&command_describe, argc, argv, describe);
}

const struct command command_describe = {
    .name = "describe",
    .help = "what is known of a secret, but its value",
    .words = "NAME",
    .about = "Times, tags, and which label stands at which version.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = describe_main,
};
