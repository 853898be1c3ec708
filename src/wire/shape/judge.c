/* Bounds over a finished struct, in AWS's sentences: all that is wrong is said at once. */
#include "base/buf.h"
#include "codec/text.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"
#include "wire/shape/take.h"

FAULT(WIRE_BOUNDS, FAULT_CALLER, "wire.bounds", "A member of the request is outside its bounds.");

enum { ECHO = 4096 };        /* bytes of an offending value that its sentence repeats */
enum { FINDINGS_MOST = 10 }; /* that AWS tells of */

/* Where the judge stands: a member's name, or an element's number from 1. */
struct step {
    const struct step *above;
    struct bytes name;
    size_t number;
};

struct judging {
    struct buf words; /* opened with the first finding: most requests have none */
    const struct call *call;
    size_t found;
};

static void say_path(struct buf *words, const struct step *here)
{
    if (here->above != NULL) {
        say_path(words, here->above);
        buf_add_byte(words, '.');
    }
    if (here->number != 0) {
        buf_add_int(words, (int64_t)here->number);
        buf_add(words, LIT(".member"));
        return;
    }
    for (size_t i = 0; i < here->name.n; i++) {
        const uint8_t c = here->name.at[i];

        buf_add_byte(words, i == 0 && c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c);
    }
}

/* Cut between characters. */
static struct bytes echo_of(struct bytes text)
{
    if (text.n > ECHO) {
        text.n = ECHO;
        while (text.n > 0 && (text.at[text.n] & 0xC0) == 0x80)
            text.n--;
    }
    return text;
}

static void say_texts(struct buf *words, const struct bytes *texts, size_t n)
{
    buf_add(words, LIT(" '["));
    for (size_t i = 0; i < n && words->n < ECHO; i++) {
        if (i > 0)
            buf_add(words, LIT(", "));
        buf_add(words, texts[i].at != NULL ? echo_of(texts[i]) : LIT("null"));
    }
    buf_add(words, LIT("]'"));
}

/* " 'X'", " null"; nothing for what is sensitive or has no short spelling. */
static void say_value(struct buf *words, const struct field *row, const void *of)
{
    const struct list *list = member_in(row->member, of);

    if (row->member.kind == KIND_SENSITIVE)
        return;
    if (!member_said(row->member, of)) {
        buf_add(words, LIT(" null"));
    } else if (row->member.kind == KIND_TEXT) {
        buf_add(words, LIT(" '"));
        buf_add(words, echo_of(member_bytes(row->member, of)));
        buf_add_byte(words, '\'');
    } else if (row->member.kind == KIND_LIST && row->each->rows->wire.n == 0 &&
               row->spelling != AS_MAP) {
        say_texts(words, list->at, list->n);
    } else if (row->member.kind == KIND_INT || row->member.kind == KIND_MAYBE_INT) {
        buf_add(words, LIT(" '"));
        buf_add_int(words, member_number(row->member, of));
        buf_add_byte(words, '\'');
    }
}

static bool told_enough(const struct judging *j)
{
    return j->found == FINDINGS_MOST;
}

/* Begins a finding; its tail ("Member must ...") is added by the caller. */
static struct buf *find(struct judging *j, const struct step *here, const struct field *row,
                        const void *of)
{
    if (j->found++ == 0)
        j->words = buf_open(j->call->arena, 256);
    else
        buf_add(&j->words, LIT("; "));
    buf_add(&j->words, LIT("Value"));
    say_value(&j->words, row, of);
    buf_add(&j->words, LIT(" at '"));
    say_path(&j->words, here);
    buf_add(&j->words, LIT("' failed to satisfy constraint: Member must "));
    return &j->words;
}

static void find_bound(struct judging *j, const struct step *here, const struct field *row,
                       const void *of, int64_t value)
{
    const bool number = row->member.kind == KIND_INT || row->member.kind == KIND_MAYBE_INT;
    const bool low = value < (int64_t)row->least;
    const uint32_t most = row_most(j->call, row);
    struct buf *words;

    if (told_enough(j) || (!low && (most == 0 || value <= (int64_t)most)))
        return;
    words = find(j, here, row, of);
    buf_add(words, number ? LIT("have value ") : LIT("have length "));
    buf_add(words, low ? LIT("greater than or equal to ") : LIT("less than or equal to "));
    buf_add_int(words, low ? row->least : most);
}

static bool is_word(const struct field *row, const void *of)
{
    if (row->member.kind == KIND_CHOICE)
        return member_number(row->member, of) != TAKE_NO_WORD;
    for (const struct word *w = row->words; w->wire.at != NULL; w++)
        if (bytes_same(w->wire, member_bytes(row->member, of)))
            return true;
    return false;
}

static void find_word(struct judging *j, const struct step *here, const struct field *row,
                      const void *of)
{
    struct buf *words;

    if (told_enough(j) || is_word(row, of))
        return;
    words = find(j, here, row, of);
    buf_add(words, LIT("satisfy enum value set: ["));
    for (const struct word *w = row->words; w->wire.at != NULL; w++) {
        if (w != row->words)
            buf_add(words, LIT(", "));
        buf_add(words, w->wire);
    }
    buf_add_byte(words, ']');
}

/* Lengths of texts are told in characters, of sensitive values in bytes. */
static int64_t length(const struct field *row, struct bytes text)
{
    return (int64_t)(row->member.kind == KIND_SENSITIVE ? text.n : text_characters(text));
}

static void judge_text(struct judging *j, const struct step *here, const struct field *row,
                       const void *of)
{
    const struct bytes text = member_bytes(row->member, of);

    if (row->most != 0 || row->least != 0)
        find_bound(j, here, row, of, length(row, text));
    if (!told_enough(j) && row->pattern != NULL && !row->pattern->fits(text)) {
        buf_add(find(j, here, row, of), LIT("satisfy regular expression pattern: "));
        buf_add_text(&j->words, row->pattern->said);
    }
}

static void judge_rows(struct judging *, const struct step *, const struct field *, const void *of);

static bool text_fits(const struct judging *j, const struct field *row, const struct bytes *text)
{
    const int64_t n = (int64_t)text_characters(*text), most = row_most(j->call, row);

    return text->at != NULL && n >= (int64_t)row->least && (most == 0 || n <= most) &&
           (row->pattern == NULL || row->pattern->fits(*text));
}

/* All that holds for each, whichever of it does not. */
static void say_constraints(struct judging *j, const struct field *row, bool absent)
{
    struct buf *words = &j->words;

    buf_add(words, LIT("satisfy constraint: [Member must have length less than or equal to "));
    buf_add_int(words, row_most(j->call, row));
    buf_add(words, LIT(", Member must have length greater than or equal to "));
    buf_add_int(words, row->least);
    if (row->pattern != NULL) {
        buf_add(words, LIT(", Member must satisfy regular expression pattern: "));
        buf_add_text(words, row->pattern->said);
    }
    buf_add(words, absent ? LIT(", Member must not be null]") : LIT("]"));
}

/* AWS judges the texts of a list together: one finding, which shows the whole list. */
static void judge_texts(struct judging *j, const struct step *here, const struct field *row,
                        const void *of)
{
    const struct list *list = member_in(row->member, of);
    const struct bytes *text = list->at;
    bool all_fit = true, absent = false;

    for (size_t i = 0; i < list->n; i++) {
        all_fit = all_fit && text_fits(j, row->each->rows, &text[i]);
        absent = absent || text[i].at == NULL;
    }
    if (told_enough(j) || all_fit)
        return;
    find(j, here, row, of);
    say_constraints(j, row->each->rows, absent);
}

static void judge_list(struct judging *j, const struct step *here, const struct field *row,
                       const void *of)
{
    const struct list *list = member_in(row->member, of);
    const uint32_t most = row_most(j->call, row);

    find_bound(j, here, row, of, (int64_t)list->n);
    if (row->each->rows->wire.n == 0 && row->spelling != AS_MAP) {
        judge_texts(j, here, row, of);
        return;
    }
    for (size_t i = 0; i < list->n && i < most; i++) {
        const struct step element = {.above = here, .number = i + 1};

        judge_rows(j, &element, row->each->rows, (const uint8_t *)list->at + i * row->each->size);
    }
}

static void judge_row(struct judging *j, const struct step *here, const struct field *row,
                      const void *of)
{
    if (row->member.kind == KIND_GROUP) {
        judge_rows(j, here, row->each->rows, of);
        return;
    }
    if (!member_said(row->member, of)) {
        if (row->need == REQUIRED && !told_enough(j))
            buf_add(find(j, here, row, of), LIT("not be null"));
        return;
    }
    if (row->words != NULL)
        find_word(j, here, row, of);
    if (row->member.kind == KIND_TEXT || row->member.kind == KIND_SENSITIVE)
        judge_text(j, here, row, of);
    else if (row->member.kind == KIND_LIST)
        judge_list(j, here, row, of);
    else if (row->most != 0)
        find_bound(j, here, row, of, member_number(row->member, of));
}

static void judge_rows(struct judging *j, const struct step *above, const struct field *rows,
                       const void *of)
{
    for (const struct field *row = rows; row->wire.at != NULL; row++) {
        const struct step here = {.above = above, .name = row->wire};

        /* The row of an entry that has no name of its own is the entry. */
        judge_row(j, row->wire.n == 0 && above != NULL ? above : &here, row, of);
    }
}

fallible shape_judge(struct call *c, const struct shape *shape, const void *in)
{
    struct judging j = {.call = c};
    struct buf whole;
    struct bytes found, sentence;

    judge_rows(&j, NULL, shape->rows, in);
    if (j.found == 0)
        return OK;
    TRY(buf_done(&j.words, &found));
    whole = buf_open(c->arena, found.n + 64);
    buf_add_int(&whole, (int64_t)j.found);
    buf_add(&whole, j.found == 1 ? LIT(" validation error detected: ")
                                 : LIT(" validation errors detected: "));
    buf_add(&whole, found);
    TRY(buf_done(&whole, &sentence));
    return why_said(c, WIRE_BOUNDS, sentence);
}
