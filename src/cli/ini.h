/* ini: the files ~/.aws/config and ~/.aws/credentials, as far as they concern us: [sections], name
 * = value, and values of indented lines below a name. Comments begin a line with # or ;. */
#pragma once

#include "base/bytes.h"

struct ini_name {
    struct bytes section; /* what stands between the brackets */
    struct bytes above;   /* the name over the indented lines; empty: none */
    struct bytes name;    /* empty: is there such a section? */
};

/* The value (a slice of the text, trimmed) of the last line that fits; false: there is none. Names
 * are told apart by case, as the AWS CLI's are not always; sections too. */
bool ini_find(struct bytes text, const struct ini_name *, struct bytes *value);
