/* Switch an access key off or on. */
#include "core/identity/operations.h"
#include "core/resource.h"

FAULT(ACCESS_KEY_STATUS, FAULT_CALLER, "access_key.status",
      "The status of an access key is Active or Inactive.");

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct access_key_in *in = in_;
    struct access_key *key;

    (void)out;
    ENSURE(bytes_same(in->status, LIT("Active")) || bytes_same(in->status, LIT("Inactive")),
           ACCESS_KEY_STATUS);
    TRY(access_key_of(c, in, &key));
    key->active = bytes_same(in->status, LIT("Active"));
    TRY(access_key_save(c, key));
    return generation_bump(c, key->account);
}

const struct operation access_key_update = {
    .name = "access_key.update",
    .action = "iam:UpdateAccessKey",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(access_key_in, user, "userName"),
                                      AUDITED(access_key_in, id, "accessKeyId"),
                                      AUDITED(access_key_in, status, "status"),
                                      {0}},
    .locate = access_key_locate,
    .run = run,
};
