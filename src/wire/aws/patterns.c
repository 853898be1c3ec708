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

static bool fits_iam_name(struct bytes text)
{
    return text.n > 0 && all_in(text, "_+=,.@-");
}

static bool all_between(struct bytes text, uint8_t first, uint8_t last)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < first || text.at[i] > last)
            return false;
    return true;
}

static bool fits_iam_path(struct bytes text)
{
    return bytes_same(text, LIT("/")) ||
           (text.n >= 3 && bytes_begins(text, LIT("/")) && bytes_ends(text, LIT("/")) &&
            all_between(text, 0x21, 0x7e));
}

static bool fits_path_prefix(struct bytes text)
{
    return bytes_begins(text, LIT("/")) && all_between(text, 0x21, 0x7f);
}

/* Up to U+00FF a character has two bytes at most, of which the first says so. */
static bool fits_latin(struct bytes text, const char *controls)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] > 0xc3 ||
            (text.at[i] < 0x20 && (text.at[i] == 0 || strchr(controls, text.at[i]) == NULL)))
            return false;
    return text.n > 0;
}

static bool fits_marker(struct bytes text)
{
    return fits_latin(text, "");
}

static bool fits_document(struct bytes text)
{
    return fits_latin(text, "\t\n\r");
}

/* Letters, separators and numbers of all scripts: what is beyond ASCII is taken for one. */
static bool fits_tag_value(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < 0x80 && !all_in((struct bytes){text.at + i, 1}, " _.:/=+-@"))
            return false;
    return true;
}

static bool fits_tag_key(struct bytes text)
{
    return text.n > 0 && fits_tag_value(text);
}

static bool fits_session_name(struct bytes text)
{
    return all_in(text, "_+=,.@-");
}

/* What may be told of at all: no controls but tab and line ends. */
static bool fits_arn(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] == 0x7f ||
            (text.at[i] < 0x20 && (text.at[i] == 0 || strchr("\t\n\r", text.at[i]) == NULL)))
            return false;
    return text.n > 0;
}

/* As in a document, but none of the controls above ASCII, nor the blank behind them. */
static bool fits_description(struct bytes text)
{
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.at[i] == 0xc2 && text.at[i + 1] < 0xa1)
            return false;
    return text.n == 0 || (fits_document(text) && memchr(text.at, 0x7f, text.n) == NULL);
}

static bool fits_external_id(struct bytes text)
{
    return all_in(text, "_+=,.@:/-");
}

const struct pattern pattern_region = {"^([a-z]+-)+\\d+$", fits_region};
const struct pattern pattern_token = {"^[a-zA-Z0-9\\-]+$", fits_token};
const struct pattern pattern_policy_name = {"[0-9A-Za-z\\-\\_]+", fits_policy_name};
const struct pattern pattern_filter_value = {"^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$",
                                             fits_filter_value};
const struct pattern pattern_hours = {"[0-9]+h", fits_hours};
const struct pattern pattern_schedule = {"[0-9A-Za-z\\(\\)#\\?\\*\\-\\/, ]+", fits_schedule};
const struct pattern pattern_word = {"[\\w]*", fits_word};
const struct pattern pattern_word_some = {"[\\w]+", fits_word};
const struct pattern pattern_device = {"[\\w+=/:,.@-]*", fits_device};
const struct pattern pattern_digits = {"[\\d]*", fits_digits};
const struct pattern pattern_iam_name = {"[\\w+=,.@-]+", fits_iam_name};
const struct pattern pattern_iam_path = {"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)",
                                         fits_iam_path};
const struct pattern pattern_path_prefix = {"\\u002F[\\u0021-\\u007F]*", fits_path_prefix};
const struct pattern pattern_marker = {"[\\u0020-\\u00FF]+", fits_marker};
const struct pattern pattern_document = {"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", fits_document};
const struct pattern pattern_tag_key = {"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", fits_tag_key};
const struct pattern pattern_tag_value = {"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", fits_tag_value};
const struct pattern pattern_session_name = {"[\\w+=,.@-]*", fits_session_name};
const struct pattern pattern_arn = {
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-"
    "\\u10FFFF]+",
    fits_arn};
const struct pattern pattern_description = {
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*", fits_description};
const struct pattern pattern_external_id = {"[\\w+=,.@:\\/-]*", fits_external_id};
