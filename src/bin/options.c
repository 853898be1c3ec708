/* options: one pass over the arguments, by the rows. */
#include "bin/options.h"

#include "cli/near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int row_of(const struct options *options, const char *name, size_t n)
{
    for (int i = 0; options->rows[i].name != NULL; i++) {
        if (strlen(options->rows[i].name) == n && strncmp(options->rows[i].name, name, n) == 0)
            return i;
    }
    return -1;
}

static bool keep(struct options *options, const char *command, int row, const char *value)
{
    if (options->counts[row] == OPTION_VALUES) {
        fprintf(stderr, "coffer %s: --%s is said too often\n", command, options->rows[row].name);
        return false;
    }
    options->values[row][options->counts[row]++] = value;
    return true;
}

static const char *meant(const struct option_row *rows, struct bytes typed)
{
    unsigned nearest = NEAR_NONE;
    const char *found = NULL;

    for (; rows->name != NULL; rows++) {
        unsigned n = near_distance(typed, bytes_of(rows->name));

        if (n < nearest)
            found = rows->name;
        nearest = n < nearest ? n : nearest;
    }
    return found;
}

/* What stands behind a '=' is not repeated: it may be a secret that should not be there. */
static bool unknown(const struct options *options, const char *command, const char *argument)
{
    const int n = (int)strcspn(argument, "=");
    const char *guess =
        n < 3 ? NULL
              : meant(options->rows, (struct bytes){(const uint8_t *)argument + 2, (size_t)n - 2});

    fprintf(stderr, "coffer %s: there is no option %.*s%s%s%s; see coffer %s --help\n", command, n,
            argument, guess == NULL ? "" : "; did you mean --", guess == NULL ? "" : guess,
            guess == NULL ? "" : "?", command);
    return false;
}

/* Takes argv[*at] and, where the value stands apart, the one behind it. */
static bool take_option(struct options *options, const char *command, int argc, char **argv,
                        int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t n = equals == NULL ? strlen(name) : (size_t)(equals - name);
    int row = row_of(options, name, n);

    if (row < 0)
        return unknown(options, command, argv[*at]);
    if (options->rows[row].value == NULL) {
        if (equals != NULL)
            return unknown(options, command, argv[*at]);
        return keep(options, command, row, "");
    }
    if (equals != NULL)
        return keep(options, command, row, equals + 1);
    if (*at + 1 == argc) {
        fprintf(stderr, "coffer %s: --%s needs a value: %s\n", command, name,
                options->rows[row].value);
        return false;
    }
    return keep(options, command, row, argv[++*at]);
}

static bool keep_word(struct options *options, const char *command, const char *word)
{
    if (options->word_count == WORDS_MOST) {
        fprintf(stderr, "coffer %s: too many words\n", command);
        return false;
    }
    options->words[options->word_count++] = word;
    return true;
}

static bool keep_words(struct options *options, const char *command, int n, char **words)
{
    for (int i = 0; i < n; i++)
        if (!keep_word(options, command, words[i]))
            return false;
    return true;
}

bool options_read(struct options *options, const char *command, const struct option_row *rows,
                  int argc, char **argv)
{
    memset(options, 0, sizeof *options);
    options->rows = rows;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            options->help = true;
        } else if (strcmp(argv[i], "--") == 0) {
            if (strcmp(command, "dev") != 0)
                return keep_words(options, command, argc - i - 1, &argv[i + 1]);
            options->child = &argv[i + 1];
            return true;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(options, command, argc, argv, &i))
                return false;
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            return unknown(options, command, argv[i]);
        } else if (!keep_word(options, command, argv[i])) {
            return false;
        }
    }
    return true;
}

bool options_wordless(const struct options *options, const char *command)
{
    if (options->help || options->word_count == 0)
        return true;
    fprintf(stderr, "coffer %s: '%s' is not an option; see coffer %s --help\n", command,
            options->words[0], command);
    if (strcmp(command, "dev") == 0)
        fprintf(stderr, "coffer dev: a command to run goes behind --: coffer dev -- %s\n",
                options->words[0]);
    return false;
}

int options_values(const struct options *options, const char *name, const char *const **values)
{
    int row = row_of(options, name, strlen(name));

    if (row < 0)
        return 0;
    *values = options->values[row];
    return options->counts[row];
}

size_t options_bytes(const struct options *options, const char *name,
                     struct bytes out[static OPTION_VALUES])
{
    const char *const *values;
    const int n = options_values(options, name, &values);

    for (int i = 0; i < n; i++)
        out[i] = bytes_of(values[i]);
    return (size_t)n;
}

bool options_has(const struct options *options, const char *name)
{
    const char *const *values;

    return options_values(options, name, &values) > 0;
}

const char *options_value(const struct options *options, const char *name)
{
    const char *const *values;
    int n = options_values(options, name, &values);

    return n == 0 ? NULL : values[n - 1];
}

bool options_number(const struct options *options, const char *name, long least, long most,
                    long *out)
{
    const char *said = options_value(options, name);
    char *end;
    long value;

    if (said == NULL)
        return true;
    errno = 0;
    value = strtol(said, &end, 10);
    if (errno != 0 || end == said || *end != '\0' || value < least || value > most) {
        fprintf(stderr, "coffer: --%s is a number from %ld to %ld, not '%s'\n", name, least, most,
                said);
        return false;
    }
    *out = value;
    return true;
}

bool options_form(const struct options *options, const char *command, enum print_as *out)
{
    const char *said = options_value(options, "output");

    if (print_form(said, out))
        return true;
    fprintf(stderr, "coffer %s: --output is table, json or text, not '%s'\n", command, said);
    return false;
}

void options_help(const struct option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        char left[64];

        (void)snprintf(left, sizeof left, "--%s %s", rows->name,
                       rows->value == NULL ? "" : rows->value);
        printf("  %-32s %s\n", left, rows->help);
    }
    printf("  %-32s %s\n", "--help", "this text");
}
