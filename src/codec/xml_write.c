/* xml_write: the writer. */
#include "codec/xml_write.h"

#include "codec/text.h"

void xml_put_open(struct buf *buf, struct bytes name)
{
    buf_add_byte(buf, '<');
    buf_add(buf, name);
    buf_add_byte(buf, '>');
}

void xml_put_close(struct buf *buf, struct bytes name)
{
    buf_add(buf, LIT("</"));
    buf_add(buf, name);
    buf_add_byte(buf, '>');
}

static bool plain(uint8_t c)
{
    return (c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>') || c == '\t' || c == '\n';
}

static size_t plain_run(struct bytes text)
{
    size_t n = 0;

    while (n < text.n && plain(text.at[n]))
        n++;
    return n;
}

/* The two of U+FFFE and U+FFFF are characters of UTF-8 and none of XML. */
static bool is_noncharacter(struct bytes text, size_t step)
{
    return step == 3 && text.at[0] == 0xEF && text.at[1] == 0xBF && text.at[2] >= 0xBE;
}

static struct bytes entity(uint8_t c)
{
    switch (c) {
    case '&':
        return LIT("&amp;");
    case '<':
        return LIT("&lt;");
    case '>':
        return LIT("&gt;");
    case '\r':
        return LIT("&#xD;");
    default:
        return LIT("\xEF\xBF\xBD");
    }
}

/* One character that plain_run stopped at; how many bytes of the text it is. */
static size_t put_other(struct buf *buf, struct bytes text)
{
    const size_t step = text.at[0] < 0x80 ? 0 : text_utf8_step(text);

    if (step == 0) {
        buf_add(buf, entity(text.at[0]));
        return 1;
    }
    buf_add(buf, is_noncharacter(text, step) ? LIT("\xEF\xBF\xBD") : (struct bytes){text.at, step});
    return step;
}

void xml_put_text(struct buf *buf, struct bytes text)
{
    while (text.n > 0) {
        const size_t run = plain_run(text);

        buf_add(buf, (struct bytes){text.at, run});
        text = bytes_after(text, run);
        if (text.n > 0)
            text = bytes_after(text, put_other(buf, text));
    }
}

void xml_put_hidden(struct buf *buf, struct sensitive_view hidden)
{
    sensitive_declassify(hidden.at, hidden.n);
    xml_put_text(buf, (struct bytes){hidden.at, hidden.n});
}

void xml_put_element(struct buf *buf, struct bytes name, struct bytes text)
{
    xml_put_open(buf, name);
    xml_put_text(buf, text);
    xml_put_close(buf, name);
}
