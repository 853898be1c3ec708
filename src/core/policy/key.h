/* key: the condition keys that a policy may name, and whose variables it may use. One table for
 * those who write (is it known?) and those who judge (what is it in this request?).
 *
 * A key of a service that nobody here speaks is known, too: no request of ours has it, as none of
 * another service has it elsewhere. What is of our own services and not in the table is not known:
 * to take it for absent would turn a condition into a permission (SECURITY 1). */
#pragma once

#include "base/bytes.h"

/* Never numbered anew in what is stored: there keys stand by name. */
/* clang-format off */
enum policy_key_id {
    KEY_STRANGE, /* of a service that is not ours: no request has it */
    KEY_NEVER,   /* ours, of something that does not exist here (networks, organizations) */
    KEY_SOURCE_IP, KEY_SECURE_TRANSPORT, KEY_CURRENT_TIME, KEY_EPOCH_TIME, KEY_USER_AGENT,
    KEY_REQUESTED_REGION, KEY_VIA_SERVICE, KEY_CALLED_VIA, KEY_CALLED_VIA_FIRST, KEY_CALLED_VIA_LAST,
    KEY_PRINCIPAL_ARN, KEY_PRINCIPAL_ACCOUNT, KEY_PRINCIPAL_TYPE, KEY_PRINCIPAL_IS_SERVICE,
    KEY_PRINCIPAL_TAG, KEY_USERNAME, KEY_USERID, KEY_TOKEN_ISSUE_TIME, KEY_MFA_PRESENT, KEY_MFA_AGE,
    KEY_FEDERATED_PROVIDER, KEY_SOURCE_IDENTITY,
    KEY_RESOURCE_ACCOUNT, KEY_RESOURCE_TAG, KEY_REQUEST_TAG, KEY_TAG_KEYS,
    KEY_SECRET_ID, KEY_VERSION_ID, KEY_VERSION_STAGE, KEY_SECRET_NAME, KEY_SECRET_DESCRIPTION,
    KEY_SECRET_KMS_KEY, KEY_SECRET_TYPE, KEY_SECRET_FORCE_DELETE, KEY_SECRET_WINDOW,
    KEY_SECRET_BLOCK_PUBLIC, KEY_SECRET_LAMBDA, KEY_SECRET_ROTATION_RULES, KEY_SECRET_ROTATE_NOW,
    KEY_SECRET_ROTATION_ROLE, KEY_SECRET_REPLICA_REGIONS, KEY_SECRET_FORCE_REPLICA,
    KEY_SECRET_OWN_TYPE, KEY_SECRET_OWN_LAMBDA, KEY_SECRET_PRIMARY_REGION,
    KEY_STS_EXTERNAL_ID, KEY_STS_SESSION_NAME, KEY_STS_SOURCE_IDENTITY, KEY_STS_TRANSITIVE_KEYS,
    KEY_STS_DURATION,
    KEY_COUNT
};
/* clang-format on */

/* As a policy names it. */
struct policy_key {
    enum policy_key_id id;
    bool many;           /* may have more than one value: not for a variable */
    struct bytes name;   /* as it was written; upper and lower case are the same */
    struct bytes suffix; /* of "aws:ResourceTag/team": "team" */
};

enum policy_key_standing {
    KEY_KNOWN,
    KEY_UNKNOWN /* of ours, and not in the table */,
    KEY_ILL_FORMED
};

enum policy_key_standing policy_key_of(struct bytes name, struct policy_key *);

/* Of the thing that is asked for: not to be told before it was looked for. */
bool policy_key_of_thing(enum policy_key_id);
