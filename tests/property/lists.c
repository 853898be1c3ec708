/* lists: pages of ListSecrets against a slow full scan. Random secrets with tags, descriptions,
 * days of use and deletions; random filters, orders and page sizes: the pages, one behind the
 * other, are what a plain sort of all that hold would give, each secret once. The seed is printed;
 * give one as the argument to repeat. */
#include "nouns_kit.h"
#include "support/draw.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECRETS_MOST = 2600, NAME = 400, ASKED = 60, FILTERS = 3, VALUES = 2 };

#define ONE_OF(list) ((list)[draw(sizeof(list) / sizeof *(list))])

static const char *const begins[] = {"app/", "app/db/", "App-", "team_", "x", ""};
static const char *const keys[] = {"team", "te", "team-size", "Owner", "o"};
static const char *const texts[] = {"blue", "bl", "blueGreen", "42", "Prod EU", "", "p"};
static const char *const descriptions[] = {"the First one", "firstSecond", "THIRDone 42",
                                           "one/two+three", "naïve words", NULL};
static const char *const wanted[] = {
    "app/", "app/db/1", "te", "team", "bl",  "blueGreen", "42", "one", "first one", "Second",
    "",     "x1",       "T",  "+",    "!te", "!app/",     "!",  "!42", "!one"};
static const char *const filter_keys[] = {
    "name", "description",    "tag-key", "tag-value", "tag-key",
    "all",  "primary-region", "name",    "tag-value", "owning-service"};
static const char *const orders[] = {NULL, "name", "created-date", "last-changed-date",
                                     "last-accessed-date"};

/* --- the plain way --- */

struct known { /* one secret, as DescribeSecret tells it */
    char name[NAME];
    bool there;
    struct secret_item item;
    struct pair tags[2];
    char description[64];
};

static struct sensitive *secret_text;
static struct known secrets[SECRETS_MOST];
static size_t secret_count;

static int class_of(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || c >= 0x80)
        return 1;
    if (c >= 'A' && c <= 'Z')
        return 2;
    return c >= '0' && c <= '9' ? 3 : 0;
}

/* A copy in which words are small and apart, each behind one blank. */
static void spread(struct bytes text, char *out)
{
    for (size_t i = 0; i < text.n; i++) {
        const int before = i == 0 ? 0 : class_of(text.at[i - 1]), here = class_of(text.at[i]),
                  after = i + 1 < text.n ? class_of(text.at[i + 1]) : 0;
        const bool apart = here != before && !(before == 2 && here == 1);

        if (here != 0 && (apart || (here == 2 && before == 2 && after == 1)))
            *out++ = ' ';
        if (here != 0)
            *out++ = (char)(here == 2 ? text.at[i] + 32 : text.at[i]);
    }
    *out = 0;
}

static bool words_hold(struct bytes text, struct bytes value)
{
    char of[2 * NAME + 2], all[2 * NAME + 2], word[NAME];

    spread(text, of);
    spread(value, all);
    if (all[0] == 0)
        return false;
    for (char *save, *part = strtok_r(all, " ", &save); part != NULL;
         part = strtok_r(NULL, " ", &save)) {
        snprintf(word, sizeof word, " %s", part);
        if (strstr(of, word) == NULL)
            return false;
    }
    return true;
}

static bool value_holds(const struct known *k, const char *key, struct bytes value)
{
    const struct secret_item *item = &k->item;
    const bool all = strcmp(key, "all") == 0;

    if (strcmp(key, "name") == 0)
        return bytes_begins(item->name, value);
    if (all || strcmp(key, "description") == 0) {
        if (words_hold(item->description, value) || (all && words_hold(item->name, value)))
            return true;
    }
    for (size_t i = 0; i < item->tags.n; i++) {
        const struct pair *tag = &item->tags.at[i];

        if ((strcmp(key, "tag-key") == 0 && bytes_begins(tag->name, value)) ||
            (strcmp(key, "tag-value") == 0 && bytes_begins(tag->value, value)) ||
            (all && (words_hold(tag->name, value) || words_hold(tag->value, value))))
            return true;
    }
    return false;
}

struct asking {
    struct secret_list_in in;
    struct secret_filter filters[FILTERS];
    struct bytes values[FILTERS][VALUES];
    const char *order;
    bool down, planned;
};

static bool filter_holds(const struct known *k, const struct secret_filter *filter)
{
    const char *key = (const char *)filter->key.at;
    bool positive = false, found = false;

    for (size_t i = 0; i < filter->values.n; i++) {
        const struct bytes value = filter->values.at[i];

        if (bytes_begins(value, LIT("!"))) {
            if (value_holds(k, key, bytes_after(value, 1)))
                return false;
            continue;
        }
        positive = true;
        found = found || value_holds(k, key, value);
    }
    return found || !positive;
}

static bool shown(const struct known *k, const struct asking *a)
{
    bool holds = k->there && (k->item.deleted.ms == 0 || a->planned);

    for (size_t i = 0; holds && i < a->in.filters.n; i++)
        holds = filter_holds(k, &a->filters[i]);
    return holds;
}

static const struct asking *comparing;

static int64_t value_of_order(const struct known *k)
{
    const char *order = comparing->order;

    if (order != NULL && strcmp(order, "name") == 0)
        return 0;
    if (order != NULL && strcmp(order, "last-changed-date") == 0)
        return k->item.last_changed.ms;
    if (order != NULL && strcmp(order, "last-accessed-date") == 0)
        return k->item.last_accessed.ms;
    return k->item.created.ms;
}

static int compare(const void *a_, const void *b_)
{
    const struct known *a = *(const struct known *const *)a_, *b = *(const struct known *const *)b_;
    const int64_t of_a = value_of_order(a), of_b = value_of_order(b);
    int by = (of_a > of_b) - (of_a < of_b);

    if (by == 0)
        by = bytes_order(a->item.name, b->item.name);
    return comparing->down ? -by : by;
}

/* --- the world --- */

static void learn(struct known *k)
{
    const struct secret_describe_in in = {.id = bytes_of(k->name)};
    const struct fault *fault = ask(&secret_describe, &in, &k->item);

    assert_true(fault == OK || fault == SECRET_ABSENT);
    k->there = fault == OK;
    if (!k->there)
        return;
    snprintf(k->description, sizeof k->description, "%.*s", (int)k->item.description.n,
             (const char *)k->item.description.at);
    k->item.description = bytes_of(k->description);
    k->item.name = bytes_of(k->name);
    k->item.tags.at = k->tags;
}

static void create(struct known *k)
{
    const unsigned tags = draw(3);
    struct secret_create_in in = {.token = LIT("11111111-1111-1111-1111-111111111111"),
                                  .description = bytes_of(ONE_OF(descriptions)),
                                  .tags = {k->tags, tags}};
    struct secret_create_out out;
    const unsigned from = draw(5);

    for (unsigned i = 0; i < tags; i++)
        k->tags[i] = (struct pair){bytes_of(keys[(from + i) % 5]), bytes_of(ONE_OF(texts))};
    in.name = bytes_of(k->name);
    in.text = draw(2) ? secret_text : NULL;
    nouns.now += draw(3); /* some in the same moment */
    assert_ok(ask(&secret_create, &in, &out));
}

static void touch(struct known *k)
{
    const struct secret_read_in read = {.id = bytes_of(k->name)};
    const struct secret_update_in update = {.id = bytes_of(k->name),
                                            .description = bytes_of(ONE_OF(texts))};
    const struct secret_delete_in drop = {.id = bytes_of(k->name)},
                                  force = {.id = bytes_of(k->name), .force = {true, true}};
    const struct secret_restore_in restore = {.id = bytes_of(k->name)};
    union {
        struct secret_read_out read;
        struct secret_update_out update;
        struct secret_delete_out drop;
        struct secret_restore_out restore;
    } out;

    nouns.now += draw(3);
    switch (draw(6)) {
    case 0:
        (void)ask(&secret_update, &update, &out);
        break;
    case 1:
        (void)ask(&secret_delete, &drop, &out);
        break;
    case 2:
        (void)ask(&secret_restore, &restore, &out);
        break;
    case 3:
        assert_ok(ask(&secret_delete, &force, &out));
        if (draw(2))
            create(k);
        break;
    default:
        (void)ask(&secret_read, &read, &out);
        worker_tick(nouns.house.worker, nouns.now);
        break;
    }
}

static void name_one(struct known *k, size_t i)
{
    const int fill = draw(40) == 0 ? 320 + (int)draw(60) : 0; /* too long for a key, now and then */

    snprintf(k->name, sizeof k->name, "%s%zu%s%.*s", ONE_OF(begins), i, draw(2) ? "" : "/Two", fill,
             "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
             "yyyyyyyyy"
             "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
             "yyyyyyyyy"
             "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
             "yyyyyyyyy"
             "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
             "yyyyyyyyy");
}

static void populate(size_t n)
{
    secret_count = n;
    secret_text = value_of("x");
    memset(secrets, 0, sizeof secrets);
    for (size_t i = 0; i < n; i++) {
        name_one(&secrets[i], i);
        create(&secrets[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (draw(3) == 0)
            touch(&secrets[i]);
        if (draw(100) == 0)
            nouns.now += INT64_C(24) * 60 * 60 * 1000;
    }
    for (size_t i = 0; i < n; i++)
        learn(&secrets[i]);
}

/* --- asking --- */

static void draw_filter(struct asking *a, size_t i)
{
    const size_t n = 1 + draw(VALUES);

    for (size_t j = 0; j < n; j++)
        a->values[i][j] = bytes_of(ONE_OF(wanted));
    a->filters[i] =
        (struct secret_filter){.key = bytes_of(ONE_OF(filter_keys)), .values = {a->values[i], n}};
}

static void draw_asking(struct asking *a)
{
    *a = (struct asking){.order = ONE_OF(orders), .down = draw(2), .planned = draw(2)};
    a->in.sort_by = bytes_of(a->order);
    a->in.sort_order = a->down ? LIT("desc") : draw(2) ? LIT("asc") : (struct bytes){0};
    a->in.include_planned_deletion = (struct maybe_bool){a->planned, draw(2) || a->planned};
    if (draw(4))
        a->in.max = (struct maybe_int){1 + (int64_t)draw(secret_count > 100 ? 100 : 9), true};
    a->in.filters = (struct secret_filters){a->filters, draw(FILTERS + 1)};
    for (size_t i = 0; i < a->in.filters.n; i++)
        draw_filter(a, i);
}

/* What was asked when an assertion failed. */
static void show(const struct asking *a, const struct known *const *expected, size_t n)
{
    printf("by %s, %s, %s, %zu a page:", a->order == NULL ? "-" : a->order, a->down ? "down" : "up",
           a->planned ? "all" : "not deleted", (size_t)a->in.max.value);
    for (size_t i = 0; i < a->in.filters.n; i++)
        for (size_t j = 0; j < a->filters[i].values.n; j++)
            printf(" %s=%s", (const char *)a->filters[i].key.at, (const char *)a->values[i][j].at);
    printf("; of %zu", n);
    for (size_t i = 0; i < n && i < 20; i++)
        printf(" %s", expected[i]->name);
    printf("\n");
    (void)fflush(stdout);
}

static void assert_pages(struct asking *a, const struct known *const *expected, size_t n)
{
    const size_t most = a->in.max.said ? (size_t)a->in.max.value : 100;
    struct secret_list_out out = {0};
    char token[4096];
    size_t seen = 0, pages = 0;

    do {
        if (out.next.at != NULL) {
            snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
            a->in.next = bytes_of(token);
        }
        out = (struct secret_list_out){0};
        assert_ok(ask(&secret_list, &a->in, &out));
        assert_true(out.secrets.n <= most);
        for (size_t i = 0; i < out.secrets.n; i++, seen++) {
            if (seen == n || !bytes_same(out.secrets.at[i].name, expected[seen]->item.name))
                show(a, expected, n);
            assert_true(seen < n);
            assert_bytes(out.secrets.at[i].name, expected[seen]->item.name);
        }
        assert_true(++pages <= 2 * secret_count + 2);
    } while (out.next.at != NULL);
    if (seen != n)
        show(a, expected, n);
    assert_int_equal(seen, n);
}

static void ask_one(void)
{
    static const struct known *expected[SECRETS_MOST];
    struct asking a;
    size_t n = 0;

    draw_asking(&a);
    for (size_t i = 0; i < secret_count; i++)
        if (shown(&secrets[i], &a))
            expected[n++] = &secrets[i];
    comparing = &a;
    qsort(expected, n, sizeof *expected, compare);
    assert_pages(&a, expected, n);
}

static void run_with(size_t n)
{
    populate(n);
    for (int i = 0; i < ASKED; i++)
        ask_one();
}

static void test_few(void **s)
{
    (void)s;
    run_with(1 + draw(60));
}

static void test_more_than_are_walked_before_gathering(void **s)
{
    (void)s;
    run_with(500);
}

static void test_more_than_a_page_looks_at(void **s)
{
    (void)s;
    run_with(SECRETS_MOST);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(test_few),
        CASE(test_few),
        CASE(test_few),
        CASE(test_more_than_are_walked_before_gathering),
        CASE(test_more_than_a_page_looks_at),
    };

    draw_begin(argc, argv, "lists");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
