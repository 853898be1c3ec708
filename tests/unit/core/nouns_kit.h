/* nouns_kit: a house with an account in it, and one operation asked after the other, each in a call
 * of its own. What an operation answered is valid until the next is asked. */
#pragma once

#include "core/identity/identity.h"
#include "core/secrets/secrets.h"
#include "house_kit.h"
#include "support/test.h"

struct nouns_kit {
    struct house_kit house;
    struct call *last;
    int64_t now;
    const struct principal *who; /* as whom the next is asked */
    struct arena *values;
};

extern struct nouns_kit nouns;
extern const struct principal nouns_local; /* the admin socket's */

int nouns_up(void **state); /* as the root of the account */
int nouns_up_in(struct house_kit);
int nouns_down(void **state);

const struct fault *ask(const struct operation *, const void *in, void *out);
/* The same as whoever has this access key. */
const struct fault *ask_with_key(struct bytes access_key_id, const struct operation *,
                                 const void *in, void *out);
void nouns_end(void); /* ends the last one, before its worker goes */
/* The call before perform: for what needs a transaction only. */
struct call *nouns_begin(void);

void nouns_end(void); /* no snapshot is open any more */

struct sensitive *value_of(const char *text); /* valid until nouns_down */
void assert_value(const struct sensitive *, const char *text);
size_t nouns_records(char table); /* how many keys begin so */

/* The first subject of the last refusal. */
struct bytes subject(size_t i);
