/* ask: a command's question to the running server, and what becomes of the answer. */
#pragma once

#include "bin/commands.h"
#include "bin/options.h"
#include "cli/client.h"

/* The rows that every asking command has. */
/* clang-format off */
#define ASK_ROWS                                                                          \
    {"data", "DIR", "the server's data folder; else $COFFER_DATA, else /var/lib/coffer"}, \
    FORM_ROW
/* clang-format on */

/* The folder that `--data` names, else $COFFER_DATA, else the usual one. Never NULL; borrowed. */
const char *ask_data(const struct options *);

/* Sends GET, or POST when there is a body, over the folder's admin socket. EXIT_FINE and the reply,
 * in the arena; else a sentence stands on standard error and the code is returned: EXIT_AWAY when
 * nobody listens, otherwise by the reply's status. */
int ask(struct arena *, const char *command, const struct options *, const char *target,
        struct bytes body, struct client_reply *);

/* POST with a body that is a secret: it goes from its locked memory into the socket. */
int ask_secret(struct arena *, const char *command, const struct options *, const char *target,
               struct sensitive_view body, struct client_reply *);

/* The same as ask, and the answer printed in the form that the options say. */
int ask_and_print(struct arena *, const char *command, const struct options *, const char *target,
                  struct bytes body);

/* After a change that has nothing to tell: the sentence as a table, else the answer as it came.
 * What --output says is looked at before the change, too (options_form). */
int ask_said(struct arena *, const char *command, const struct options *, struct bytes body,
             const char *sentence);

/* As ask_and_print, and the answer stays with the caller. */
int ask_print(struct arena *, const char *command, const struct options *, const char *target,
              struct bytes body, struct client_reply *);
