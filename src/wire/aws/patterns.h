/* patterns: the alphabets of AWS's texts, said as their models say them: clients see the words of a
 * regular expression, the check beside them is code. */
#pragma once

#include "wire/protocol.h"

/* Lengths are not theirs but the member's row's. A pattern's `said` is the model's own expression,
 * to the letter, since refusals quote it; tests/model compares the two. */
extern const struct pattern pattern_region, pattern_token, pattern_filter_value,
    pattern_policy_name, pattern_hours, pattern_schedule, pattern_word, pattern_word_some,
    pattern_device, pattern_digits, pattern_iam_name, pattern_iam_path, pattern_path_prefix,
    pattern_marker, pattern_document, pattern_tag_key, pattern_tag_value, pattern_session_name,
    pattern_arn, pattern_description, pattern_external_id;
