/* filter: a prefix of a name, tag or description, or words anywhere. */
#include "core/secrets/filter.h"

#include "codec/cbor.h"
#include "codec/text.h"

enum { SPELLED_USUAL = 256 };

/* Does the text begin with it? The description and "all" without regard to case. */
static bool begins(struct bytes text, struct bytes head, bool caseless)
{
    if (!caseless)
        return bytes_begins(text, head);
    return text.n >= head.n && text_same_caseless((struct bytes){text.at, head.n}, head);
}

static bool separates(uint8_t c)
{
    c = text_lower(c);
    return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80);
}

/* Does one of the text's words begin with it? */
static bool word_begins(struct bytes text, struct bytes word)
{
    for (size_t i = 0; i < text.n; i++)
        if ((i == 0 || separates(text.at[i - 1])) && begins(bytes_after(text, i), word, true))
            return true;
    return false;
}

static bool tag_holds(const struct secret *secret, bool value, struct bytes wanted)
{
    for (size_t i = 0; i < secret->tag_count; i++)
        if (bytes_begins(value ? secret->tags[i].value : secret->tags[i].name, wanted))
            return true;
    return false;
}

static bool word_anywhere(const struct secret *secret, struct bytes word)
{
    if (word_begins(secret->name, word) || word_begins(secret->description, word))
        return true;
    for (size_t i = 0; i < secret->tag_count; i++)
        if (word_begins(secret->tags[i].name, word) || word_begins(secret->tags[i].value, word))
            return true;
    return false;
}

static bool all_words(const struct secret *secret, struct bytes wanted)
{
    struct bytes word;

    while (bytes_cut(&wanted, ' ', &word))
        if (!word_anywhere(secret, word))
            return false;
    return word_anywhere(secret, wanted);
}

/* The keys that may be asked for; no secret has a primary region or an owning service yet. */
static const struct served {
    struct bytes key;
    enum { BY_NAME, BY_DESCRIPTION, BY_TAG_KEY, BY_TAG_VALUE, BY_ALL, BY_NOTHING } by;
} served[] = {
    {{(const uint8_t *)"name", 4}, BY_NAME},
    {{(const uint8_t *)"description", 11}, BY_DESCRIPTION},
    {{(const uint8_t *)"tag-key", 7}, BY_TAG_KEY},
    {{(const uint8_t *)"tag-value", 9}, BY_TAG_VALUE},
    {{(const uint8_t *)"all", 3}, BY_ALL},
    {{(const uint8_t *)"primary-region", 14}, BY_NOTHING},
    {{(const uint8_t *)"owning-service", 14}, BY_NOTHING},
};

static const struct served *served_as(struct bytes key)
{
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        if (bytes_same(served[i].key, key))
            return &served[i];
    return NULL;
}

static bool value_holds(const struct served *key, const struct secret *secret, struct bytes wanted)
{
    switch (key->by) {
    case BY_NAME:
        return bytes_begins(secret->name, wanted);
    case BY_DESCRIPTION:
        return begins(secret->description, wanted, true);
    case BY_TAG_KEY:
    case BY_TAG_VALUE:
        return tag_holds(secret, key->by == BY_TAG_VALUE, wanted);
    case BY_ALL:
        return all_words(secret, wanted);
    case BY_NOTHING:
        break;
    }
    return false;
}

static bool filter_holds(const struct secret_filter *filter, const struct secret *secret)
{
    const struct served *key = served_as(filter->key);
    bool wanted = false, found = false;

    for (size_t i = 0; i < filter->values.n; i++) {
        const struct bytes value = filter->values.at[i];

        if (bytes_begins(value, LIT("!"))) {
            if (value_holds(key, secret, bytes_after(value, 1)))
                return false;
        } else {
            wanted = true;
            found = found || value_holds(key, secret, value);
        }
    }
    return found || !wanted;
}

fallible filters_fit(struct call *c, struct secret_filters filters)
{
    for (size_t i = 0; i < filters.n; i++)
        if (served_as(filters.at[i].key) == NULL)
            return why(c, SECRET_BEYOND, filters.at[i].key);
    return OK;
}

bool filters_hold(struct secret_filters filters, const struct secret *secret)
{
    for (size_t i = 0; i < filters.n; i++)
        if (!filter_holds(&filters.at[i], secret))
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
