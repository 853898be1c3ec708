/* near: the distance of Damerau and Levenshtein, swaps of neighbours only. */
#include "cli/near.h"

#include <string.h>

struct rows { /* the last three of the table */
    unsigned above2[NEAR_LONGEST + 1], above[NEAR_LONGEST + 1], here[NEAR_LONGEST + 1];
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned cell(const struct rows *rows, struct bytes a, struct bytes b, size_t i, size_t j)
{
    const bool same = a.at[i - 1] == b.at[j - 1];
    unsigned n = least(rows->above[j] + 1, rows->here[j - 1] + 1);

    n = least(n, rows->above[j - 1] + !same);
    if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
        n = least(n, rows->above2[j - 2] + 1);
    return n;
}

static unsigned distance(struct bytes a, struct bytes b)
{
    struct rows rows = {0};

    for (unsigned j = 0; j <= b.n; j++)
        rows.here[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        memcpy(rows.above2, rows.above, sizeof rows.above);
        memcpy(rows.above, rows.here, sizeof rows.here);
        rows.here[0] = i;
        for (size_t j = 1; j <= b.n; j++)
            rows.here[j] = cell(&rows, a, b, i, j);
    }
    return rows.here[b.n];
}

unsigned near_distance(struct bytes typed, struct bytes known)
{
    const size_t longer = typed.n > known.n ? typed.n : known.n;
    unsigned n;

    if (longer > NEAR_LONGEST || typed.n == 0)
        return NEAR_NONE;
    if (typed.n > 1 && typed.n < known.n && bytes_begins(known, typed))
        return 1;
    n = distance(typed, known);
    return n <= (longer + 1) / 3 ? n : NEAR_NONE;
}
