/* walk: finding one's way in a reply's JSON, whose form is known. What is found is a slice of the
 * JSON as it stands; what is odd is taken for absent. */
#pragma once

#include "base/sensitive.h"
#include "codec/json.h"

struct walk {
    struct json json;
    bool there; /* not yet at the end */
};

/* Of an object or array; of anything else, or of none: there is nothing in it. */
struct walk walk_open(struct bytes whole);
bool walk_element(struct walk *, struct bytes *element); /* of an array, the next one */
bool walk_member(struct walk *, struct json_text *, struct bytes *value); /* of an object */

/* The value of one member of an object. */
bool walk_find(struct bytes object, struct bytes name, struct bytes *value);
/* The elements of a member that is an array; empty when it is not there. */
struct walk walk_list(struct bytes object, struct bytes name);

/* A value as text: unescaped when it is one, in the arena; else as it stands; null is "". */
struct bytes walk_text(struct arena *, struct bytes value);
struct bytes walk_name(struct arena *, struct json_text);
/* The same of a member; empty when it is not there. */
struct bytes walk_find_text(struct arena *, struct bytes object, struct bytes name);

/* A member that is a text and a secret: it is unescaped where it stands, in the memory of the
 * whole, which is the caller's to write to; the object is used no further. False: no such text. */
bool walk_hidden(struct bytes object, struct bytes name, struct sensitive_view *out);
