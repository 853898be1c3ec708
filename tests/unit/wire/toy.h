/* toy: a struct with a member of every kind, and its rows, to test and fuzz shape/ with. */
#pragma once

#include "wire/protocol.h"

enum colour { COLOUR_RED = 1, COLOUR_BLUE };

struct toy_leaf {
    struct bytes name;
    struct texts labels;
};

struct toy {
    struct bytes text, blob, grouped, sort;
    struct sensitive *hidden, *hidden_blob;
    int64_t number;
    bool flag;
    struct maybe_int size;
    struct maybe_bool on;
    struct moment when;
    enum colour colour;
    struct texts labels;
    struct pairs tags, map;
    struct {
        const struct toy_leaf *at;
        size_t n;
    } leaves;
};

/* clang-format off */
static bool toy_fits(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < 'a' || text.at[i] > 'z')
            return false;
    return true;
}
static const struct pattern toy_pattern = {"^[a-z]*$", toy_fits};

static SHAPE(bytes, label, ITEM(1, 4, MATCHES(toy_pattern)));
static SHAPE(pair, tag, NEED(pair, name, "Key", 1, 8), MAY(pair, value, "Value", 0, 8));
static SHAPE(pair, entry, MAY(pair, name, "", 0, 0), MAY(pair, value, "", 0, 0));
static SHAPE(toy_leaf, leaf, MAY(toy_leaf, name, "", 0, 0), LIST(toy_leaf, labels, "", bytes, label, 0, 3));
static WORDS(colour, word, SAY("red", COLOUR_RED), SAY("blue", COLOUR_BLUE));
static const struct word toy_sorts[] = {SAY("asc", 1), SAY("desc", 2), {{0}, 0}};

static const struct shape *const toy_shape = ROWS(sizeof(struct toy),
    NEED  (toy, text,        "Text",   2,  8),
    MAY   (toy, blob,        "Blob",   0, 16, BASE64),
    MAY   (toy, sort,        "Sort",   0,  0, ONE_OF(toy_sorts)),
    MAY   (toy, hidden,      "Hidden", 1, 16),
    MAY   (toy, hidden_blob, "HiddenBlob", 1, 16, BASE64),
    MAY   (toy, number,      "Number", 0,  9),
    MAY   (toy, flag,        "Flag",   0,  0),
    MAY   (toy, size,        "Size",   1, 10, LONG),
    MAY   (toy, on,          "On",     0,  0),
    MAY   (toy, when,        "When",   0,  0),
    CHOICE(toy, colour,      "Colour", colour, word),
    LIST  (toy, labels,      "Labels", bytes, label, 1, 3),
    LIST  (toy, tags,        "Tags",   pair, tag, 0, 3),
    MAP   (toy, map,         "Map",    pair, entry, 0, 3),
    MAP   (toy, leaves,      "Leaves", toy_leaf, leaf, 0, 3),
    GROUP ("Group",
        MAY(toy, grouped,    "Inner",  0,  4)));
/* clang-format on */
