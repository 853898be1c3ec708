/* filter: the beginning of a text, or words anywhere in it. */
#include "core/secrets/filter.h"

#include "codec/cbor.h"
#include "codec/text.h"

#include <string.h>

FAULT(SECRET_FILTER_KEY, FAULT_CALLER, "secret.filter_key", "A filter does not say its key.");
FAULT(SECRET_FILTER_VALUES, FAULT_CALLER, "secret.filter_values",
      "The filter {} does not say its values.");

enum { SPELLED_USUAL = 256 };

/* --- words --- */

enum letter { NO_LETTER, SMALL, CAPITAL, DIGIT };

/* What is not ASCII counts as small: there are no words to be told apart. */
static enum letter letter_at(struct bytes text, size_t i)
{
    const uint8_t c = i < text.n ? text.at[i] : ' ';

    if ((c >= 'a' && c <= 'z') || c >= 0x80)
        return SMALL;
    if (c >= 'A' && c <= 'Z')
        return CAPITAL;
    return c >= '0' && c <= '9' ? DIGIT : NO_LETTER;
}

/* "COMPANYThings" is "COMPANY" and "Things". */
static bool word_begins(struct bytes text, size_t i)
{
    const enum letter here = letter_at(text, i),
                      before = i == 0 ? NO_LETTER : letter_at(text, i - 1);

    if (here == NO_LETTER)
        return false;
    if (here == CAPITAL)
        return before != CAPITAL || letter_at(text, i + 1) == SMALL;
    return here != before && !(here == SMALL && before == CAPITAL);
}

/* The next word, without what stands before it; false: no more. */
static bool take_word(struct bytes *rest, struct bytes *word)
{
    size_t from = 0, to;

    while (from < rest->n && letter_at(*rest, from) == NO_LETTER)
        from++;
    *rest = bytes_after(*rest, from);
    for (to = 1; to < rest->n; to++)
        if (letter_at(*rest, to) == NO_LETTER || word_begins(*rest, to))
            break;
    if (rest->n == 0)
        return false;
    *word = (struct bytes){rest->at, to};
    *rest = bytes_after(*rest, to);
    return true;
}

static bool begins_caseless(struct bytes text, struct bytes head)
{
    return text.n >= head.n && text_same_caseless((struct bytes){text.at, head.n}, head);
}

static bool has_word(struct bytes text, struct bytes wanted)
{
    struct bytes word;

    while (take_word(&text, &word))
        if (begins_caseless(word, wanted))
            return true;
    return false;
}

/* Each wanted word is the beginning of one of the text's; without any nothing holds. */
static bool has_words(struct bytes text, struct bytes wanted)
{
    struct bytes word;
    bool any = false;

    while (take_word(&wanted, &word)) {
        any = true;
        if (!has_word(text, word))
            return false;
    }
    return any;
}

/* --- one value of a filter --- */

typedef bool holds_fn(const struct secret *, struct bytes wanted);

static bool name_holds(const struct secret *secret, struct bytes wanted)
{
    return bytes_begins(secret->name, wanted);
}

static bool description_holds(const struct secret *secret, struct bytes wanted)
{
    return has_words(secret->description, wanted);
}

static bool tag_key_holds(const struct secret *secret, struct bytes wanted)
{
    for (size_t i = 0; i < secret->tag_count; i++)
        if (bytes_begins(secret->tags[i].name, wanted))
            return true;
    return false;
}

static bool tag_value_holds(const struct secret *secret, struct bytes wanted)
{
    for (size_t i = 0; i < secret->tag_count; i++)
        if (bytes_begins(secret->tags[i].value, wanted))
            return true;
    return false;
}

/* All words in one and the same text. */
static bool all_holds(const struct secret *secret, struct bytes wanted)
{
    if (has_words(secret->name, wanted) || has_words(secret->description, wanted))
        return true;
    for (size_t i = 0; i < secret->tag_count; i++)
        if (has_words(secret->tags[i].name, wanted) || has_words(secret->tags[i].value, wanted))
            return true;
    return false;
}

static bool primary_region_holds(const struct secret *secret, struct bytes wanted)
{
    return secret->primary_region.n != 0 && bytes_begins(secret->primary_region, wanted);
}

/* No secret has an owning service yet. */
static bool nothing_holds(const struct secret *secret, struct bytes wanted)
{
    (void)secret;
    (void)wanted;
    return false;
}

static const struct served {
    const char *key;
    holds_fn *holds;
} served[] = {
    {"name", name_holds},
    {"description", description_holds},
    {"tag-key", tag_key_holds},
    {"tag-value", tag_value_holds},
    {"all", all_holds},
    {"primary-region", primary_region_holds},
    {"owning-service", nothing_holds},
};

static const struct served *served_as(struct bytes key)
{
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        if (bytes_same(bytes_of(served[i].key), key))
            return &served[i];
    return NULL;
}

/* --- filters --- */

static bool filter_holds(const struct secret_filter *filter, const struct secret *secret)
{
    holds_fn *holds = served_as(filter->key)->holds;
    bool wanted = false, found = false;

    for (size_t i = 0; i < filter->values.n; i++) {
        const struct bytes value = filter->values.at[i];

        if (bytes_begins(value, LIT("!"))) {
            if (holds(secret, bytes_after(value, 1)))
                return false;
        } else {
            wanted = true;
            found = found || holds(secret, value);
        }
    }
    return found || !wanted;
}

fallible filters_fit(struct call *c, struct secret_filters filters)
{
    for (size_t i = 0; i < filters.n; i++) {
        ENSURE(filters.at[i].key.at != NULL, SECRET_FILTER_KEY);
        if (filters.at[i].values.at == NULL)
            return why(c, SECRET_FILTER_VALUES, filters.at[i].key);
        if (served_as(filters.at[i].key) == NULL)
            return why(c, SECRET_BEYOND, filters.at[i].key);
    }
    return OK;
}

bool filters_hold(struct secret_filters filters, const struct secret *secret)
{
    for (size_t i = 0; i < filters.n; i++)
        if (!filter_holds(&filters.at[i], secret))
            return false;
    return true;
}

/* A very long name is cut, and has a 1 where it was. */
bool filters_may_hold(struct secret_filters filters, struct bytes tail)
{
    const struct secret named = {.name = {tail.at, tail.n == 0 ? 0 : tail.n - 1}};

    if (tail.n == 0 || memchr(tail.at, 1, tail.n) != NULL)
        return true;
    for (size_t i = 0; i < filters.n; i++)
        if (served_as(filters.at[i].key)->holds == name_holds &&
            !filter_holds(&filters.at[i], &named))
            return false;
    return true;
}

fallible filters_spell(struct call *c, struct secret_filters filters, struct bytes *spelled)
{
    struct buf b = buf_open(c->arena, SPELLED_USUAL);

    cbor_put_array(&b, filters.n);
    for (size_t i = 0; i < filters.n; i++) {
        cbor_put_text(&b, filters.at[i].key);
        cbor_put_array(&b, filters.at[i].values.n);
        for (size_t j = 0; j < filters.at[i].values.n; j++)
            cbor_put_text(&b, filters.at[i].values.at[j]);
    }
    return buf_done(&b, spelled);
}
