/* xml_write: XML onto a buf: elements and texts, no attributes but what the caller writes himself.
 * That names match is the caller's business. Nothing here fails: a spent buf says so in buf_done.
 *
 *     xml_put_open(&buf, LIT("User"));
 *     xml_put_element(&buf, LIT("UserName"), name);
 *     xml_put_close(&buf, LIT("User")); */
#pragma once

#include "base/buf.h"
#include "base/sensitive.h"

/* Names need no escapes: ours, literals. */
void xml_put_open(struct buf *, struct bytes name);
void xml_put_close(struct buf *, struct bytes name);

/* Escapes what has to be, a carriage return too, which a reader would make a newline of. What XML
 * cannot hold (controls, what is no UTF-8) becomes U+FFFD, so that the output is always XML. */
void xml_put_text(struct buf *, struct bytes);
/* The same for a value: the one place where hidden bytes are declassified for such a reply. */
void xml_put_hidden(struct buf *, struct sensitive_view);

/* All three at once. */
void xml_put_element(struct buf *, struct bytes name, struct bytes text);
