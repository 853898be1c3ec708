/* The alphabets of AWS's texts: each in code, beside the words that its refusal prints. */
#include "wire/aws/patterns.h"

#include <string.h>

static bool letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_in(struct bytes text, const char *others)
{
    for (size_t i = 0; i < text.n; i++)
        if (!letter_or_digit(text.at[i]) && (text.at[i] == 0 || strchr(others, text.at[i]) == NULL))
            return false;
    return true;
}

/* One or more words of letters, each with its hyphen; then digits. */
static bool fits_region(struct bytes text)
{
    size_t words = 0;
    struct bytes word;

    while (bytes_cut(&text, '-', &word)) {
        for (size_t i = 0; i < word.n; i++)
            if (word.at[i] < 'a' || word.at[i] > 'z')
                return false;
        if (word.n == 0)
            return false;
        words++;
    }
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return words > 0 && text.n > 0;
}

static bool fits_token(struct bytes text)
{
    return text.n > 0 && all_in(text, "-");
}

static bool fits_policy_name(struct bytes text)
{
    return text.n > 0 && all_in(text, "-_");
}

static bool fits_filter_value(struct bytes text)
{
    return all_in(text, " :_@/+=.-!");
}

static bool fits_hours(struct bytes text)
{
    size_t digits = 0;

    while (digits < text.n && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    return digits > 0 && bytes_same(bytes_after(text, digits), LIT("h"));
}

static bool fits_schedule(struct bytes text)
{
    return text.n > 0 && all_in(text, "()#?*-/, ");
}

static bool fits_word(struct bytes text)
{
    return all_in(text, "_");
}

static bool fits_device(struct bytes text)
{
    return all_in(text, "_+=/:,.@-");
}

static bool fits_digits(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return true;
}

const struct pattern pattern_region = {"^([a-z]+-)+\\d+$", fits_region};
const struct pattern pattern_token = {"^[a-zA-Z0-9\\-]+$", fits_token};
const struct pattern pattern_policy_name = {"[0-9A-Za-z\\-\\_]+", fits_policy_name};
const struct pattern pattern_filter_value = {"^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$",
                                             fits_filter_value};
const struct pattern pattern_hours = {"[0-9]+h", fits_hours};
const struct pattern pattern_schedule = {"[0-9A-Za-z\\(\\)#\\?\\*\\-\\/, ]+", fits_schedule};
const struct pattern pattern_word = {"[\\w]*", fits_word};
const struct pattern pattern_device = {"[\\w+=/:,.@-]*", fits_device};
const struct pattern pattern_digits = {"[\\d]*", fits_digits};
