/* A refusal's words, filled in. */
#include "wire/sentence.h"
#include "base/buf.h"

struct bytes sentence(const struct call *c, const char *text, const struct fault *fault)
{
    struct bytes rest = bytes_of(text != NULL ? text : fault->text), piece, said;
    struct buf buf;

    if ((text == NULL || *text == '\0') && c->detail.n != 0)
        return c->detail;
    if (c->subjects.n == 0)
        return rest;
    buf = buf_open(c->arena, rest.n + 128);
    for (size_t i = 0; bytes_cut(&rest, '{', &piece); i++) {
        buf_add(&buf, piece);
        rest = bytes_after(rest, 1); /* the other brace */
        if (i < c->subjects.n)
            buf_add(&buf, c->subjects.at[i]);
    }
    buf_add(&buf, rest);
    return buf_done(&buf, &said) == OK ? said : bytes_of(text != NULL ? text : fault->text);
}
