/* ini: one pass over the lines. */
#include "cli/ini.h"

#include "codec/text.h"

struct walk {
    const struct ini_name *wanted;
    struct bytes above; /* the last name that was not indented */
    bool inside;        /* the wanted section */
    bool found;
    struct bytes value;
};

static struct bytes unquoted(struct bytes name)
{
    if (name.n >= 2 && name.at[0] == '"' && name.at[name.n - 1] == '"')
        return (struct bytes){name.at + 1, name.n - 2};
    return name;
}

/* [profile "my own"] is the section that [profile my own] is. */
static bool names_section(struct bytes line, struct bytes wanted)
{
    struct bytes kind = {0}, rest = text_trim((struct bytes){line.at + 1, line.n - 2});
    struct bytes wanted_kind;

    if (bytes_same(unquoted(rest), wanted))
        return true;
    return bytes_cut(&rest, ' ', &kind) && bytes_cut(&wanted, ' ', &wanted_kind) &&
           bytes_same(kind, wanted_kind) && bytes_same(unquoted(text_trim(rest)), wanted);
}

static void take_pair(struct walk *walk, struct bytes line, bool indented)
{
    struct bytes name;

    if (!bytes_cut(&line, '=', &name))
        return;
    name = text_trim(name);
    if (!indented)
        walk->above = name;
    if (!walk->inside || !bytes_same(name, walk->wanted->name))
        return;
    if (indented ? bytes_same(walk->above, walk->wanted->above) : walk->wanted->above.n == 0) {
        walk->value = text_trim(line);
        walk->found = true;
    }
}

static void take_line(struct walk *walk, struct bytes line)
{
    const bool indented = line.n > 0 && (line.at[0] == ' ' || line.at[0] == '\t');

    if (line.n > 0 && line.at[line.n - 1] == '\r')
        line.n--;
    line = text_trim(line);
    if (line.n == 0 || line.at[0] == '#' || line.at[0] == ';')
        return;
    if (!indented && line.at[0] == '[' && line.at[line.n - 1] == ']') {
        walk->inside = names_section(line, walk->wanted->section);
        walk->above = (struct bytes){0};
        walk->found = walk->found || (walk->inside && walk->wanted->name.n == 0);
    } else {
        take_pair(walk, line, indented);
    }
}

bool ini_find(struct bytes text, const struct ini_name *wanted, struct bytes *value)
{
    struct walk walk = {.wanted = wanted};
    struct bytes line;

    while (bytes_cut(&text, '\n', &line))
        take_line(&walk, line);
    take_line(&walk, text);
    *value = walk.value;
    return walk.found;
}
