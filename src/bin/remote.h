/* remote: what the commands share that ask a server over the network, as any AWS client does: where
 * it is and who asks, one question, and what becomes of a refusal. */
#pragma once

#include "bin/commands.h"
#include "bin/options.h"
#include "cli/service.h"
#include "codec/json_write.h"

/* clang-format off */
/* The rows that every such command has. */
#define REMOTE_ROWS                                                                                 \
    {"endpoint", "URL", "the server; else $AWS_ENDPOINT_URL_SECRETS_MANAGER, $AWS_ENDPOINT_URL, the profile's"}, \
    {"region", "NAME", "else $AWS_REGION, $AWS_DEFAULT_REGION, the profile's, us-east-1"},           \
    {"profile", "NAME", "of ~/.aws/credentials and ~/.aws/config; else $AWS_PROFILE"},               \
    {"ca", "FILE", "the authority to trust; else $AWS_CA_BUNDLE, the profile's, the system's"}
/* clang-format on */

struct remote {
    const struct command *command;
    struct arena *arena;
    const struct options *options;
    const char *name; /* the first word, mostly a secret's name; NULL: none was said */
    struct settings settings;
};

/* Reads the arguments by the command's row (help and wrong words are answered here), hides the
 * process from debuggers and core files, finds server and access key, and calls. */
int remote_run(const struct command *, int argc, char **argv, int (*fn)(struct remote *));

/* One question. EXIT_FINE and the reply; else the sentence stands on standard error. */
int remote_ask(struct remote *, const struct service_call *, struct fetch_reply *);

/* The same, and hands back the refusal's code for those that go on at some: EXIT_FINE with *code
 * empty: it was done. Nothing is printed for a refusal; remote_explain does it. */
int remote_try(struct remote *, const struct service_call *, struct fetch_reply *,
               struct bytes *code);
int remote_explain(struct remote *, const struct fetch_reply *);

int remote_failed(struct remote *, const char *about, const struct fault *);

/* A request's body, begun with the members that are said (NULL: left out); more may be put. */
struct remote_body {
    struct buf buf;
    struct json_writer json;
};
struct remote_body remote_body(struct remote *);
void remote_text(struct remote_body *, struct bytes name, const char *text);
void remote_texts(struct remote_body *, struct bytes name, const char *const *texts, int n);
/* "Tags" from KEY=VALUE each; false, with a sentence, when one is none. */
bool remote_tags(struct remote *, struct remote_body *, const char *const *said, int n);
struct json_writer *remote_json(struct remote_body *); /* for members of other kinds */
void remote_token(struct remote_body *); /* ClientRequestToken: new, so that it may be sent again */

/* Ends the body and asks with it; `reply` as remote_ask. */
int remote_call(struct remote *, struct remote_body *, struct service_call *, struct fetch_reply *);
int remote_send(struct remote *, struct remote_body *, const char *operation,
                struct fetch_reply *reply);
int remote_print(struct remote *, const struct fetch_reply *, enum print_as);
/* The same, and prints the answer as --output says. */
int remote_send_and_print(struct remote *, struct remote_body *, const char *operation);
