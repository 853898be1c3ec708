/* Make a password. Drawn whole from all that are allowed, and drawn again until each kind of
 * character is in it that has to be: so each allowed password is as likely as any other. It is told
 * once and kept nowhere. */
#include "core/secrets/secrets.h"
#include "crypto/random.h"

#include <string.h>

FAULT(PASSWORD_EMPTY, FAULT_CALLER, "password.empty",
      "No character is left to make a password of.");
FAULT(PASSWORD_KIND_EMPTY, FAULT_CALLER, "password.kind_empty",
      "Of a kind of character that has to be in the password none is left.");
FAULT(PASSWORD_SHORT, FAULT_CALLER, "password.short",
      "The password is too short to hold each kind of character.");

enum { USUAL = 32, MOST = 4096, KINDS = 4, ANYTHING = 128, DRAWN = 256 };

struct choice {
    size_t kinds;              /* that have to be there; 0: none */
    uint8_t kind_of[ANYTHING]; /* of a character: from 1; 0: of none */
    char allowed[ANYTHING];
    size_t n;
    uint8_t drawn[DRAWN]; /* random bytes, as far as they were not used */
    size_t left;
};

static bool says(struct maybe_bool flag)
{
    return flag.said && flag.value;
}

static bool excluded(const struct password_in *in, char c)
{
    return in->exclude.n != 0 && memchr(in->exclude.at, c, in->exclude.n) != NULL;
}

/* How many of them are allowed. */
static size_t add(struct choice *choice, const struct password_in *in, const char *set,
                  uint8_t kind)
{
    const size_t before = choice->n;

    for (; *set != '\0'; set++) {
        if (excluded(in, *set))
            continue;
        choice->kind_of[(uint8_t)*set] = kind;
        choice->allowed[choice->n++] = *set;
    }
    return choice->n - before;
}

static fallible choose(struct choice *choice, const struct password_in *in)
{
    const struct {
        const char *set;
        struct maybe_bool without;
    } kinds[KINDS] = {{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", in->no_uppercase},
                      {"abcdefghijklmnopqrstuvwxyz", in->no_lowercase},
                      {"0123456789", in->no_numbers},
                      {"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", in->no_punctuation}};
    const bool each = !in->each_kind.said || in->each_kind.value;

    for (size_t i = 0; i < KINDS; i++) {
        if (says(kinds[i].without))
            continue;
        if (add(choice, in, kinds[i].set, (uint8_t)(each ? choice->kinds + 1 : 0)) == 0)
            ENSURE(!each, PASSWORD_KIND_EMPTY);
        choice->kinds += each;
    }
    if (says(in->space))
        add(choice, in, " ", 0);
    ENSURE(choice->n != 0, PASSWORD_EMPTY);
    return OK;
}

static fallible draw_byte(struct choice *choice, uint8_t *byte)
{
    if (choice->left == 0) {
        TRY(random_fill(choice->drawn, DRAWN));
        choice->left = DRAWN;
    }
    *byte = choice->drawn[--choice->left];
    return OK;
}

/* What would make some characters likelier than others is thrown away. */
static fallible draw(struct choice *choice, uint8_t *out)
{
    const size_t fair = 256 - 256 % choice->n;
    uint8_t byte;

    do {
        TRY(draw_byte(choice, &byte));
    } while (byte >= fair);
    *out = (uint8_t)choice->allowed[byte % choice->n];
    return OK;
}

static fallible draw_all(struct choice *choice, uint8_t *at, size_t n, bool *fits)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < n; i++) {
        TRY(draw(choice, &at[i]));
        seen |= (uint8_t)(1 << choice->kind_of[at[i]] >> 1);
    }
    *fits = seen == (1 << choice->kinds) - 1;
    return OK;
}

static fallible draw_until_it_fits(struct choice *choice, struct sensitive *password)
{
    bool fits;

    do {
        TRY(draw_all(choice, sensitive_fill(password), sensitive_view(password).n, &fits));
    } while (!fits);
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct password_in *in = in_;
    struct password_out *out = out_;
    struct choice choice = {0};
    const size_t n = in->length.said ? (size_t)in->length.value : USUAL;
    const struct fault *fault;

    TRY(choose(&choice, in));
    ENSURE(n >= choice.kinds && n >= 1 && n <= MOST, PASSWORD_SHORT);
    TRY(sensitive_new(c->arena, n, &out->password));
    fault = draw_until_it_fits(&choice, out->password);
    explicit_bzero(choice.drawn, sizeof choice.drawn);
    return fault;
}

const struct operation password_make = {
    .name = "password.make",
    .action = "secretsmanager:GetRandomPassword",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct password_in),
    .out_size = sizeof(struct password_out),
    .audit = (const struct audited[]){AUDITED(password_in, length, "passwordLength"),
                                      AUDITED(password_in, exclude, "excludeCharacters"),
                                      AUDITED(password_in, no_numbers, "excludeNumbers"),
                                      AUDITED(password_in, no_punctuation, "excludePunctuation"),
                                      AUDITED(password_in, no_uppercase, "excludeUppercase"),
                                      AUDITED(password_in, no_lowercase, "excludeLowercase"),
                                      AUDITED(password_in, space, "includeSpace"),
                                      AUDITED(password_in, each_kind, "requireEachIncludedType"),
                                      {0}},
    .run = run,
};
